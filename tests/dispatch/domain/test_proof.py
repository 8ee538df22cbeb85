"""What stands out about a proof of repair, as tables."""

from datetime import UTC, datetime, timedelta

import pytest

from dispatch.domain import proof, second_look
from dispatch.domain.proof import Claim, Picture, Twin, Work

NOW = datetime(2026, 9, 17, 3, 0, tzinfo=UTC)
HERE = (-6.9903, 110.4229)
WORK = Work(*HERE, since=NOW - timedelta(days=2))
METRE = 1 / 111_195  # degrees of latitude


def north(metres: float) -> tuple[float, float]:
    return HERE[0] + metres * METRE, HERE[1]


def picture(place=HERE, taken=NOW - timedelta(minutes=5), twins=(), **trace) -> Picture:
    latitude, longitude = place or (None, None)
    return Picture("p1", latitude, longitude, taken, trace, twins)


def codes(pictures, claim=None, work=WORK) -> list[str]:
    return [item.code for item in proof.look(work, pictures, claim, now=NOW)]


@pytest.mark.parametrize(
    ("metres", "accuracy_m", "found"),
    [
        (0, None, []),
        (99, None, []),
        (101, None, ["far"]),
        (150, 60, []),  # it may be near
        (150, 49, ["far"]),
        (250, 5_000, ["far"]),  # vagueness excuses 100 m and no more
        (150, 250, ["vague"]),
        (10, 201, ["vague"]),
        (10, 200, []),
    ],
)
def test_the_place_in_the_photo(metres, accuracy_m, found):
    assert codes([picture(north(metres), accuracy_m=accuracy_m)]) == found


@pytest.mark.parametrize(
    ("place", "claim", "found"),
    [
        (None, None, ["no_place"]),
        (None, Claim(*HERE, 10), ["place_claimed"]),
        (None, Claim(*north(400), 10), ["place_claimed", "far"]),
        (None, Claim(*north(50), 900), ["place_claimed", "vague"]),
        (HERE, Claim(*north(290), 0), []),
        (HERE, Claim(*north(310), 0), ["places_disagree"]),
        (HERE, Claim(*north(390), 100), []),
        (HERE, Claim(*north(900), 5_000), ["places_disagree"]),
    ],
)
def test_what_the_phone_says_of_its_place_is_a_claim(place, claim, found):
    assert codes([picture(place)], claim) == found


def test_a_report_without_an_exact_place_cannot_be_measured():
    assert codes([picture(None)], work=Work(*HERE, WORK.since, has_exact_place=False)) == ["place_unknown"]


@pytest.mark.parametrize(
    ("taken", "found"),
    [
        (NOW, []),
        (NOW + timedelta(minutes=10), []),
        (NOW + timedelta(minutes=11), ["in_future"]),
        (WORK.since, []),
        (WORK.since - timedelta(minutes=10), []),
        (WORK.since - timedelta(minutes=11), ["before_report"]),
        (None, ["no_time"]),
    ],
)
def test_the_time_in_the_photo(taken, found):
    assert codes([picture(taken=taken)]) == found


def test_a_photo_of_last_week_is_too_old_for_work_of_today():
    work = Work(*HERE, since=NOW - timedelta(days=30))
    assert codes([picture(taken=NOW - timedelta(days=3))], work=work) == []
    assert codes([picture(taken=NOW - timedelta(days=3, minutes=1))], work=work) == ["too_old"]


def test_the_phones_time_stands_in_and_is_judged_like_the_cameras():
    claim = Claim(*HERE, 10, NOW - timedelta(minutes=2))
    assert codes([picture(taken=None)], claim) == ["time_claimed"]
    late = Claim(*HERE, 10, WORK.since - timedelta(hours=1))
    assert codes([picture(taken=None)], late) == ["time_claimed", "before_report"]


@pytest.mark.parametrize(
    ("trace", "found"),
    [
        ({"editor": "snapseed"}, ["edited"]),
        ({"generator": "trainedAlgorithmicMedia"}, ["generated"]),
        ({"is_composed": True}, ["composed"]),
        ({"is_screenshot": True}, ["screenshot"]),
        ({"has_credentials": True}, ["credentials"]),
        ({"is_blank": True, "is_drawing": True}, ["blank"]),
        ({"is_drawing": True}, ["drawing"]),
        ({"camera": "Kamera K-1", "software": "HDR+ 1.0"}, []),
    ],
)
def test_what_the_file_says_of_itself(trace, found):
    assert codes([picture(**trace)]) == found


def test_twins_are_named_with_their_report():
    twins = (Twin("before", "AAAA-BBBB", 3), Twin("own", "CCCC-DDDD", None), Twin("other", "EEEE-FFFF", 7))
    found = proof.look(WORK, [picture(twins=twins)], None, now=NOW)
    assert [item.code for item in found] == ["same_as_before", "same_as_own", "same_as_other"]
    assert found[1].as_json() == {
        "code": "same_as_own",
        "photo": "p1",
        "data": {"code": "CCCC-DDDD", "bits_apart": None},
    }


def test_notes_ask_nobody_for_anything():
    claim = Claim(*HERE, 10, NOW)
    found = proof.look(WORK, [picture(None, None, has_credentials=True)], claim, now=NOW)
    assert [item.code for item in found] == ["place_claimed", "time_claimed", "credentials"]
    assert proof.doubts(found) == []


def test_every_photo_is_looked_at():
    found = proof.look(WORK, [picture(), Picture("p2", *north(500), NOW)], None, now=NOW)
    assert [(item.photo, item.code) for item in found] == [("p2", "far")]


# --- The second person -----------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["handler", "operator", "duty_officer", "planner", "viewer", "", "unknown"])
def test_these_roles_judge_no_proof(role):
    assert not second_look.may_review(role, is_own_department=True, is_own_work=False)


@pytest.mark.parametrize(
    ("role", "at_home", "elsewhere"),
    [("admin", True, True), ("p3m", True, True), ("department_admin", True, False)],
)
def test_these_roles_judge_but_never_their_own_work(role, at_home, elsewhere):
    assert second_look.may_review(role, is_own_department=True, is_own_work=False) is at_home
    assert second_look.may_review(role, is_own_department=False, is_own_work=False) is elsewhere
    assert not second_look.may_review(role, is_own_department=True, is_own_work=True)


ROWS = [
    {"department_id": None, "category_id": None, "percent": 5},
    {"department_id": None, "category_id": 7, "percent": 20},
    {"department_id": 1, "category_id": None, "percent": 30},
    {"department_id": 1, "category_id": 7, "percent": 50},
]


@pytest.mark.parametrize(
    ("rows", "department", "category", "percent"),
    [
        (ROWS, 1, 7, 50),
        (ROWS, 1, 8, 30),
        (ROWS, 2, 7, 20),
        (ROWS, 2, 8, 5),
        (ROWS, None, 8, 5),
        ([], 1, 7, 10),
        (list(reversed(ROWS)), 1, 7, 50),
    ],
)
def test_the_most_exact_share_wins(rows, department, category, percent):
    found = second_look.share_percent(rows, department_id=department, category_id=category, default=10)
    assert found == percent


def test_the_lot_falls_on_about_its_share_and_always_on_the_same():
    drawn = [number for number in range(20_000) if second_look.is_drawn(b"key", number, 0, 10)]
    assert 1_800 < len(drawn) < 2_200
    assert drawn == [number for number in range(20_000) if second_look.is_drawn(b"key", number, 0, 10)]
    assert drawn != [number for number in range(20_000) if second_look.is_drawn(b"other", number, 0, 10)]
    assert not any(second_look.is_drawn(b"key", number, 0, 0) for number in range(2_000))
    assert all(second_look.is_drawn(b"key", number, 0, 100) for number in range(2_000))


def test_each_round_draws_anew():
    rounds = [second_look.is_drawn(b"key", 4_711, number, 50) for number in range(64)]
    assert 15 < sum(rounds) < 49
