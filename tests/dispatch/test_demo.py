"""The demonstration: a living city, told through the real services, exactly once."""

from datetime import timedelta

import pytest
from django.db.models import Count

from city.models import Crew
from complaints.domain import workflow
from complaints.models import Event, Photo, Report, Reporter
from dispatch.models import Outbox, RoutingDecision
from dispatch.services import demo, demo_crews, fieldwork
from dispatch.services.demo_places import Stories
from tests.conftest import NOW, WIB

pytestmark = pytest.mark.django_db
COUNT = 45


@pytest.fixture
def told():
    demo.file_demo(Stories("semarang"), now=NOW, count=COUNT)


def test_the_city_lives(told):
    statuses = dict(Report.objects.values_list("status").annotate(number=Count("id")))
    assert sum(statuses.values()) == COUNT
    assert workflow.RECEIVED not in statuses
    assert len(statuses) >= 5
    assert RoutingDecision.objects.values("report").distinct().count() == COUNT
    assert Photo.objects.filter(kind="repair").exists()
    assert set(Report.objects.values_list("channel", flat=True)) == {"demo"}


def test_nobody_is_named_and_nothing_lies_in_the_future(told):
    assert Reporter.objects.count() == 0
    assert not Event.objects.filter(at__gt=NOW).exists()
    assert set(Outbox.objects.values_list("created_at", "due_at")) == {(NOW, NOW)}
    first, last = (
        Report.objects.order_by(order).first().created_at for order in ("created_at", "-created_at")
    )
    assert NOW - timedelta(days=demo.DAYS + 2) < first
    assert NOW - timedelta(hours=7) < last < NOW


def test_events_follow_each_other_in_time(told):
    for report in Report.objects.prefetch_related("events"):
        times = [event.at for event in sorted(report.events.all(), key=lambda event: event.pk)]
        supports = {event.at for event in report.events.all() if event.kind == "supported"}
        work = [at for at in times if at not in supports]
        assert work == sorted(work)


def test_departments_work_in_office_hours(told):
    worked = Event.objects.filter(actor_kind="staff").values_list("at", flat=True)
    assert {at.astimezone(WIB).hour for at in worked} <= set(range(8, 15))
    assert {at.astimezone(WIB).weekday() for at in worked} <= set(range(5))


def test_a_second_run_adds_nothing_and_an_interrupted_one_goes_on():
    stories = Stories("semarang")
    assert demo.file_demo(stories, now=NOW, count=10) == 10
    assert demo.file_demo(stories, now=NOW + timedelta(hours=1), count=10) == 0
    assert demo.file_demo(stories, now=NOW, count=14) == 4
    assert Report.objects.count() == 14


def test_every_story_can_be_filed(draft):
    """Each category's words and each of its answers pass the checks of the form."""
    from complaints.services.submit import check_draft

    for code, words in Stories("semarang").words["stories"].items():
        for answers in words.get("answers") or [{}]:
            checked = check_draft(draft(category=code, answers=answers, description=words["texts"][0]))
            assert checked.answers == answers


def test_an_office_with_handlers_sends_a_crew_out_once(staff):
    person = staff("handler", "DPU")
    demo.file_demo(Stories("semarang"), now=NOW, count=COUNT)
    crew = Crew.objects.get()
    assert (crew.department.code, list(crew.members.all())) == ("DPU", [person])
    stops, _left_out = fieldwork.stops(person)
    assert 1 <= len(stops) <= demo_crews.STOPS
    assert {report.crew for report in stops} == {crew}
    assert demo_crews.send_out(now=NOW) == 0
    assert Crew.objects.count() == 1
