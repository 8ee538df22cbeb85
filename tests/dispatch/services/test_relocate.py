"""A place put right: kelurahan and street anew, decided anew, the earlier decision and place stay."""

from datetime import timedelta

import h3.api.basic_int as h3
import pytest

from city import snapshot as city
from complaints import errors
from complaints.domain.actor import Actor
from complaints.domain.place import distance_m
from complaints.models import Event, Report
from complaints.services import cells
from dispatch.models import RoutingDecision
from dispatch.selectors import latest_decision
from dispatch.services.relocate import relocate
from tests.conftest import HERE, NOW

LATER = NOW + timedelta(hours=2)
DESK = Actor("staff")
NEAR = (HERE[0] - 0.0003, HERE[1])  # the other side of the same road
ELSEWHERE = (-7.0600, 110.4100)  # another kecamatan
OUTSIDE = (-7.33, 110.50)  # Salatiga
WHY = "Petugas menemukan lubangnya di sini."


@pytest.fixture
def routed(make_report, route):
    return route(make_report(answers={"road_type": "alley"}))


def move(report, to=ELSEWHERE, **changes):
    return relocate(report.pk, *to, **({"reason": WHY, "actor": DESK, "now": LATER} | changes))


def everything():
    return Report.objects.values().get(), Event.objects.count(), RoutingDecision.objects.count()


def test_another_place_is_another_offices(routed):
    before = latest_decision(routed.pk)
    was = (routed.latitude, routed.longitude, routed.area.code, routed.street)
    assert routed.department.code == "KEC-33.74.07"
    report = move(routed)
    area = city.current().locate(*ELSEWHERE).area_code
    assert (report.latitude, report.longitude, report.area.code) == (*ELSEWHERE, area)
    assert report.h3_r9 == h3.latlng_to_cell(*ELSEWHERE, 9)
    assert (report.place_source, report.accuracy_m) == ("map", None)
    kecamatan = city.current().areas[area].parent_code
    assert (report.department.code, report.status) == (f"KEC-{kecamatan}", "assigned")
    assert report.promised_at == LATER
    assert RoutingDecision.objects.filter(pk=before.pk).exists()
    kept = latest_decision(report.pk).facts["relocated"]
    assert kept == {
        "from": {
            "latitude": was[0],
            "longitude": was[1],
            "area": was[2],
            "street": was[3],
            "place_source": "map",
        },
        "user_id": None,
        "distance_m": round(distance_m(*was[:2], *ELSEWHERE), 1),
    }


def test_the_public_reads_why_and_never_the_earlier_point(make_report, route, client):
    was = (-6.991234, 110.423456)
    report = move(route(make_report(latitude=was[0], longitude=was[1])))
    event = Event.objects.get(report=report, kind="place")
    assert (event.text, event.is_public, event.actor_kind) == (WHY, True, "staff")
    assert set(event.data) == {"from_area", "to_area", "distance_m", "reasons", "reasons_en"}
    names = city.current().areas
    assert event.data["reasons"] == [
        f"Titiknya dipindahkan {event.data['distance_m'] / 1000:.1f} km: ".replace(".", ",")
        + f"dari {names[event.data['from_area']].name} ke {names[event.data['to_area']].name}."
    ]
    html = client.get(f"/laporan/{report.code}/").content.decode()
    assert "Tempatnya dibetulkan." in html
    assert WHY in html
    api = client.get(f"/api/v1/reports/{report.code}/").content.decode()
    for shown in (html, api):
        assert "110.4234" not in shown


def test_the_same_office_keeps_it_in_its_state_and_its_promise(routed):
    from complaints.services.status import acknowledge, change_status

    acknowledge(routed.pk, actor=DESK, now=NOW)
    change_status(routed.pk, "in_progress", actor=DESK, now=NOW)
    before = Report.objects.get()
    report = move(routed, NEAR, street="Gang Melati, seberang musala")
    assert (report.department_id, report.status, report.acknowledged_at) == (
        before.department_id,
        "in_progress",
        NOW,
    )
    assert (report.due_at, report.promised_at) == (before.due_at, before.promised_at)
    assert report.street == "Gang Melati, seberang musala"
    assert RoutingDecision.objects.count() == 2


def test_the_street_is_the_nearest_known_one_unless_given(routed):
    known = city.current().address(*NEAR).street
    assert move(routed, NEAR).street == known


def test_the_map_counts_it_where_it_is(routed):
    cells.refresh(routed.pk)
    report = move(routed)
    cells.refresh(report.pk)
    report.refresh_from_db()
    assert str(h3.latlng_to_cell(*ELSEWHERE, 9)) in report.counted_as


@pytest.mark.parametrize(
    ("to", "changes", "error", "field"),
    [
        ((None, None), {}, errors.InvalidReport, "place"),
        ((110.42, -6.99), {}, errors.InvalidReport, "place"),
        ((float("nan"), 110.42), {}, errors.InvalidReport, "place"),
        (OUTSIDE, {}, errors.InvalidReport, "place"),
        ((48.85, 2.35), {}, errors.InvalidReport, "place"),
        (HERE, {}, errors.InvalidReport, "place"),
        ((HERE[0] + 0.00002, HERE[1]), {}, errors.InvalidReport, "place"),
        (ELSEWHERE, {"street": "a" * 201}, errors.InvalidReport, "street"),
        (ELSEWHERE, {"reason": "  "}, errors.MissingReason, None),
        (ELSEWHERE, {"expected_version": 1}, errors.Conflict, None),
    ],
)
def test_what_is_refused_changes_nothing(routed, to, changes, error, field):
    before = everything()
    with pytest.raises(error) as raised:
        move(routed, to, **changes)
    if field:
        assert list(raised.value.errors) == [field]
    assert everything() == before


def test_far_outside_it_says_whose_it_is(routed):
    with pytest.raises(errors.InvalidReport) as raised:
        move(routed, (-7.1330, 110.4000))  # Ungaran
    assert "Kabupaten Semarang" in str(raised.value.errors["place"][1])


@pytest.mark.parametrize("status", ["received", "rejected"])
def test_not_before_it_is_routed_and_not_after_it_has_ended(make_report, route, status):
    report = make_report() if status == "received" else route(make_report())
    if status == "rejected":
        Report.objects.filter(pk=report.pk).update(status="rejected", is_open=False)
    before = everything()
    with pytest.raises(errors.TransitionNotAllowed):
        move(report)
    assert everything() == before


def test_a_joined_report_stands_still(make_report, route):
    from complaints.services import incidents

    primary, report = route(make_report()), route(make_report())
    incidents.merge_reports(report.pk, primary.pk, actor=Actor("staff"), now=NOW, why="Sama.")
    with pytest.raises(errors.PartOfIncident):
        move(report)
    report.refresh_from_db()
    assert (report.latitude, report.longitude) == HERE
