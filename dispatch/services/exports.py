"""Exports of the list: sent while they are made, or made by a worker into a file for one person.

The reports are those of the moment when it was asked for; what left the person's sight until their row is
written is left out. A worker that dies leaves a lease that runs out, and the next begins the file anew.
"""

import csv
import logging
import tempfile
import uuid
import zlib
from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.core.files import File
from django.db import InterfaceError, OperationalError, transaction
from django.db.models import F, Q
from django.utils import timezone, translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from city.services import audit
from complaints import errors, selectors
from dispatch.domain import export
from dispatch.models import Export
from dispatch.services import export_rows

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=120)  # longer than any chunk, and than putting the file away
ATTEMPTS = 5
_SWEEP_AT_ONCE = 200
State = Export.State
_TOO_MANY = _("At most %(count)s reports fit into one file. Narrow the filter.")
_NONE = _("No report matches this filter, so there is nothing to export.")


@transaction.atomic
def ask(
    user,
    ids: Sequence[int],
    *,
    format: str,
    columns: Sequence[str],
    query: str,
    address: str,
    language: str,
    now: datetime,
) -> Export:
    """Write down that somebody exports these reports, in the record too; whether it is sent at once or made
    by a worker is `is_sent_at_once`. Raises InvalidReport (`reports`: none or too many)."""
    if not ids:
        raise errors.InvalidReport({"reports": ("none", _NONE)})
    if len(ids) > export.AT_MOST:
        raise errors.InvalidReport({"reports": ("too_many", _TOO_MANY % {"count": export.AT_MOST})})
    columns = export.wanted(columns, may_see_identity=selectors.may_see_identity(user))
    made = Export.objects.create(
        by=user,
        created_at=now,
        language=language,
        format=format,
        columns=columns,
        query=query[:2000],
        ids=packed(ids),
        total=len(ids),
    )
    named = [name for name in export.IDENTITY if name in columns]
    detail = {"reports": len(ids), "format": format, "filters": query[:500]}
    audit.record(
        audit.Kind.EXPORT,
        now=now,
        actor=user,
        address=address,
        object_kind="complaints.report",
        object_name=gettext("Reports"),
        detail=detail | ({"identity": named} if named else {}),
    )
    return made


def is_sent_at_once(made: Export) -> bool:
    return made.format == Export.Format.CSV and made.total <= export.IN_REQUEST


def packed(ids: Sequence[int]) -> bytes:
    return zlib.compress(array("q", ids).tobytes(), 1)


def unpacked(data: bytes) -> array:
    ids = array("q")
    ids.frombytes(zlib.decompress(bytes(data)))
    return ids


class _Echo:
    def write(self, text: str) -> str:
        return text


def csv_lines(made: Export, user) -> Iterator[str]:
    """The file, line by line, in the export's language; each chunk reads for itself, so that no long query
    holds a connection while somebody downloads."""
    writer = csv.writer(_Echo())
    with translation.override(made.language):
        heading = export_rows.headings(made.columns)
    yield "\ufeff" + writer.writerow([export.harmless(cell) for cell in heading])
    chunks = export_rows.rows(user, unpacked(made.ids), made.columns)
    while True:
        with translation.override(made.language):
            chunk = next(chunks, None)
        if chunk is None:
            return
        yield "".join(writer.writerow([export.harmless(cell) for cell in row]) for row in chunk)


def sent(made: Export, *, now: datetime) -> None:
    """It went out while it was made: no file is kept."""
    Export.objects.filter(pk=made.pk).update(
        state=State.EXPIRED, done=made.total, ids=b"", finished_at=now, expires_at=now
    )


# --- By a worker ----------------------------------------------------------------------------------------


def drain(*, clock: Callable[[], datetime] = timezone.now) -> int:
    """Make one file that waits, if there is one; returns how many. Safe to run in parallel."""
    now = clock()
    free = Q(lease_until=None) | Q(lease_until__lte=now)
    waiting = Export.objects.filter(free, state__in=(State.QUEUED, State.RUNNING)).order_by(
        "created_at", "pk"
    )
    found = waiting.values_list("pk", flat=True).first()
    if found is None:
        return 0
    token = uuid.uuid4()
    changes = {"lease_token": token, "lease_until": now + LEASE, "state": State.RUNNING, "done": 0}
    if not waiting.filter(pk=found).update(**changes, attempts=F("attempts") + 1):
        return 0
    _work(Export.objects.select_related("by").get(pk=found), clock)
    return 1


def _work(made: Export, clock) -> None:
    try:
        if made.attempts > ATTEMPTS:
            raise RuntimeError("the worker was lost with this export each time")
        with tempfile.TemporaryDirectory(prefix="export-") as folder:
            path = Path(folder, f"{uuid.uuid4().hex}.{made.format}")
            write = _write_csv if made.format == Export.Format.CSV else _write_xlsx
            if not write(made, path, clock):
                return
            _keep(made, path, clock())
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        log.exception("export %s could not be made", made.pk)
        _update_mine(made, state=State.FAILED, ids=b"", finished_at=clock(), lease_token=None)


def _keep(made: Export, path: Path, now: datetime) -> None:
    """Put the file away, unless somebody else has the export by now."""
    with path.open("rb") as file, transaction.atomic():
        mine = Export.objects.select_for_update().filter(pk=made.pk, lease_token=made.lease_token).first()
        if mine is None:
            return
        mine.file.save(path.name, File(file), save=False)
        mine.state, mine.size_bytes, mine.ids = State.DONE, path.stat().st_size, b""
        mine.finished_at, mine.expires_at = now, now + export.KEPT
        mine.lease_token = mine.lease_until = None
        mine.save()


def _update_mine(made: Export, **changes: Any) -> bool:
    mine = Export.objects.filter(pk=made.pk, lease_token=made.lease_token)
    return mine.update(**changes) == 1


def _chunks(made: Export, clock) -> Iterator[list[list[Any]]]:
    """The rows, with progress; ends early where the lease is lost."""
    done = 0
    for chunk in export_rows.rows(made.by, unpacked(made.ids), made.columns):
        yield chunk
        done += export_rows.CHUNK
        if not _update_mine(made, done=min(done, made.total), lease_until=clock() + LEASE):
            raise _Lost


class _Lost(Exception):
    """Another worker has the export."""


def _write_csv(made: Export, path: Path, clock) -> bool:
    with translation.override(made.language), path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([export.harmless(cell) for cell in export_rows.headings(made.columns)])
        try:
            for chunk in _chunks(made, clock):
                writer.writerows([export.harmless(cell) for cell in row] for row in chunk)
        except _Lost:
            return False
    return True


def _write_xlsx(made: Export, path: Path, clock) -> bool:
    import xlsxwriter

    # Row after row goes to disk; texts are texts: neither formulas nor links are made of them.
    options = {"constant_memory": True, "tmpdir": str(path.parent)}
    options |= {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with translation.override(made.language), xlsxwriter.Workbook(str(path), options) as book:
        bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        sheet = book.add_worksheet(gettext("Reports")[:31])
        sheet.freeze_panes(1, 1)
        sheet.set_column(0, len(made.columns) - 1, 18)
        sheet.write_row(0, 0, export_rows.headings(made.columns), bold)
        row_number = 1
        try:
            for chunk in _chunks(made, clock):
                for row in chunk:
                    _write_row(sheet, row_number, row)
                    row_number += 1
        except _Lost:
            return False
        _write_dictionary(book, made, bold)
    return True


def _write_row(sheet, number: int, row: Sequence[Any]) -> None:
    for column, cell in enumerate(row):
        if isinstance(cell, str):
            if cell:
                sheet.write_string(number, column, cell[:32_767])  # what a cell holds
        else:
            sheet.write_number(number, column, cell)


def _write_dictionary(book, made: Export, bold) -> None:
    sheet = book.add_worksheet(gettext("Data dictionary")[:31])
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 1, 80)
    sheet.write_row(0, 0, [gettext("Column"), gettext("What it holds")], bold)
    for number, name in enumerate(made.columns, start=1):
        sheet.write_row(number, 0, [str(text) for text in export_rows.HEADINGS[name]])
    facts: Mapping[str, str] = {
        gettext("Made"): timezone.localtime(made.created_at).isoformat(timespec="seconds"),
        gettext("Reports"): str(made.total),
        gettext("Filter"): made.query or "–",
    }
    for number, (name, value) in enumerate(facts.items(), start=len(made.columns) + 2):
        sheet.write_string(number, 0, name)
        sheet.write_string(number, 1, value)


def sweep(*, now: datetime) -> int:
    """Delete the files whose time is over; returns how many. The row goes last, so that a worker that dies
    in between leaves nothing behind."""
    old = Export.objects.filter(state=State.DONE, expires_at__lte=now)
    count = 0
    for made in old.order_by("expires_at")[:_SWEEP_AT_ONCE]:
        made.file.delete(save=False)
        Export.objects.filter(pk=made.pk).update(state=State.EXPIRED, file="")
        count += 1
    return count


def of_person(user):
    """A person's own exports; nobody else ever gets at them."""
    return Export.objects.filter(by=user).defer("ids")


def downloadable(user, export_id: int, *, now: datetime) -> Export | None:
    """The person's own finished export while it is kept. Whoever may not see identities any more gets no
    file that holds them."""
    made = of_person(user).filter(pk=export_id, state=State.DONE, expires_at__gt=now).first()
    if made and set(made.columns) & set(export.IDENTITY) and not selectors.may_see_identity(user):
        return None
    return made
