"""Database triggers for two invariants that a check constraint cannot say: the workflow table and the
append-only timeline. Migrations call `workflow_sql` with a literal copy of the table."""

from collections.abc import Iterable, Mapping

# A step is taken back: there is a record of it, for this version of the report, and the step itself.
_IS_TAKEN_BACK = """EXISTS (SELECT 1 FROM complaints_takenback back JOIN complaints_event step
                ON step.id = back.event_id
                WHERE back.report_id = NEW.id AND back.version = NEW.version
                AND step.from_status = NEW.status AND step.to_status = OLD.status)"""


def workflow_sql(
    vendor: str, transitions: Mapping[str, Iterable[str]], *, may_take_back: bool = False
) -> list[str]:
    """Statements that make the database refuse a status change outside `transitions`; replaces older ones.

    `may_take_back`: save for the way back of a step that is recorded as taken back (complaints_takenback).
    """
    pairs = " OR ".join(
        f"(OLD.status = '{status}' AND NEW.status IN ({', '.join(repr(to) for to in sorted(following))}))"
        for status, following in sorted(transitions.items())
        if following
    )
    if may_take_back:
        pairs = f"{pairs} OR {_IS_TAKEN_BACK}"
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


# Whose words may be blanked: those of people who may ask for it. Staff answer for what they wrote.
_MAY_BE_FORGOTTEN = ("reporter", "citizen")


def timeline_sql(vendor: str, columns: Iterable[str] = ()) -> list[str]:
    """Statements that make the database refuse to change an event, or to delete one whose report stands;
    they replace older ones.

    With `columns` (all of the table's but `text`) one thing is let through: blanking the `text` of a
    citizen's event while every other column stays (the right to erasure, UU PDP 27/2022). Deleting is
    refused row by row; emptying whole tables (TRUNCATE, or the report first) stays possible.
    """
    columns, message = sorted(columns), "the timeline is append-only"
    who = ", ".join(repr(kind) for kind in _MAY_BE_FORGOTTEN)
    same = " AND ".join(f"NEW.{name} IS NOT DISTINCT FROM OLD.{name}" for name in columns)
    forgets = f"OLD.actor_kind IN ({who}) AND NEW.text = '' AND {same}" if columns else "FALSE"
    if vendor == "postgresql":
        return [
            f"""CREATE OR REPLACE FUNCTION complaints_keep_events() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF TG_OP = 'UPDATE' THEN
                    IF {forgets} THEN RETURN NEW; END IF;
                END IF;
                RAISE EXCEPTION '{message}' USING ERRCODE = 'check_violation';
            END $$""",
            "DROP TRIGGER IF EXISTS complaints_events_kept ON complaints_event",
            """CREATE TRIGGER complaints_events_kept BEFORE UPDATE OR DELETE ON complaints_event
            FOR EACH ROW EXECUTE FUNCTION complaints_keep_events()""",
        ]
    forgets = forgets.replace("IS NOT DISTINCT FROM", "IS").replace("FALSE", "0")
    return [
        "DROP TRIGGER IF EXISTS complaints_events_unchanged",
        "DROP TRIGGER IF EXISTS complaints_events_kept",
        f"""CREATE TRIGGER complaints_events_unchanged BEFORE UPDATE ON complaints_event FOR EACH ROW
        WHEN NOT ({forgets})
        BEGIN SELECT RAISE(ABORT, '{message}'); END""",
        f"""CREATE TRIGGER complaints_events_kept BEFORE DELETE ON complaints_event FOR EACH ROW
        BEGIN SELECT RAISE(ABORT, '{message}'); END""",
    ]


# What may be written to a merge that exists: its end, once.
_MERGE_KEPT = ("id", "report_id", "primary_id", "at", "by_id", "is_automatic", "why")


def incident_sql(vendor: str) -> list[str]:
    """Statements that make the database refuse a chain of merges (a primary that is merged itself), and any
    change of a recorded merge but its end; they replace older ones."""
    chain, record = "a primary report is never merged itself", "merges are recorded for ever"
    is_chain = """NEW.merged_into_id IS NOT NULL AND (
            EXISTS (SELECT 1 FROM complaints_report
                    WHERE id = NEW.merged_into_id AND merged_into_id IS NOT NULL)
            OR EXISTS (SELECT 1 FROM complaints_report WHERE merged_into_id = NEW.id))"""
    same = " AND ".join(f"NEW.{name} IS NOT DISTINCT FROM OLD.{name}" for name in _MERGE_KEPT)
    if vendor == "postgresql":
        return [
            f"""CREATE OR REPLACE FUNCTION complaints_check_incident() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF {is_chain} THEN RAISE EXCEPTION '{chain}' USING ERRCODE = 'check_violation'; END IF;
                RETURN NEW;
            END $$""",
            "DROP TRIGGER IF EXISTS complaints_incident_flat ON complaints_report",
            """CREATE TRIGGER complaints_incident_flat BEFORE UPDATE OF merged_into_id ON complaints_report
            FOR EACH ROW EXECUTE FUNCTION complaints_check_incident()""",
            f"""CREATE OR REPLACE FUNCTION complaints_keep_merges() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF TG_OP = 'UPDATE' THEN
                    IF OLD.undone_at IS NULL AND {same} THEN RETURN NEW; END IF;
                END IF;
                RAISE EXCEPTION '{record}' USING ERRCODE = 'check_violation';
            END $$""",
            "DROP TRIGGER IF EXISTS complaints_merges_kept ON complaints_merge",
            """CREATE TRIGGER complaints_merges_kept BEFORE UPDATE OR DELETE ON complaints_merge
            FOR EACH ROW EXECUTE FUNCTION complaints_keep_merges()""",
        ]
    return [
        "DROP TRIGGER IF EXISTS complaints_incident_flat",
        f"""CREATE TRIGGER complaints_incident_flat BEFORE UPDATE OF merged_into_id ON complaints_report
        FOR EACH ROW WHEN {is_chain}
        BEGIN SELECT RAISE(ABORT, '{chain}'); END""",
        "DROP TRIGGER IF EXISTS complaints_merges_unchanged",
        f"""CREATE TRIGGER complaints_merges_unchanged BEFORE UPDATE ON complaints_merge FOR EACH ROW
        WHEN NOT (OLD.undone_at IS NULL AND {same.replace("IS NOT DISTINCT FROM", "IS")})
        BEGIN SELECT RAISE(ABORT, '{record}'); END""",
        "DROP TRIGGER IF EXISTS complaints_merges_kept",
        f"""CREATE TRIGGER complaints_merges_kept BEFORE DELETE ON complaints_merge FOR EACH ROW
        BEGIN SELECT RAISE(ABORT, '{record}'); END""",
    ]


def taken_back_sql(vendor: str) -> list[str]:
    """Statements that make the database refuse to change or delete the record of a step taken back."""
    message = "steps taken back are recorded for ever"
    if vendor == "postgresql":
        return [
            f"""CREATE OR REPLACE FUNCTION complaints_keep_taken_back() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN RAISE EXCEPTION '{message}' USING ERRCODE = 'check_violation'; END $$""",
            "DROP TRIGGER IF EXISTS complaints_taken_back_kept ON complaints_takenback",
            """CREATE TRIGGER complaints_taken_back_kept BEFORE UPDATE OR DELETE ON complaints_takenback
            FOR EACH ROW EXECUTE FUNCTION complaints_keep_taken_back()""",
        ]
    return [
        "DROP TRIGGER IF EXISTS complaints_taken_back_unchanged",
        f"""CREATE TRIGGER complaints_taken_back_unchanged BEFORE UPDATE ON complaints_takenback
        FOR EACH ROW BEGIN SELECT RAISE(ABORT, '{message}'); END""",
        "DROP TRIGGER IF EXISTS complaints_taken_back_kept",
        f"""CREATE TRIGGER complaints_taken_back_kept BEFORE DELETE ON complaints_takenback
        FOR EACH ROW BEGIN SELECT RAISE(ABORT, '{message}'); END""",
    ]


DROP_TAKEN_BACK = {
    "postgresql": [
        "DROP TRIGGER IF EXISTS complaints_taken_back_kept ON complaints_takenback",
        "DROP FUNCTION IF EXISTS complaints_keep_taken_back",
    ],
    "sqlite": [
        "DROP TRIGGER IF EXISTS complaints_taken_back_unchanged",
        "DROP TRIGGER IF EXISTS complaints_taken_back_kept",
    ],
}
DROP_INCIDENT = {
    "postgresql": [
        "DROP TRIGGER IF EXISTS complaints_incident_flat ON complaints_report",
        "DROP FUNCTION IF EXISTS complaints_check_incident",
        "DROP TRIGGER IF EXISTS complaints_merges_kept ON complaints_merge",
        "DROP FUNCTION IF EXISTS complaints_keep_merges",
    ],
    "sqlite": [
        "DROP TRIGGER IF EXISTS complaints_incident_flat",
        "DROP TRIGGER IF EXISTS complaints_merges_unchanged",
        "DROP TRIGGER IF EXISTS complaints_merges_kept",
    ],
}
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
