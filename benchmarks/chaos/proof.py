"""The proof: what the portal promised, held against what stands in its database, its files and the mailboxes.

`prove(evidence)` reads only (but for counting the places anew, as beat does every quarter of an hour) and
returns one Verdict a claim. It knows nothing of how the evils were done; its own tests plant a lost report, a
doubled decision, a stuck row, a doubled mail, and so on, and see that it finds each.

Needs Django set up on the portal's database. Looks at every report of that database: it must be one's own.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import h3.api.basic_int as h3
from django.core.files.storage import default_storage
from django.utils import timezone

from city import snapshot as city
from complaints.domain import workflow
from complaints.models import CellCount, Event, Photo, PlaceFigures, Report, Subscription
from complaints.services import cells, place_figures
from dispatch.models import ClockWatch, Delivery, Outbox, RoutingDecision
from dispatch.services import messages
from dispatch.services.asks import host

SHOWN = 8
# A mail goes out twice only where the portal could not write down that it was taken: its process died or its
# database was away. So long after the mail such a thing must have begun (the commit comes right after).
COMMIT_WITHIN_S = 5.0
# Errors that a person may see while the database is away, and until connections and queues have recovered.
RECOVERY_S = 20.0


@dataclass(frozen=True, slots=True)
class Outage:
    """Something that was broken on purpose: `process` (killed) or `database`; time.time() seconds."""

    kind: str
    began: float
    ended: float


@dataclass
class Evidence:
    """What was seen from outside: by clients, by the mail server, by whoever broke things."""

    accepted: list[dict] = field(default_factory=list)  # key, code, email, photos
    unanswered: list[str] = field(default_factory=list)  # keys of reports given up without an answer
    contradictions: list[str] = field(default_factory=list)
    troubles: list[dict] = field(default_factory=list)  # at, status, what
    mails: list[dict] = field(default_factory=list)  # message_id, to, at, answered
    outages: list[Outage] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Verdict:
    """One claim: what was looked at, and what speaks against it (nothing, if it holds)."""

    claim: str
    looked_at: str
    against: list[str]

    @property
    def holds(self) -> bool:
        return not self.against


def prove(evidence: Evidence) -> list[Verdict]:
    """Every claim, whether it holds or not."""
    return [
        accepted_once(evidence),
        routed_once(),
        nothing_waits(),
        each_event_handled_once(),
        timelines_follow_the_workflow(),
        everybody_told(),
        mails_match_deliveries(evidence),
        no_mail_doubled(evidence),
        photos_ready(evidence),
        map_counts(),
        place_counts(),
        clocks_watched(),
        nobody_saw_an_error(evidence),
    ]


# --- reports ---------------------------------------------------------------------------------------------


def accepted_once(evidence: Evidence) -> Verdict:
    """Each key that got a code is one report with that code, and no report exists that nobody sent."""
    by_key = {
        str(key): code for key, code in Report.objects.values_list("idempotency_key", "code")
    }  # the column is UNIQUE, so a key cannot be there twice
    against = list(evidence.contradictions)
    promised: dict[str, str] = {}
    for item in evidence.accepted:
        key, code = item["key"], item["code"].replace("-", "")
        if promised.setdefault(key, code) != code:
            against.append(f"key {key} got two codes: {promised[key]}, {code}")
        if key not in by_key:
            against.append(f"lost: {code} (key {key})")
        elif by_key[key] != code:
            against.append(f"{code} was promised for key {key}, which became {by_key[key]}")
    unknown = by_key.keys() - promised.keys() - set(evidence.unanswered)
    against += [f"{by_key[key]}: nobody was told of it (key {key})" for key in sorted(unknown)]
    against += [f"no answer in time for key {key}" for key in evidence.unanswered]
    begun = Counter(Event.objects.filter(kind=Event.Kind.SUBMITTED).values_list("report_id", flat=True))
    for pk, code in Report.objects.values_list("pk", "code"):
        if begun[pk] != 1:
            against.append(f"{code} was received {begun[pk]} times by its timeline")
    return Verdict("every accepted report is there once", f"{len(promised)} keys", against)


def routed_once() -> Verdict:
    """Each report has left the entrance once, with one decision of the rules and a promise; or with none of
    the rules, where the desk was faster than they were."""
    leaving: dict[int, list[str]] = defaultdict(list)
    events = Event.objects.filter(from_status=workflow.RECEIVED).exclude(to_status=workflow.RECEIVED)
    for report_id, kind in events.values_list("report_id", "kind"):
        leaving[report_id].append(kind)
    by_rules: Counter[int] = Counter()
    decisions = RoutingDecision.objects.values_list("report_id", "facts", "triage_reason")
    for report_id, facts, reason in decisions:
        by_rules[report_id] += not facts.get("by_hand") or reason == "routing_failed"
    against, count, by_desk = [], 0, 0
    for report in Report.objects.only("pk", "code", "status", "promised_at"):
        count += 1
        if report.status == workflow.RECEIVED:
            against.append(f"{report.code} is not routed")
        elif report.promised_at is None:
            against.append(f"{report.code} has no promise")
        is_by_desk = leaving[report.pk] == [Event.Kind.HANDED_OVER]
        by_desk += is_by_desk
        if len(leaving[report.pk]) != 1 or by_rules[report.pk] != (not is_by_desk):
            found = f"{len(leaving[report.pk])} routings on the timeline, {by_rules[report.pk]} decisions"
            against.append(f"{report.code}: {found}")
    return Verdict(
        "every report is routed exactly once", f"{count} reports, {by_desk} by the desk itself", against
    )


# --- work ------------------------------------------------------------------------------------------------


def nothing_waits() -> Verdict:
    """No row of the outbox waits or is held; what was given up stands there for staff, with its reason."""
    against = [
        f"{row} is {row.state}, due {row.due_at:%H:%M:%S}, {row.attempts} attempts: {row.last_error[:80]}"
        for row in Outbox.objects.exclude(state__in=(Outbox.State.DONE, Outbox.State.DEAD)).order_by("id")
    ]
    dead = list(Outbox.objects.filter(state=Outbox.State.DEAD))
    against += [f"{row} was given up without a reason" for row in dead if not row.last_error]
    against += [f"{row} (routing) was given up" for row in dead if row.queue == Outbox.Queue.ROUTING]
    return Verdict("no work is left over", f"{Outbox.objects.count()} rows, {len(dead)} given up", against)


def each_event_handled_once() -> Verdict:
    """One row of work for each report, event and photo: none forgotten at a commit, none written twice."""
    rows: dict[str, Counter] = defaultdict(Counter)
    name_of = {"report.changed": "event_id", "photo.added": "photo_id", "delivery.send": "delivery_id"}
    for topic, report_id, payload in Outbox.objects.values_list("topic", "report_id", "payload"):
        rows[topic][payload[name_of[topic]] if topic in name_of else report_id] += 1
    wanted = {
        "report.submitted": Report.objects.values_list("pk", flat=True),
        "report.changed": Event.objects.exclude(kind=Event.Kind.SUBMITTED).values_list("pk", flat=True),
        "photo.added": Photo.objects.values_list("pk", flat=True),
        "delivery.send": Delivery.objects.values_list("pk", flat=True),
    }
    against, count = [], 0
    for topic, keys in wanted.items():
        found, keys = rows[topic], Counter(keys)
        count += len(keys)
        against += [f"{topic} {key}: {found[key]} rows" for key in sorted(keys) if found[key] != 1]
        against += [f"{topic} {key}: a row of nothing" for key in sorted(found.keys() - keys.keys())]
    return Verdict("every change has its one row of work", f"{count} changes", against)


def timelines_follow_the_workflow() -> Verdict:
    """Read from its beginning, a timeline goes only where the table allows, and ends where the report is."""
    statuses: dict[int, list[tuple[str, str]]] = defaultdict(list)
    events = Event.objects.exclude(to_status="").order_by("id")
    for report_id, before, after in events.values_list("report_id", "from_status", "to_status"):
        statuses[report_id].append((before, after))
    against = []
    for pk, code, status in Report.objects.values_list("pk", "code", "status"):
        against += [f"{code}: {fault}" for fault in _faults_of(statuses[pk], status)]
    return Verdict(
        "every timeline follows the workflow", f"{sum(map(len, statuses.values()))} steps", against
    )


def _faults_of(steps: list[tuple[str, str]], status: str) -> Iterable[str]:
    if not steps or steps[0] != ("", workflow.RECEIVED):
        yield f"begins with {steps[:1]}"
        return
    for (_, before), (came_from, after) in pairwise(steps):
        if before != came_from:
            yield f"was {before}, and the next step says it was {came_from}"
        elif before != after and not workflow.may_follow(before, after):
            yield f"{before} -> {after} is not allowed"
    if steps[-1][1] != status:
        yield f"ends with {steps[-1][1]}, but is {status}"


# --- messages --------------------------------------------------------------------------------------------


def everybody_told() -> Verdict:
    """Whoever should hear of an event has one delivery for it: sent, or failed with a reason for staff."""
    listening: dict[int, list[Subscription]] = defaultdict(list)
    for item in Subscription.objects.filter(confirmed_at__isnull=False).order_by("id"):
        listening[item.report_id].append(item)
    found = Counter(Delivery.objects.values_list("event_id", "channel", "recipient_hash"))
    against, due = [], 0
    for event in Event.objects.order_by("id"):
        roles = messages.audience_of(event)
        for item in listening[event.report_id]:
            if item.role not in roles or item.created_at > event.at or item.stopped_at:
                continue
            due += 1
            if found[event.pk, item.channel, item.address_hash] != 1:
                number = found[event.pk, item.channel, item.address_hash]
                against.append(f"{event}: {number} deliveries to subscription {item.pk}")
    against += [
        f"{item} is still {item.state}: {item.last_error[:80]}"
        for item in Delivery.objects.filter(state=Delivery.State.PENDING).order_by("id")
    ]
    failed = Delivery.objects.filter(state=Delivery.State.FAILED)
    against += [f"{item} failed without a reason" for item in failed.filter(last_error="")]
    return Verdict("everybody was told, or staff see why not", f"{due} due, {failed.count()} failed", against)


def _message_id(delivery: Delivery) -> str:
    return f"<delivery-{delivery.pk}.{delivery.event_id}@{host()}>"


def mails_match_deliveries(evidence: Evidence) -> Verdict:
    """What counts as sent lies in a mailbox, in its own reporter's, and nothing else does."""
    addresses = dict(Subscription.objects.values_list("pk", "address"))
    boxes: dict[str, set[str]] = defaultdict(set)
    for mail in evidence.mails:
        boxes[mail["message_id"]].add(mail["to"])
    against, known = [], set()
    for delivery in Delivery.objects.filter(channel=Subscription.Channel.EMAIL).order_by("id"):
        name = _message_id(delivery)
        known.add(name)
        if delivery.state == Delivery.State.SENT and name not in boxes:
            against.append(f"{name} counts as sent and is in no mailbox")
        if boxes.get(name, set()) - {addresses.get(delivery.subscription_id)}:
            against.append(f"{name} went to a stranger")
    against += [f"{name} belongs to no delivery" for name in sorted(boxes.keys() - known)]
    return Verdict("mailboxes hold what was sent, and no more", f"{len(boxes)} messages", against)


def no_mail_doubled(evidence: Evidence) -> Verdict:
    """A second copy only where the portal could not know of the first: the line broke before the 250, or
    process or database went down before the commit. It carries the same Message-ID."""
    copies: dict[str, list[dict]] = defaultdict(list)
    for mail in sorted(evidence.mails, key=lambda item: item["at"]):
        copies[mail["message_id"]].append(mail)
    against, unsaid, uncommitted = [], 0, 0
    for name, mails in copies.items():
        for first in mails[:-1]:
            if not first["answered"]:
                unsaid += 1
            elif _was_interrupted(first["at"], evidence.outages):
                uncommitted += 1
            else:
                against.append(f"{name}: {len(mails)} copies, though nothing interrupted the first")
    more = f"{unsaid} again after a broken line, {uncommitted} after a kill"
    return Verdict("no message is doubled without need", f"{len(evidence.mails)} copies: {more}", against)


def _was_interrupted(at: float, outages: list[Outage]) -> bool:
    return any(item.began <= at + COMMIT_WITHIN_S and item.ended >= at for item in outages)


# --- what hangs on it ------------------------------------------------------------------------------------


def photos_ready(evidence: Evidence) -> Verdict:
    """As many photos as were sent with a report, each re-encoded, its original gone, its files there."""
    found = Counter(Photo.objects.filter(kind=Photo.Kind.REPORT).values_list("report__code", flat=True))
    against = []
    for item in evidence.accepted:
        code = item["code"].replace("-", "")
        if found[code] != item["photos"]:
            against.append(f"{code} has {found[code]} photos, {item['photos']} were sent")
    photos = list(Photo.objects.order_by("id"))
    for photo in photos:
        if photo.state != Photo.State.READY or photo.original:
            against.append(f"photo {photo.pk} is {photo.state}")
        elif not all(default_storage.exists(file.name) for file in (photo.large, photo.small)):
            against.append(f"a file of photo {photo.pk} is missing")
    return Verdict("every photo is ready", f"{len(photos)} photos", against)


def map_counts() -> Verdict:
    """The cells' counts equal a count of the reports themselves."""
    wanted: Counter[tuple] = Counter()
    public = Report.objects.filter(is_private=False)
    columns = ("h3_r9", "category_id", "department_id", "area_id", "status")
    for cell, category_id, department_id, area_id, status in public.values_list(*columns):
        for resolution in cells.RESOLUTIONS:
            area = area_id if resolution == cells.FINEST else 0
            place = (resolution, h3.cell_to_parent(cell, resolution), category_id, department_id or 0, area)
            wanted[(*place, workflow.MAP_STATE[status])] += 1
    columns = ("resolution", "cell", "category_id", "department_id", "area_id", "state", "count")
    found = Counter({tuple(row[:-1]): row[-1] for row in CellCount.objects.values_list(*columns)})
    keys = wanted.keys() | found.keys()
    against = [f"{key}: {found[key]} instead of {wanted[key]}" for key in keys if found[key] != wanted[key]]
    return Verdict(
        "the map counts every report once", f"{sum(wanted.values())} in {len(wanted)} cells", against
    )


def place_counts() -> Verdict:
    """What the pages about offices and kelurahan say is open equals a count of the reports."""
    place_figures.refresh(timezone.now())
    wanted: Counter[tuple[str, int]] = Counter()
    snap = city.current()
    rows = Report.objects.filter(is_private=False, is_open=True).values_list("department_id", "area_id")
    for department_id, area_id in rows:
        area = snap.areas_by_id[area_id]
        while area is not None:  # the kelurahan, the kecamatan, the city
            wanted["area", area.id] += 1
            area = snap.areas.get(area.parent_code) if area.parent_code else None
        if department_id:
            wanted["department", department_id] += 1
    found = {(row.kind, row.place_id): row.numbers["open"] for row in PlaceFigures.objects.all()}
    against = [
        f"{kind} {pk}: {found.get((kind, pk), 0)} open instead of {wanted[kind, pk]}"
        for kind, pk in wanted.keys() | found.keys()
        if found.get((kind, pk), 0) != wanted[kind, pk]
    ]
    return Verdict("the places' figures equal a recount", f"{len(found)} places", against)


def clocks_watched() -> Verdict:
    """Every open report's ladder is watched."""
    watched = set(ClockWatch.objects.values_list("report_id", flat=True))
    open_reports = dict(Report.objects.filter(is_open=True).values_list("pk", "code"))
    against = [
        f"nobody watches the clock of {code}" for pk, code in open_reports.items() if pk not in watched
    ]
    return Verdict("every open promise is watched", f"{len(open_reports)} open", against)


def nobody_saw_an_error(evidence: Evidence) -> Verdict:
    """Errors only while the database was away or right after; never a refusal of something that was right."""
    against = []
    for trouble in evidence.troubles:
        is_excused = trouble["status"] >= 500 and any(
            item.kind == "database" and item.began - 1 <= trouble["at"] <= item.ended + RECOVERY_S
            for item in evidence.outages
        )
        if not is_excused:
            when = _nearest(trouble["at"], evidence.outages)
            against.append(f"{trouble['status']} {trouble['what'][:120]} {when}")
    return Verdict("no errors but for a lost database", f"{len(evidence.troubles)} errors", against)


def _nearest(at: float, outages: list[Outage]) -> str:
    before = [item for item in outages if item.began <= at]
    if not before:
        return ""
    last = max(before, key=lambda item: item.began)
    return f"({at - last.began:.1f} s after the last blow, {last.kind})"


def table(verdicts: list[Verdict]) -> str:
    """For people: a line a claim, and below it what speaks against it."""
    width = max(len(item.claim) for item in verdicts)
    lines: list[Any] = []
    for item in verdicts:
        mark = "holds" if item.holds else f"BROKEN ({len(item.against)})"
        lines.append(f"{item.claim.ljust(width)}  {mark:<12}  {item.looked_at}")
        lines += [f"    - {fault}" for fault in item.against[:SHOWN]]
        if len(item.against) > SHOWN:
            lines.append(f"    … and {len(item.against) - SHOWN} more")
    return "\n".join(lines)
