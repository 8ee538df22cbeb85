"""A storm: hundreds of reports become one incident and one alarm; what people took apart stays apart."""

from datetime import timedelta

import pytest
from django.core import mail

from complaints.models import Event, Merge, Report
from complaints.services import incidents
from dispatch.models import IncidentAlarm, IncidentRule, Outbox
from dispatch.services import incident_work, joining
from dispatch.services.casework import actor_of
from tests.conftest import HERE, NOW

# The middle of Tambakharjo, a kelurahan of more than a kilometre each way.
WIDE = (-6.9682, 110.3757)
FLOOD = {"category": "banjir-genangan", "description": "Air setinggi lutut."}


@pytest.fixture
def flood(make_report):
    def make(*, north_m=0.0, now=NOW, **changes):
        return make_report(now=now, **(FLOOD | {"latitude": HERE[0] + north_m / 111_195} | changes))

    return make


@pytest.fixture
def settle(work):
    """The workers, until nothing is left to do."""

    def run(now=NOW):
        for _round in range(30):
            work(now)
            if not Outbox.objects.filter(state=Outbox.State.PENDING, due_at__lte=now).exists():
                return
        raise AssertionError("the outbox does not come to rest")

    return run


@pytest.fixture
def duty(staff):
    user = staff("duty_officer")
    user.email = "jaga@contoh.id"
    user.save()
    return user


def incidents_of(*reports) -> list[int | None]:
    return [Report.objects.values_list("merged_into_id", flat=True).get(pk=report.pk) for report in reports]


def alarms_to(user) -> list[str]:
    return [m.subject for m in mail.outbox if m.to == [user.email] and "laporan" in m.subject]


def test_three_hundred_reports_in_ten_minutes_are_one_incident_and_one_alarm(flood, settle, duty):
    """All over one kelurahan, so that most lie out of reach of the first."""
    reports = [
        flood(
            latitude=WIDE[0] + (n * 7 % 20 - 10) * 0.0006,
            longitude=WIDE[1] + (n * 3 % 17 - 8) * 0.0007,
            now=NOW + timedelta(seconds=2 * n),
        )
        for n in range(300)
    ]
    assert {report.area_id for report in reports} == {reports[0].area_id}
    settle(NOW + timedelta(minutes=10))
    first = reports[0]
    assert set(incidents_of(*reports[1:])) == {first.pk}
    assert Merge.objects.filter(undone_at=None, is_automatic=True).count() == 299
    alarm = IncidentAlarm.objects.get()
    assert (alarm.report_id, alarm.number) == (first.pk, 1)
    assert len(alarms_to(duty)) == 1
    assert Event.objects.filter(kind="burst").count() == 1
    assert Report.objects.filter(is_open=True).count() == 1
    assert list(incident_work.alarms(duty, now=NOW + timedelta(minutes=20))) == [alarm]


def test_reports_farther_apart_stay_by_themselves(flood, settle):
    old = flood(now=NOW - timedelta(hours=7))
    near, far = flood(), flood(north_m=320)
    joins = flood(north_m=250)
    settle()
    assert incidents_of(near, far, old, joins) == [None, None, None, near.pk]
    assert not IncidentAlarm.objects.exists()


def test_only_the_kinds_of_the_rule_are_joined(make_report, flood, settle):
    holes = [make_report(), make_report()]
    drain = make_report(category="banjir-saluran")
    settle()
    assert incidents_of(*holes, drain) == [None, None, None]


def test_private_reports_are_left_to_people(flood, settle):
    first, hidden = flood(), flood(is_private=True)
    settle()
    assert incidents_of(first, hidden) == [None, None]


def test_what_a_person_took_apart_stays_apart(flood, settle, staff):
    first, second = flood(), flood()
    settle()
    assert incidents_of(second) == [first.pk]
    incidents.unmerge_report(second.pk, actor=actor_of(staff("p3m")), now=NOW, why="Jalan lain.")
    for _again in range(2):
        joining.join(second.pk, now=NOW)
    more = [flood() for _n in range(12)]
    settle()
    assert incidents_of(second) == [None]
    assert set(incidents_of(*more)) == {first.pk}


def test_a_row_worked_on_twice_changes_nothing(flood, settle):
    first, second = flood(), flood()
    settle()
    before = (Merge.objects.count(), Event.objects.count(), IncidentAlarm.objects.count())
    for report in (first, second):
        joining.join(report.pk, now=NOW)
    assert (Merge.objects.count(), Event.objects.count(), IncidentAlarm.objects.count()) == before


def test_the_alarm_sounds_again_when_it_has_grown_and_time_has_passed(flood, settle, duty):
    for _n in range(10):
        flood()
    settle()
    assert len(alarms_to(duty)) == 1
    soon, later = NOW + timedelta(minutes=30), NOW + timedelta(minutes=61)
    for _n in range(25):
        flood(now=soon)
    settle(soon)
    assert len(alarms_to(duty)) == 1
    flood(now=later)
    settle(later)
    assert list(IncidentAlarm.objects.order_by("id").values_list("number", "size")) == [(1, 10), (2, 36)]
    assert len(alarms_to(duty)) == 2


def test_an_inactive_rule_joins_nothing(flood, settle):
    IncidentRule.objects.update(is_active=False)
    reports = [flood(), flood()]
    settle()
    assert incidents_of(*reports) == [None, None]


@pytest.mark.parametrize(("near", "queries"), [(2, 7), (8, 7), (12, 6), (40, 6)])
def test_deciding_asks_no_more_often_among_many(flood, route, django_assert_num_queries, near, queries):
    """Two of them ask whether the city's data changed, which elsewhere happens once a second. Twelve and
    forty are a burst: the kelurahan's first report is named without a look around."""
    reports = [route(flood(now=NOW + timedelta(seconds=n))) for n in range(near)]
    rule = IncidentRule.objects.get(code="banjir")
    with django_assert_num_queries(queries):
        found = joining.decide(rule, reports[-1])
    assert found == (near >= 10, reports[0].pk)


def test_filing_itself_writes_no_row_for_joining(flood, work):
    report = flood()
    assert list(Outbox.objects.values_list("topic", flat=True)) == ["report.submitted"]
    work()
    assert Outbox.objects.filter(topic=joining.TOPIC, report=report).count() == 1


def test_an_incident_that_ended_is_not_joined_any_more(flood, settle):
    from complaints.services.status import change_status
    from tests.dispatch.services.following import OFFICER

    first = flood()
    settle()
    change_status(first.pk, "in_progress", actor=OFFICER, now=NOW)
    Report.objects.filter(pk=first.pk).update(status="resolved", is_open=False, resolved_at=NOW)
    second = flood()
    settle()
    assert incidents_of(second) == [None]
