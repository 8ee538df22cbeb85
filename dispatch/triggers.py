"""Database triggers that no constraint can say: what rules were is never changed, nor what was attempted."""

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

ATTEMPTS_MESSAGE = "attempts are finished once and never changed"
ATTEMPTS_KEPT_DAYS = 30  # no younger one can be deleted, whoever asks; services.attempts keeps them longer


def attempts_sql(vendor: str) -> list[str]:
    """Statements by which an attempt can be finished, once, and deleted when it is old; nothing else."""
    if vendor == "postgresql":
        return [
            f"""CREATE OR REPLACE FUNCTION dispatch_keep_attempts() RETURNS trigger
            LANGUAGE plpgsql AS $$
            BEGIN
              IF TG_OP = 'DELETE' AND OLD.started_at < now() - interval '{ATTEMPTS_KEPT_DAYS} days' THEN
                RETURN OLD;
              END IF;
              IF TG_OP = 'UPDATE' AND OLD.finished_at IS NULL AND NEW.finished_at IS NOT NULL
                AND (OLD.id, OLD.delivery_id, OLD.number, OLD.started_at)
                  = (NEW.id, NEW.delivery_id, NEW.number, NEW.started_at) THEN
                RETURN NEW;
              END IF;
              RAISE EXCEPTION '{ATTEMPTS_MESSAGE}' USING ERRCODE = 'check_violation';
            END $$""",
            """CREATE TRIGGER dispatch_attempts_kept BEFORE UPDATE OR DELETE
            ON dispatch_deliveryattempt FOR EACH ROW EXECUTE FUNCTION dispatch_keep_attempts()""",
        ]
    return [
        f"""CREATE TRIGGER dispatch_attempts_unchanged BEFORE UPDATE ON dispatch_deliveryattempt
        WHEN OLD.finished_at IS NOT NULL OR NEW.finished_at IS NULL OR OLD.id IS NOT NEW.id
          OR OLD.delivery_id IS NOT NEW.delivery_id OR OLD.number IS NOT NEW.number
          OR OLD.started_at IS NOT NEW.started_at
        BEGIN SELECT RAISE(ABORT, '{ATTEMPTS_MESSAGE}'); END""",
        f"""CREATE TRIGGER dispatch_attempts_kept BEFORE DELETE ON dispatch_deliveryattempt
        WHEN OLD.started_at >= datetime('now', '-{ATTEMPTS_KEPT_DAYS} days')
        BEGIN SELECT RAISE(ABORT, '{ATTEMPTS_MESSAGE}'); END""",
    ]


DROP_ATTEMPTS = {
    "postgresql": [
        "DROP TRIGGER IF EXISTS dispatch_attempts_kept ON dispatch_deliveryattempt",
        "DROP FUNCTION IF EXISTS dispatch_keep_attempts",
    ],
    "sqlite": [
        "DROP TRIGGER IF EXISTS dispatch_attempts_unchanged",
        "DROP TRIGGER IF EXISTS dispatch_attempts_kept",
    ],
}


TEXTS_MESSAGE = "versions of message texts are append-only"


def text_versions_sql(vendor: str) -> list[str]:
    """The same for the versions of messages' texts."""
    if vendor == "postgresql":
        return [
            f"""CREATE OR REPLACE FUNCTION dispatch_keep_text_versions() RETURNS trigger
            LANGUAGE plpgsql AS $$
            BEGIN RAISE EXCEPTION '{TEXTS_MESSAGE}' USING ERRCODE = 'check_violation'; END $$""",
            """CREATE TRIGGER dispatch_text_versions_kept BEFORE UPDATE OR DELETE
            ON dispatch_messagetextversion FOR EACH ROW EXECUTE FUNCTION dispatch_keep_text_versions()""",
        ]
    return [
        f"""CREATE TRIGGER dispatch_text_versions_unchanged BEFORE UPDATE ON dispatch_messagetextversion
        FOR EACH ROW BEGIN SELECT RAISE(ABORT, '{TEXTS_MESSAGE}'); END""",
        f"""CREATE TRIGGER dispatch_text_versions_kept BEFORE DELETE ON dispatch_messagetextversion
        FOR EACH ROW BEGIN SELECT RAISE(ABORT, '{TEXTS_MESSAGE}'); END""",
    ]


DROP_TEXTS = {
    "postgresql": [
        "DROP TRIGGER IF EXISTS dispatch_text_versions_kept ON dispatch_messagetextversion",
        "DROP FUNCTION IF EXISTS dispatch_keep_text_versions",
    ],
    "sqlite": [
        "DROP TRIGGER IF EXISTS dispatch_text_versions_unchanged",
        "DROP TRIGGER IF EXISTS dispatch_text_versions_kept",
    ],
}
