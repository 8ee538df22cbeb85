"""Locks, the second factor and the record against attacks."""

import threading
from datetime import timedelta

import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import DatabaseError, connection, transaction
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

from city.domain import one_time
from city.models import AuditEvent, Department, RecoveryCode, SecondFactor, SignInCounter, User
from city.services import audit, lockout, second_factor, signin
from tests.conftest import NOW

PASSWORD = "rahasia-sekali-9"


def try_password(name, password="salah", *, address="203.0.113.7", now=NOW):
    request = RequestFactory().post("/admin/login/", REMOTE_ADDR=address)
    return signin.check_password(request, name, password, now=now)


def kinds():
    return list(
        AuditEvent.objects.exclude(kind="account_created").order_by("id").values_list("kind", flat=True)
    )


class TestLocks:
    def test_five_failures_shut_the_account_at_this_address_only(self, staff):
        name = staff("viewer", "DPU").username
        for _ in range(5):
            assert try_password(name) is None
        with pytest.raises(lockout.Locked) as shut:
            try_password(name, PASSWORD)
        assert shut.value.until == NOW + timedelta(minutes=15)
        assert kinds() == ["sign_in_failed"] * 5 + ["locked"]
        assert try_password(name, PASSWORD, address="198.51.100.9").username == name
        assert try_password(name, PASSWORD, now=NOW + timedelta(minutes=15)).username == name

    def test_a_success_starts_the_count_anew(self, staff):
        name = staff("viewer", "DPU").username
        for _ in range(3):
            for _ in range(4):
                assert try_password(name) is None
            assert try_password(name, PASSWORD) is not None
        assert set(SignInCounter.objects.values_list("kind", "failures")) == {("address", 12)}

    def test_other_writings_of_the_name_are_the_same_name(self, staff):
        name = staff("viewer", "DPU").username
        for typed in (name, name.upper(), f" {name}", name, name):
            try_password(typed)
        with pytest.raises(lockout.Locked):
            try_password(name)

    def test_an_address_that_tries_many_names_is_shut_for_all(self, staff, settings):
        settings.SIGN_IN_ADDRESS_FAILURES = 7
        name = staff("viewer", "DPU").username
        for number in range(7):
            try_password(f"tidak-ada-{number}", address=f"2001:db8::{number + 1}")
        with pytest.raises(lockout.Locked):
            try_password(name, PASSWORD, address="2001:db8::ffff")  # the same household
        assert try_password(name, PASSWORD, address="2001:db8:0:1::1").username == name

    def test_known_unknown_and_switched_off_names_take_the_same_way(self, staff):
        known, off = staff("viewer", "DPU"), staff("viewer", "DPU")
        User.objects.filter(pk=off.pk).update(is_active=False)
        ways = []
        for name in (known.username, "tidak-ada", off.username):
            with CaptureQueriesContext(connection) as captured:
                assert try_password(name, PASSWORD if name == off.username else "salah") is None
            ways.append([query["sql"].split()[0] for query in captured])
        assert ways[0] == ways[1] == ways[2]

    def test_what_was_typed_is_nowhere_in_the_database(self, staff):
        staff("viewer", "DPU")
        try_password("KataSandiSaya123")
        stored = [*AuditEvent.objects.values_list(), *SignInCounter.objects.values_list()]
        assert "KataSandiSaya123".lower() not in str(stored).lower()

    def test_a_shut_door_costs_one_read_and_no_hash(self, staff, monkeypatch):
        name = staff("viewer", "DPU").username
        for _ in range(5):
            try_password(name)
        monkeypatch.setattr(signin, "authenticate", lambda *a, **k: pytest.fail("hashed"))
        before = AuditEvent.objects.count()
        with CaptureQueriesContext(connection) as captured, pytest.raises(lockout.Locked):
            try_password(name)
        assert len(captured) == 1
        assert captured[0]["sql"].startswith("SELECT")
        assert AuditEvent.objects.count() == before

    def test_an_administrator_lifts_it(self, staff):
        person, admin = staff("viewer", "DPU"), staff("admin")
        for _ in range(5):
            try_password(person.username)
        assert signin.unlock(person, by=admin, now=NOW) == 1
        assert try_password(person.username, PASSWORD) == person
        event = AuditEvent.objects.get(kind="unlocked")
        assert (event.actor, event.object_name) == (admin, person.username)

    def test_old_counts_are_swept_and_locks_stay(self, staff):
        try_password("a")
        try_password("b", now=NOW + timedelta(hours=12))
        assert lockout.sweep(now=NOW + timedelta(hours=25)) == 1
        assert SignInCounter.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_of_many_tries_at_once_five_get_through(committed_city):
    tried, shut = [], []
    barrier = threading.Barrier(8)

    def attack():
        barrier.wait()
        try:
            for _ in range(3):
                try:
                    lockout.spend(lockout.password_doors("sri", "203.0.113.7"), now=NOW)
                    tried.append(1)
                except lockout.Locked:
                    shut.append(1)
        finally:
            connection.close()

    threads = [threading.Thread(target=attack) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(tried), len(shut)) == (5, 19)


def enrolled(user, now=NOW):
    secret = one_time.new_secret()
    step = int(now.timestamp() // 30)
    codes = second_factor.enrol(user, secret, one_time.code_at(secret, step), now=now)
    return secret, codes


class TestSecondFactor:
    def test_the_secret_is_sealed_and_the_codes_are_hashed(self, staff):
        user = staff("p3m")
        secret, codes = enrolled(user)
        row = SecondFactor.objects.get()
        assert secret not in str(vars(row))
        assert second_factor.unseal(row.secret_encrypted) == secret
        assert len(set(codes)) == RecoveryCode.objects.filter(user=user).count() == 10
        assert not {code for code in codes for row in RecoveryCode.objects.all() if code in str(vars(row))}
        assert User.objects.get(pk=user.pk).second_factor_since == NOW

    def test_a_code_counts_once(self, staff):
        user = staff("p3m")
        secret, _codes = enrolled(user)
        later = NOW + timedelta(minutes=2)
        code = one_time.code_at(secret, int(later.timestamp() // 30))
        second_factor.check_code(user, code, now=later)
        with pytest.raises(second_factor.WrongCode):
            second_factor.check_code(user, code, now=later)
        with pytest.raises(second_factor.WrongCode):  # the one it was set up with
            second_factor.check_code(
                user, one_time.code_at(secret, int(NOW.timestamp() // 30)), now=NOW + timedelta(seconds=20)
            )

    def test_a_recovery_code_counts_once_in_any_writing(self, staff):
        user = staff("p3m")
        _secret, codes = enrolled(user)
        second_factor.check_code(user, codes[0].upper().replace("-", " "), now=NOW)
        with pytest.raises(second_factor.WrongCode):
            second_factor.check_code(user, codes[0], now=NOW)
        assert second_factor.codes_left(user) == 9
        assert "recovery_used" in kinds()

    def test_nobody_elses_recovery_code_counts(self, staff):
        one, other = staff("p3m"), staff("p3m")
        _secret, codes = enrolled(one)
        enrolled(other)
        with pytest.raises(second_factor.WrongCode):
            second_factor.check_code(other, codes[0], now=NOW)

    def test_five_wrong_codes_shut_it_for_right_ones_too(self, staff):
        user = staff("p3m")
        _secret, codes = enrolled(user)
        for _ in range(5):
            with pytest.raises(second_factor.WrongCode):
                second_factor.check_code(user, "000000", now=NOW)
        with pytest.raises(lockout.Locked):
            second_factor.check_code(user, codes[0], now=NOW)
        assert second_factor.codes_left(user) == 10
        second_factor.check_code(user, codes[0], now=NOW + timedelta(minutes=15))

    def test_a_second_one_is_not_set_up_over_the_first(self, staff):
        user = staff("p3m")
        secret, _codes = enrolled(user)
        with pytest.raises(second_factor.WrongCode):
            enrolled(user, NOW + timedelta(minutes=5))
        assert second_factor.unseal(SecondFactor.objects.get().secret_encrypted) == secret

    def test_an_administrator_resets_it(self, staff):
        user, admin = staff("p3m"), staff("admin")
        enrolled(user)
        second_factor.reset(user, by=admin, now=NOW)
        assert not SecondFactor.objects.exists()
        assert not RecoveryCode.objects.exists()
        assert User.objects.get(pk=user.pk).second_factor_since is None
        assert AuditEvent.objects.get(kind="factor_reset").actor == admin

    def test_an_older_key_still_opens_it_and_a_lost_one_says_so(self, staff, settings):
        user = staff("p3m")
        secret, _codes = enrolled(user)
        old, settings.SECRET_KEY = settings.SECRET_KEY, "a-new-key-of-fifty-characters"
        settings.SECRET_KEY_FALLBACKS = [old]
        later = NOW + timedelta(minutes=2)
        second_factor.check_code(user, one_time.code_at(secret, int(later.timestamp() // 30)), now=later)
        settings.SECRET_KEY_FALLBACKS = []
        with pytest.raises(second_factor.Unreadable):
            second_factor.check_code(user, "000000", now=later)

    @pytest.mark.parametrize(
        ("role", "setting", "must"),
        [
            ("admin", "required", True),
            ("p3m", "required", True),
            ("handler", "required", False),
            ("operator", "required", False),
            ("admin", "optional", False),
        ],
    )
    def test_who_must_have_one(self, role, setting, must, staff, settings):
        settings.STAFF_SECOND_FACTOR = setting
        assert second_factor.must_have(staff(role, "DPU")) is must


class TestRecord:
    def test_nothing_in_it_changes_or_goes(self, staff):
        event = audit.record("export", now=NOW, actor=staff("admin"))
        for attack in (
            lambda: AuditEvent.objects.filter(pk=event.pk).update(object_name="lain"),
            lambda: AuditEvent.objects.filter(pk=event.pk).delete(),
            lambda: event.save(),
        ):
            with pytest.raises(DatabaseError), transaction.atomic():
                attack()
        assert AuditEvent.objects.get(pk=event.pk).object_name == ""

    def test_what_is_old_enough_goes_and_looks_at_identities_stay(self, db):
        from django.utils import timezone

        now = timezone.now()
        for kind in ("sign_in", "identity_look"):
            audit.record(kind, now=now - timedelta(days=732))
        young = audit.record("sign_in", now=now - timedelta(days=729))
        assert audit.sweep(now=now) == 1
        left = AuditEvent.objects.filter(kind__in=["sign_in", "identity_look"]).order_by("id")
        assert [event.kind for event in left] == ["identity_look", "sign_in"]
        assert left[1] == young
        with pytest.raises(DatabaseError), transaction.atomic():
            left.filter(kind="identity_look").delete()

    @pytest.mark.parametrize("in_bulk", [False, True])
    def test_what_the_admin_logs_stands_in_it(self, in_bulk, staff):
        user = staff("admin")
        department = Department.objects.get(code="DPU")
        entry = LogEntry(
            action_time=NOW,
            user=user,
            content_type=ContentType.objects.get_for_model(Department),
            object_id=str(department.pk),
            object_repr="Dinas",
            action_flag=CHANGE,
            change_message='[{"changed": {"fields": ["email"]}}]',
        )
        if in_bulk:
            LogEntry.objects.bulk_create([entry])
        else:
            entry.save()
        event = AuditEvent.objects.get(kind="changed")
        assert (event.at, event.actor, event.object_kind) == (NOW, user, "city.department")
        assert (event.object_key, event.object_name) == (str(department.pk), "Dinas")
        assert event.detail == {"message": '[{"changed": {"fields": ["email"]}}]'}

    def test_pages_go_on_from_a_line_without_losing_or_doubling_one(self, db):
        for number in range(7):
            audit.record("export", now=NOW, object_name=str(number))  # all at the same moment
        seen, after = [], None
        while page := list(audit.lines(audit.Filters(kind="export"), after)[:3]):
            seen += [line.object_name for line in page]
            after = audit.Place(page[-1].at, page[-1].id)
        assert seen == ["6", "5", "4", "3", "2", "1", "0"]

    def test_making_and_changing_accounts_stands_in_it(self, staff):
        from city.services.staff import create_staff

        user = staff("handler", "DPU")
        create_staff(user.username, role="p3m", update=True)
        create_staff(user.username, role="p3m", update=True)
        made, changed = AuditEvent.objects.filter(object_key=str(user.pk)).order_by("id")
        assert (made.kind, changed.kind) == ("account_created", "role_changed")
        assert changed.detail == {
            "changes": {"role": ["handler", "p3m"], "department": ["DPU", ""]},
            "via": "command",
        }
