"""Learning from confirmed reports: from which, tested on which, used when."""

from datetime import timedelta

import pytest

from city import snapshot as city
from complaints.models import Report
from complaints.services import suggestions
from dispatch.domain import learning as domain
from dispatch.models import TextModel
from dispatch.services import learning
from tests.conftest import NOW

pytestmark = pytest.mark.django_db
# A word that no search word of the city knows: only learning can tell.
SECRET = {"jalan-lubang": "kowakan", "lain-pju": "peteng", "lain-sampah": "larahan"}


@pytest.fixture(autouse=True)
def _forget(monkeypatch):
    learning.forget()
    monkeypatch.setattr(domain, "FEWEST_TESTED", 6)
    yield
    learning.forget()


@pytest.fixture
def confirmed(make_report):
    """Reports that an office accepted: `confirmed(3, weeks_ago=9)` files three of each kind."""
    department = city.current().departments["DPU"].id

    def make(number, *, weeks_ago, **changes):
        for kind, word in SECRET.items():
            for _ in range(number):
                at = NOW - timedelta(weeks=weeks_ago)
                report = make_report(category=kind, description=f"{word} sangat mengganggu", now=at)
                values = {"acknowledged_at": at, "department_id": department, "status": "assigned"}
                Report.objects.filter(pk=report.pk).update(**(values | changes))

    return make


def test_it_learns_tests_on_the_newest_weeks_and_is_used_because_it_wins(confirmed):
    confirmed(6, weeks_ago=9)
    confirmed(2, weeks_ago=1)
    row = learning.train("category", now=NOW)
    assert (row.samples, row.tested, row.is_used) == (24, 6, True)
    assert (row.top_1, row.rules_top_1) == (1.0, 0.0)
    assert [item.code for item in suggestions.suggest("kowakan")][:1] == ["jalan-lubang"]
    assert suggestions.suggest("qqq zzz") == []


def test_before_anything_is_learned_the_search_words_decide_alone():
    assert suggestions.suggest("lampu mati") == city.current().suggest_categories("lampu mati")


def test_what_does_not_win_is_kept_for_the_page_and_not_used(confirmed):
    confirmed(6, weeks_ago=9)
    confirmed(1, weeks_ago=1)  # too few to be sure
    row = learning.train("category", now=NOW)
    assert (row.tested, row.is_used, row.content) == (3, False, None)
    assert suggestions.suggest("kowakan") == city.current().suggest_categories("kowakan")


@pytest.mark.parametrize(
    "changes",
    [
        {"acknowledged_at": None},
        {"status": "rejected", "is_open": False},
        {"channel": "demo"},
        {"description": ""},
    ],
)
def test_what_nobody_confirmed_teaches_nothing(confirmed, changes):
    confirmed(6, weeks_ago=9, **changes)
    assert learning.train("category", now=NOW).samples == 0


def test_a_worse_night_takes_the_model_out_of_use(confirmed):
    confirmed(6, weeks_ago=9)
    confirmed(2, weeks_ago=1)
    assert learning.train("category", now=NOW).is_used
    later = learning.train("category", now=NOW + timedelta(weeks=20))  # nothing new to test on
    assert not later.is_used
    assert TextModel.objects.filter(is_used=True).count() == 0


def test_departments_are_learned_for_the_desk(confirmed):
    confirmed(6, weeks_ago=9)
    other = city.current().departments["DISPERKIM"].id
    Report.objects.filter(description__startswith="peteng").update(department_id=other)
    confirmed(3, weeks_ago=1)
    Report.objects.filter(description__startswith="peteng").update(department_id=other)
    row = learning.train("department", now=NOW)
    assert (row.top_1, row.is_used) == (1.0, True)
    assert learning.likely_departments("peteng banget")[0] == "DISPERKIM"


def test_a_damaged_model_leaves_the_rules_alone(confirmed):
    confirmed(6, weeks_ago=9)
    confirmed(2, weeks_ago=1)
    row = learning.train("category", now=NOW)
    TextModel.objects.filter(pk=row.pk).update(content=b"broken")
    assert suggestions.suggest("kowakan") == city.current().suggest_categories("kowakan")


def test_asking_costs_one_query_a_minute(django_assert_num_queries, settings):
    settings.CITY_VERSION_MAX_AGE_S = 60.0
    city.current()
    with django_assert_num_queries(1):
        suggestions.suggest("lampu mati")
        suggestions.suggest("got mampet")
