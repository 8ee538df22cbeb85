"""Finding reports by words and by contact, fast whatever the number of reports.

Words are looked up in the index that the database keeps (complaints.search_index), together with the mark of
the searcher's own reports. Few found: exactly these are read. Many found: then words are common among the
reports in question, and a page of them is soon together when the list is gone through in its own order.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection
from django.db.models import BooleanField, F, Func, QuerySet

from city import snapshot as city
from city.domain.info import AreaInfo
from complaints import search_index
from complaints.domain import codes, search_words
from complaints.domain.contact import normalise_phone
from complaints.models import Report
from complaints.selectors import by_address, may_see_identity

# What is read one by one. Of a million reports more than this are words of every hundredth at least, and a
# page of them is soon together.
_READ_AT_MOST = 8_000
_PHONE_FROM_DIGITS = 8


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found. `at_most`: no more than so many, where it is known; None: perhaps very many."""

    reports: QuerySet[Report]
    at_most: int | None


def search(
    reports: QuerySet[Report],
    text: str,
    *,
    department_id: int | None = None,
    is_open: bool = False,
    areas: Iterable[AreaInfo] | None = None,
) -> Found:
    """Those of `reports` (in their order) with all words of `text` in street, description or area's name; or
    the one whose code it is.

    `department_id`, `is_open`: what is true of all `reports` anyway; it only makes the search faster.
    `areas`: the city's, where the caller has them. Asks the database once or twice before the result is read.
    Text without a letter or digit finds nothing.
    """
    code = codes.normalise(text)
    if code and reports.filter(code=code).exists():
        return Found(reports.filter(code=code), 1)
    terms = search_words.terms(text)
    if not terms:
        return Found(reports.none(), 0)
    known = list(city.current().areas.values() if areas is None else areas)
    wanted = _expression(terms, known, search_index.marks(department_id=department_id, is_open=is_open))
    found = _ids(wanted, _READ_AT_MOST + 1)
    if len(found) <= _READ_AT_MOST:
        return Found(reports.filter(pk__in=found), len(found))
    return Found(reports.filter(_HasWords(F("pk"), wanted)), None)


def contact_meant(user, text: str) -> str | None:
    """The phone number (E.164) or e-mail address that `text` is, for roles that may see identities; else
    None: for everybody else such a text is words like any other."""
    typed = text.strip()
    if not may_see_identity(user) or codes.normalise(typed):
        return None
    if "@" in typed[1:-1] and " " not in typed:
        return typed
    digits = sum(letter.isdigit() for letter in typed)
    if digits < _PHONE_FROM_DIGITS or any(letter.isalpha() for letter in typed):
        return None
    return normalise_phone(typed)


def by_contact(reports: QuerySet[Report], address: str) -> QuerySet[Report]:
    """Those of `reports` that were filed with this address. Whoever calls it records that somebody looked."""
    return reports.filter(pk__in=list(by_address(address).values_list("pk", flat=True)))


def _expression(terms: Iterable[search_words.Term], areas: list[AreaInfo], mark: str) -> str:
    """The index's question in its database's language. Words hold letters and digits only: see `words`."""
    is_postgresql = connection.vendor == "postgresql"
    parts = []
    for term in terms:
        meant = search_words.areas_meant(term, areas)
        parts.append(_postgresql(term, meant) if is_postgresql else _sqlite(term, meant))
    if mark:
        parts.append(f"'#{mark}'" if is_postgresql else f'marks : "{mark}"')
    return " & ".join(parts) if is_postgresql else " AND ".join(parts)


def _postgresql(term: search_words.Term, area_ids: list[int]) -> str:
    either = [f"'{word}'" for word in term.writings] + [f"'#a{pk}'" for pk in area_ids]
    if term.is_open:
        either[0] += ":*"
    return f"({' | '.join(either)})"


def _sqlite(term: search_words.Term, area_ids: list[int]) -> str:
    either = [f'words : "{word}"' for word in term.writings]
    if term.is_open:
        either[0] += " *"
    either += [f'marks : "a{pk}"' for pk in area_ids]
    return f"({' OR '.join(either)})"


def _ids(wanted: str, at_most: int) -> list[int]:
    """The first reports that the index names, in no order that means anything."""
    if connection.vendor == "postgresql":
        sql = f"SELECT report_id FROM {search_index.TABLE} WHERE words @@ %s::tsquery LIMIT %s"  # noqa: S608
    else:
        name = search_index.TABLE
        sql = f"SELECT rowid FROM {name} WHERE {name} MATCH %s LIMIT %s"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(sql, [wanted, at_most])
        return [pk for (pk,) in cursor.fetchall()]


class _HasWords(Func):
    """Whether the index has these words for a report; for conditions on many reports.

    PostgreSQL looks the report's own words up, a report at a time: as a join it would first gather everything
    that matches. SQLite gathers the numbers once, which it does fast.
    """

    output_field = BooleanField()

    def __init__(self, report, wanted: str):
        self.wanted = wanted
        super().__init__(report)

    def as_postgresql(self, compiler, connection, **_context):
        sql, params = compiler.compile(self.source_expressions[0])
        lookup = f"SELECT words @@ %s::tsquery FROM {search_index.TABLE} WHERE report_id = {sql}"  # noqa: S608
        return f"({lookup})", [self.wanted, *params]

    def as_sqlite(self, compiler, connection, **_context):
        sql, params = compiler.compile(self.source_expressions[0])
        name = search_index.TABLE
        gathered = f"SELECT rowid FROM {name} WHERE {name} MATCH %s"  # noqa: S608
        return f"{sql} IN ({gathered})", [*params, self.wanted]
