"""Database triggers for two invariants that a check constraint cannot say: the workflow table and the
append-only timeline. Migrations call `workflow_sql` with a literal copy of the table."""

from collections.abc import Iterable, Mapping


def workflow_sql(vendor: str, transitions: Mapping[str, Iterable[str]]) -> list[str]:
    """Statements that make the database refuse a status change outside `transitions`; replaces older ones."""
    pairs = " OR ".join(
        f"(OLD.status = '{status}' AND NEW.status IN ({', '.join(repr(to) for to in sorted(following))}))"
        for status, following in sorted(transitions.items())
        if following
    )
    message = "status change outside the workflow table"
    if vendor == "postgresql":
        return [
            f"""CREATE OR REPLACE FUNCTION complaints_check_workflow() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF NOT ({pairs}) THEN
                    RAISE EXCEPTION '{message}: % -> %', OLD.status, NEW.status
                        USING ERRCODE = 'check_violation';
                END IF;
                RETURN NEW;
            END $$""",
            "DROP TRIGGER IF EXISTS complaints_workflow ON complaints_report",
            """CREATE TRIGGER complaints_workflow BEFORE UPDATE OF status ON complaints_report FOR EACH ROW
            WHEN (OLD.status IS DISTINCT FROM NEW.status) EXECUTE FUNCTION complaints_check_workflow()""",
        ]
    return [
        "DROP TRIGGER IF EXISTS complaints_workflow",
        f"""CREATE TRIGGER complaints_workflow BEFORE UPDATE OF status ON complaints_report FOR EACH ROW
        WHEN OLD.status <> NEW.status AND NOT ({pairs})
        BEGIN SELECT RAISE(ABORT, '{message}'); END""",
    ]


def timeline_sql(vendor: str) -> list[str]:
    """Statements that make the database refuse to change an event, or to delete one whose report stands.

    Deleting is refused row by row; emptying whole tables (TRUNCATE, or the report first) stays possible.
    """
    message = "the timeline is append-only"
    if vendor == "postgresql":
        return [
            f"""CREATE OR REPLACE FUNCTION complaints_keep_events() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN RAISE EXCEPTION '{message}' USING ERRCODE = 'check_violation'; END $$""",
            """CREATE TRIGGER complaints_events_kept BEFORE UPDATE OR DELETE ON complaints_event
            FOR EACH ROW EXECUTE FUNCTION complaints_keep_events()""",
        ]
    return [
        f"""CREATE TRIGGER complaints_events_unchanged BEFORE UPDATE ON complaints_event FOR EACH ROW
        BEGIN SELECT RAISE(ABORT, '{message}'); END""",
        f"""CREATE TRIGGER complaints_events_kept BEFORE DELETE ON complaints_event FOR EACH ROW
        BEGIN SELECT RAISE(ABORT, '{message}'); END""",
    ]


DROP = {
    "postgresql": [
        "DROP TRIGGER IF EXISTS complaints_workflow ON complaints_report",
        "DROP FUNCTION IF EXISTS complaints_check_workflow",
        "DROP TRIGGER IF EXISTS complaints_events_kept ON complaints_event",
        "DROP FUNCTION IF EXISTS complaints_keep_events",
    ],
    "sqlite": [
        "DROP TRIGGER IF EXISTS complaints_workflow",
        "DROP TRIGGER IF EXISTS complaints_events_unchanged",
        "DROP TRIGGER IF EXISTS complaints_events_kept",
    ],
}
