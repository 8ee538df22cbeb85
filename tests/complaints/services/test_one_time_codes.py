"""Six digits that show that an address is one's own: whom they reach, how long, how often."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from complaints import errors, selectors
from complaints.domain.draft import Contact
from complaints.models import OneTimeCode, Subscription
from complaints.services import one_time_codes, retention, subscriptions
from complaints.services.one_time_codes import Address, digits_of, request_code, verify
from dispatch.models import Outbox
from tests.conftest import NOW

pytestmark = pytest.mark.django_db
SRI = Address("sri@example.org", "email")
STRANGER = Address("asing@example.org", "email")
MINUTE = timedelta(minutes=1)
PHONES = {"email", "whatsapp", "sms"}


@pytest.fixture
def known(make_report):
    return make_report(contact=Contact(email="Sri@Example.org", phone="+6281234567890"))


def ask(address=SRI, now=NOW):
    """The ticket, and the code that was made."""
    return request_code(address, now=now), OneTimeCode.objects.latest("id")


def wrong(row) -> str:
    return f"{(int(digits_of(row)) + 1) % 1_000_000:06d}"


def test_the_digits_open_the_address_once(known):
    ticket, row = ask()
    assert len(digits_of(row)) == 6
    assert digits_of(row).isdigit()
    assert verify(ticket, f" {digits_of(row)[:3]} {digits_of(row)[3:]} ", now=NOW + MINUTE) == SRI.value
    with pytest.raises(errors.CodeRefused) as refused:
        verify(ticket, digits_of(row), now=NOW + MINUTE)
    assert refused.value.code == "code_over"


def test_no_row_and_no_message_holds_the_digits(known):
    _ticket, row = ask()
    assert digits_of(row) not in repr(OneTimeCode.objects.values().get())
    assert Outbox.objects.get(topic="code.requested").payload == {"one_time_code_id": row.pk}


@pytest.mark.parametrize(
    ("after", "code"),
    [
        (timedelta(minutes=9, seconds=59), ""),
        (timedelta(minutes=10), "code_over"),
        (timedelta(hours=2), "code_over"),
    ],
)
def test_a_code_counts_ten_minutes(known, after, code):
    ticket, row = ask()
    if not code:
        assert verify(ticket, digits_of(row), now=NOW + after) == SRI.value
        return
    with pytest.raises(errors.CodeRefused) as refused:
        verify(ticket, digits_of(row), now=NOW + after)
    assert (refused.value.code, OneTimeCode.objects.get().used_at) == (code, None)


def test_five_wrong_tries_use_a_code_up(known):
    ticket, row = ask()
    for number in range(1, 6):
        with pytest.raises(errors.CodeRefused) as refused:
            verify(ticket, wrong(row), now=NOW)
        assert refused.value.code == "code_wrong"
        assert OneTimeCode.objects.get().attempts == number
    with pytest.raises(errors.CodeRefused) as refused:
        verify(ticket, digits_of(row), now=NOW)
    assert (refused.value.code, OneTimeCode.objects.get().used_at) == ("code_over", None)


def test_three_codes_an_hour_for_known_and_unknown_alike(known):
    for address in (SRI, STRANGER):
        for number in range(3):
            request_code(address, now=NOW + number * MINUTE)
        count = Outbox.objects.count()
        with pytest.raises(errors.TooManyCodes):
            request_code(address, now=NOW + 30 * MINUTE)
        assert OneTimeCode.objects.filter(address=address.value).count() == 3
        assert Outbox.objects.count() == count
        request_code(address, now=NOW + 61 * MINUTE)


def test_an_older_message_still_counts_and_one_use_ends_all(known):
    ticket, first = ask()
    _ticket, second = ask(now=NOW + MINUTE)
    assert verify(ticket, digits_of(first), now=NOW + 2 * MINUTE) == SRI.value
    with pytest.raises(errors.CodeRefused):
        verify(ticket, digits_of(second), now=NOW + 2 * MINUTE)


def test_asking_does_the_same_work_for_anybody(known):
    """The answer and its time tell nothing: the same statements, the same rows, whoever is asked for."""
    said = []
    for address in (SRI, STRANGER):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            ticket = request_code(address, now=NOW)
        said.append(
            [
                query["sql"].split("VALUES")[0].split("WHERE")[0]
                for query in queries
                if "SAVEPOINT" not in query["sql"]
            ]
        )
        with pytest.raises(errors.CodeRefused) as refused:
            verify(ticket, "12345", now=NOW)
        said.append(refused.value.code)
    assert said[0] == said[2]
    assert said[1] == said[3] == "code_wrong"


def test_only_addresses_that_filed_are_written_to(known):
    rows = {address: ask(address)[1] for address in (SRI, STRANGER, Address("+6281234567890", "sms"))}
    wanted = {row.address: one_time_codes.is_wanted(row, now=NOW) for row in rows.values()}
    assert wanted == {"sri@example.org": True, "asing@example.org": False, "+6281234567890": True}
    ticket, row = ask()
    verify(ticket, digits_of(row), now=NOW)
    row.refresh_from_db()
    assert not one_time_codes.is_wanted(row, now=NOW)
    late = rows[Address("+6281234567890", "sms")]
    assert not one_time_codes.is_wanted(late, now=NOW + 10 * MINUTE)


def test_another_ticket_opens_nothing(known):
    _ticket, row = ask()
    other, _row = ask(STRANGER)
    for ticket in (other, other[:-2] + "xx", "", subscriptions.address_hashes(SRI.value)[0]):
        with pytest.raises(errors.CodeRefused):
            verify(ticket, digits_of(row), now=NOW)
    row.refresh_from_db()
    assert (row.used_at, row.attempts) == (None, 0)


def test_codes_outlive_a_change_of_the_signing_key(known, settings):
    ticket, row = ask()
    digits = digits_of(row)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "kunci-baru-untuk-uji"
    assert digits_of(row) != digits
    assert verify(ticket, digits, now=NOW) == SRI.value


@pytest.mark.parametrize(
    ("typed", "channels", "expected"),
    [
        (" sri@example.org ", {"email"}, Address("sri@example.org", "email")),
        ("0812 3456 7890", PHONES, Address("+6281234567890", "whatsapp")),
        ("+62 812-3456-7890", {"email", "sms"}, Address("+6281234567890", "sms")),
        ("", PHONES, "address_missing"),
        ("sri@", PHONES, "address_invalid"),
        ("112", PHONES, "address_invalid"),
        ("halo", {"email"}, "address_invalid"),
        ("a" * 250 + "@example.org", PHONES, "address_invalid"),
        ("0812 3456 7890", {"email"}, "phone_not_offered"),
    ],
)
def test_addresses_in_any_writing(typed, channels, expected):
    if isinstance(expected, Address):
        assert one_time_codes.read_address(typed, channels) == expected
        return
    with pytest.raises(errors.InvalidReport) as invalid:
        one_time_codes.read_address(typed, channels)
    assert invalid.value.errors["address"][0] == expected


def test_reports_are_found_by_their_address(known, make_report):
    other = make_report(contact=Contact(email="sri@example.org.id"))
    nameless = make_report(contact=Contact(name="Tanpa Alamat"))
    assert list(selectors.by_address("SRI@example.org")) == [known]
    assert list(selectors.by_address("+6281234567890")) == [known]
    for nobody in ("sri@example", "", "+62", "%@%"):
        assert not selectors.by_address(nobody).exists()
    assert {other.pk, nameless.pk}.isdisjoint(
        selectors.by_address("sri@example.org").values_list("pk", flat=True)
    )


def test_what_has_served_its_purpose_is_deleted(known):
    ask()
    subscriptions.subscribe(known, role="supporter", channel="email", address="a@example.org", now=NOW)
    subscriptions.subscribe(
        known, role="supporter", channel="email", address="b@example.org", now=NOW, is_confirmed=True
    )
    assert retention.forget_expired(now=NOW + 69 * MINUTE) == {
        "one_time_codes": 0,
        "subscriptions": 0,
    }
    gone = retention.forget_expired(now=NOW + timedelta(days=7, seconds=1))
    assert gone == {"one_time_codes": 1, "subscriptions": 1}
    assert list(
        Subscription.objects.filter(address__endswith="@example.org")
        .exclude(address__iexact="sri@example.org")
        .values_list("address", flat=True)
    ) == ["b@example.org"]


@pytest.mark.parametrize("lookalike", ["srı@example.org", "ſri@example.org", "sri@exampıe.org"])
def test_a_lookalike_address_is_somebody_else(make_report, lookalike):
    """Databases write `ı` in capitals as `I`: its owner must not open another one's reports."""
    for address in ("sri@example.org", "SRI@EXAMPIE.ORG"):
        make_report(contact=Contact(email=address))
    _ticket, row = ask(Address(lookalike, "email"))
    assert not selectors.by_address(lookalike).exists()
    assert not one_time_codes.is_wanted(row, now=NOW)


def test_a_code_opens_the_address_it_was_sent_to_though_another_one_shares_its_hash(make_report):
    victim, stranger = "sri@strasse.org", "sri@straße.org"
    assert subscriptions.address_hashes(victim) == subscriptions.address_hashes(stranger)
    ask(Address(victim, "email"))
    ticket, row = ask(Address(stranger, "email"))
    assert verify(ticket, digits_of(row), now=NOW) == stranger
