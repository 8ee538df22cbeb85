"""Database triggers of staff's record: nothing in it changes, nothing goes before its time, and what the
admin logs of edits stands in it as well, whatever way it was written."""

MESSAGE = "the record is append-only"
KEPT_DAYS = 730
# Looks at identities are never deleted: whoever looks leaves a record for good.
KEPT_FOR_GOOD = "identity_look"
LOOKED = "looked at the reporter's identity"

_COLUMNS = "at, kind, actor_id, address, object_kind, object_key, object_name, detail"


def _row(source: str, message_json: str) -> str:
    """One line of django_admin_log as a line of the record. The flags are Django's: 1 added, 2 changed."""
    return f"""SELECT {source}.action_time,
        CASE WHEN {source}.change_message = '{LOOKED.replace("'", "''")}' THEN '{KEPT_FOR_GOOD}'
             WHEN {source}.action_flag = 1 THEN 'added' WHEN {source}.action_flag = 2 THEN 'changed'
             ELSE 'deleted' END,
        {source}.user_id, '',
        COALESCE((SELECT kinds.app_label || '.' || kinds.model FROM django_content_type kinds
                  WHERE kinds.id = {source}.content_type_id), ''),
        COALESCE({source}.object_id, ''), {source}.object_repr, {message_json}"""  # noqa: S608 - constants of ours


def _message_json(vendor: str, source: str) -> str:
    function = "jsonb_build_object" if vendor == "postgresql" else "json_object"
    return f"{function}('message', {source}.change_message)"


def copy_sql(vendor: str) -> str:
    """What the admin logged before the record was there, into the record."""
    rows = _row("log", _message_json(vendor, "log"))
    return f"INSERT INTO city_auditevent ({_COLUMNS}) {rows} FROM django_admin_log log ORDER BY log.id"


def record_sql(vendor: str) -> list[str]:
    """Statements that make the database keep the record and copy the admin's log into it; emptying the whole
    table (TRUNCATE) stays possible."""
    insert = f"INSERT INTO city_auditevent ({_COLUMNS}) {_row('NEW', _message_json(vendor, 'NEW'))};"
    if vendor == "postgresql":
        old = f"OLD.at < now() - interval '{KEPT_DAYS} days' AND OLD.kind <> '{KEPT_FOR_GOOD}'"
        return [
            f"""CREATE OR REPLACE FUNCTION city_keep_record() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF TG_OP = 'DELETE' THEN
                    IF {old} THEN RETURN OLD; END IF;
                END IF;
                RAISE EXCEPTION '{MESSAGE}' USING ERRCODE = 'check_violation';
            END $$""",
            """CREATE TRIGGER city_record_kept BEFORE UPDATE OR DELETE ON city_auditevent
            FOR EACH ROW EXECUTE FUNCTION city_keep_record()""",
            f"""CREATE OR REPLACE FUNCTION city_record_edit() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN {insert} RETURN NULL; END $$""",
            """CREATE TRIGGER city_edits_recorded AFTER INSERT ON django_admin_log
            FOR EACH ROW EXECUTE FUNCTION city_record_edit()""",
        ]
    old = f"OLD.at < datetime('now', '-{KEPT_DAYS} days') AND OLD.kind <> '{KEPT_FOR_GOOD}'"
    return [
        f"""CREATE TRIGGER city_record_unchanged BEFORE UPDATE ON city_auditevent
        FOR EACH ROW BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END""",
        f"""CREATE TRIGGER city_record_kept BEFORE DELETE ON city_auditevent
        FOR EACH ROW WHEN NOT ({old}) BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END""",
        f"""CREATE TRIGGER city_edits_recorded AFTER INSERT ON django_admin_log
        FOR EACH ROW BEGIN {insert} END""",
    ]


BOUNDARIES_MESSAGE = "versions of boundaries are append-only"


def boundaries_sql(vendor: str) -> list[str]:
    """Statements that make the database keep what boundaries were."""
    if vendor == "postgresql":
        return [
            f"""CREATE OR REPLACE FUNCTION city_keep_boundaries() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN RAISE EXCEPTION '{BOUNDARIES_MESSAGE}' USING ERRCODE = 'check_violation'; END $$""",
            """CREATE TRIGGER city_boundaries_kept BEFORE UPDATE OR DELETE ON city_areaboundary
            FOR EACH ROW EXECUTE FUNCTION city_keep_boundaries()""",
        ]
    return [
        f"""CREATE TRIGGER city_boundaries_unchanged BEFORE UPDATE ON city_areaboundary
        FOR EACH ROW BEGIN SELECT RAISE(ABORT, '{BOUNDARIES_MESSAGE}'); END""",
        f"""CREATE TRIGGER city_boundaries_kept BEFORE DELETE ON city_areaboundary
        FOR EACH ROW BEGIN SELECT RAISE(ABORT, '{BOUNDARIES_MESSAGE}'); END""",
    ]


BOUNDARIES_DROP = {
    "postgresql": [
        "DROP TRIGGER IF EXISTS city_boundaries_kept ON city_areaboundary",
        "DROP FUNCTION IF EXISTS city_keep_boundaries",
    ],
    "sqlite": [
        "DROP TRIGGER IF EXISTS city_boundaries_unchanged",
        "DROP TRIGGER IF EXISTS city_boundaries_kept",
    ],
}

DROP = {
    "postgresql": [
        "DROP TRIGGER IF EXISTS city_edits_recorded ON django_admin_log",
        "DROP FUNCTION IF EXISTS city_record_edit",
        "DROP TRIGGER IF EXISTS city_record_kept ON city_auditevent",
        "DROP FUNCTION IF EXISTS city_keep_record",
    ],
    "sqlite": [
        "DROP TRIGGER IF EXISTS city_edits_recorded",
        "DROP TRIGGER IF EXISTS city_record_unchanged",
        "DROP TRIGGER IF EXISTS city_record_kept",
    ],
}
