"""Database triggers that a constraint cannot say: what rules were is never changed."""

MESSAGE = "versions of rules are append-only"


def rule_versions_sql(vendor: str) -> list[str]:
    """Statements that make the database refuse to change or delete a recorded version of a rule, row by
    row; emptying the whole table (TRUNCATE) stays possible."""
    if vendor == "postgresql":
        return [
            f"""CREATE OR REPLACE FUNCTION dispatch_keep_rule_versions() RETURNS trigger
            LANGUAGE plpgsql AS $$
            BEGIN RAISE EXCEPTION '{MESSAGE}' USING ERRCODE = 'check_violation'; END $$""",
            """CREATE TRIGGER dispatch_rule_versions_kept BEFORE UPDATE OR DELETE
            ON dispatch_routingruleversion FOR EACH ROW EXECUTE FUNCTION dispatch_keep_rule_versions()""",
        ]
    return [
        f"""CREATE TRIGGER dispatch_rule_versions_unchanged BEFORE UPDATE ON dispatch_routingruleversion
        FOR EACH ROW BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END""",
        f"""CREATE TRIGGER dispatch_rule_versions_kept BEFORE DELETE ON dispatch_routingruleversion
        FOR EACH ROW BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END""",
    ]


DROP = {
    "postgresql": [
        "DROP TRIGGER IF EXISTS dispatch_rule_versions_kept ON dispatch_routingruleversion",
        "DROP FUNCTION IF EXISTS dispatch_keep_rule_versions",
    ],
    "sqlite": [
        "DROP TRIGGER IF EXISTS dispatch_rule_versions_unchanged",
        "DROP TRIGGER IF EXISTS dispatch_rule_versions_kept",
    ],
}
