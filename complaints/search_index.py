"""The words of every report, kept by the database itself: what is written to a report, by whatever way, is
found from the same transaction on, and what is erased is found no more.

PostgreSQL: a table of a tsvector each under a GIN index; SQLite: an FTS5 table without a copy of the texts.
Both hold the words of street and description, and marks of the report's place and desk: `a12` area, `d7`
department, `o` open, `od7` open there. A search asks for the mark of the searcher's own reports together with
the words, so that a common word costs an officer with fifty reports no more than a rare one. Names of areas
are not kept: a search turns them into marks, and a renamed kelurahan needs no rewriting.

A migration that makes SQLite's complaints_report anew (most ALTERs) loses the triggers: it ends with
`index_sql` of its vendor.
"""

import unicodedata

from complaints.domain.search_words import MOST_LETTERS

TABLE = "complaints_words"
# A report's row changes often, these columns seldom.
_COLUMNS = ("street", "description", "area_id", "department_id", "is_open")


def _accents() -> tuple[str, str]:
    """Latin letters with marks, and the letters without."""
    pairs = []
    for number in range(0xC0, 0x250):
        plain = unicodedata.normalize("NFD", chr(number))[0]
        if plain.isascii():
            pairs.append((chr(number), plain.lower()))
    return "".join(one for one, _plain in pairs), "".join(plain for _one, plain in pairs)


def marks(*, department_id: int | None = None, is_open: bool = False) -> str:
    """The mark that all reports of this scope bear; empty: no scope."""
    return ("o" if is_open else "") + (f"d{department_id}" if department_id else "")


def _sqlite_row(row: str) -> str:
    """Marks and words of a row, as SQL. Must always give the same for the same row: it also takes it out."""
    return f"""'a' || {row}.area_id || CASE WHEN {row}.is_open THEN ' o' ELSE '' END
        || CASE WHEN {row}.department_id IS NULL THEN '' ELSE ' d' || {row}.department_id END
        || CASE WHEN {row}.is_open AND {row}.department_id IS NOT NULL
           THEN ' od' || {row}.department_id ELSE '' END,
        {row}.street || ' ' || {row}.description"""


def _changed(vendor: str) -> str:
    differs = "IS DISTINCT FROM" if vendor == "postgresql" else "IS NOT"
    return " OR ".join(f"OLD.{name} {differs} NEW.{name}" for name in _COLUMNS)


def table_sql(vendor: str) -> list[str]:
    """Statements that make the empty index, if it is not there."""
    if vendor == "postgresql":
        return [
            f"CREATE TABLE IF NOT EXISTS {TABLE} (report_id bigint PRIMARY KEY, words tsvector NOT NULL)",
            f"CREATE INDEX IF NOT EXISTS complaints_words_gin ON {TABLE} USING gin (words)",
        ]
    return [
        f"""CREATE VIRTUAL TABLE IF NOT EXISTS {TABLE} USING fts5(marks, words, content='', columnsize=0,
        detail=column, prefix='3 4 5', tokenize="unicode61 remove_diacritics 2")"""
    ]


def index_sql(vendor: str) -> list[str]:
    """Statements that make the database keep the index; they replace older ones."""
    return _postgresql() if vendor == "postgresql" else _sqlite()


def _postgresql() -> list[str]:
    columns, of_new = ", ".join(_COLUMNS), ", ".join(f"NEW.{name}" for name in _COLUMNS)
    accented, plain = _accents()
    return [  # no text from outside stands in these statements
        f"""CREATE OR REPLACE FUNCTION complaints_words_of(
            street text, description text, area bigint, department bigint, is_open boolean
        ) RETURNS tsvector LANGUAGE sql IMMUTABLE AS $$
            SELECT array_to_tsvector(string_to_array(trim(regexp_replace(regexp_replace(
                lower(CASE WHEN octet_length(street || description) = length(street || description)
                    THEN street || ' ' || description  -- no marked letter: ten times as fast
                    ELSE translate(regexp_replace(street || ' ' || description, '[\\u0300-\\u036f]', '', 'g'),
                        '{accented}', '{plain}') END), '[^[:alnum:]]+', ' ', 'g'),
                '([[:alnum:]]{{{MOST_LETTERS}}})[[:alnum:]]+', '\\1', 'g')), ' '
            ) || ('#a' || area) || CASE WHEN is_open THEN ARRAY['#o'] ELSE ARRAY[]::text[] END
              || CASE WHEN department IS NULL THEN ARRAY[]::text[]
                      WHEN is_open THEN ARRAY['#d' || department, '#od' || department]
                      ELSE ARRAY['#d' || department] END)
        $$""",
        f"""CREATE OR REPLACE FUNCTION complaints_keep_words() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'DELETE' THEN
                DELETE FROM {TABLE} WHERE report_id = OLD.id;
            ELSIF TG_OP = 'TRUNCATE' THEN
                TRUNCATE {TABLE};
            ELSE
                INSERT INTO {TABLE} VALUES (NEW.id, complaints_words_of({of_new}))
                ON CONFLICT (report_id) DO UPDATE SET words = EXCLUDED.words;
            END IF;
            RETURN NULL;
        END $$""",  # noqa: S608
        *(f"DROP TRIGGER IF EXISTS complaints_words_{name} ON complaints_report" for name in _TRIGGERS),
        """CREATE TRIGGER complaints_words_new AFTER INSERT ON complaints_report
        FOR EACH ROW EXECUTE FUNCTION complaints_keep_words()""",
        f"""CREATE TRIGGER complaints_words_changed AFTER UPDATE OF {columns} ON complaints_report
        FOR EACH ROW WHEN ({_changed("postgresql")}) EXECUTE FUNCTION complaints_keep_words()""",
        """CREATE TRIGGER complaints_words_gone AFTER DELETE ON complaints_report
        FOR EACH ROW EXECUTE FUNCTION complaints_keep_words()""",
        """CREATE TRIGGER complaints_words_emptied AFTER TRUNCATE ON complaints_report
        FOR EACH STATEMENT EXECUTE FUNCTION complaints_keep_words()""",
    ]


_TRIGGERS = ("new", "changed", "gone", "emptied")


def _sqlite() -> list[str]:
    put_in = f"INSERT INTO {TABLE}(rowid, marks, words) SELECT NEW.id, {_sqlite_row('NEW')};"
    take_out = f"""INSERT INTO {TABLE}({TABLE}, rowid, marks, words)
        SELECT 'delete', OLD.id, {_sqlite_row("OLD")};"""
    return [
        *(f"DROP TRIGGER IF EXISTS complaints_words_{name}" for name in _TRIGGERS),
        f"""CREATE TRIGGER complaints_words_new AFTER INSERT ON complaints_report
        FOR EACH ROW BEGIN {put_in} END""",
        f"""CREATE TRIGGER complaints_words_changed AFTER UPDATE OF {", ".join(_COLUMNS)} ON complaints_report
        FOR EACH ROW WHEN {_changed("sqlite")} BEGIN {take_out} {put_in} END""",
        f"""CREATE TRIGGER complaints_words_gone AFTER DELETE ON complaints_report
        FOR EACH ROW BEGIN {take_out} END""",
    ]


def drop_sql(vendor: str) -> list[str]:
    if vendor != "postgresql":
        return [
            *(f"DROP TRIGGER IF EXISTS complaints_words_{name}" for name in _TRIGGERS),
            f"DROP TABLE IF EXISTS {TABLE}",
        ]
    return [
        *(f"DROP TRIGGER IF EXISTS complaints_words_{name} ON complaints_report" for name in _TRIGGERS),
        "DROP FUNCTION IF EXISTS complaints_keep_words",
        "DROP FUNCTION IF EXISTS complaints_words_of",
        f"DROP TABLE IF EXISTS {TABLE}",
    ]


def fill_sql(vendor: str) -> str:
    """A statement that puts in the reports with ids above the first and up to the second parameter. On SQLite
    they must not be in yet; on PostgreSQL those that are in stay as they are."""
    if vendor == "postgresql":
        columns = ", ".join(_COLUMNS)
        return f"""INSERT INTO {TABLE} SELECT id, complaints_words_of({columns}) FROM complaints_report
            WHERE id > %s AND id <= %s ON CONFLICT (report_id) DO NOTHING"""  # noqa: S608
    row = _sqlite_row("complaints_report")
    return f"""INSERT INTO {TABLE}(rowid, marks, words) SELECT id, {row} FROM complaints_report
        WHERE id > %s AND id <= %s"""  # noqa: S608


def fill(connection, batch: int = 20_000) -> None:
    """Put in all reports, a batch a statement; a transaction each on PostgreSQL, unless one is open."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(id) FROM complaints_report")
        last = cursor.fetchone()[0] or 0
        for start in range(0, last, batch):
            cursor.execute(fill_sql(connection.vendor), [start, start + batch])
