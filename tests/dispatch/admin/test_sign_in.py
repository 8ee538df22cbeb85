"""Staff's way in through the pages: locks, second factor, sessions; and what each must not let through."""

import re
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from city import roles
from city.domain import one_time
from city.models import AuditEvent, SecondFactor, StaffSession, User
from city.services import second_factor
from tests.dispatch.admin.conftest import LIST

PASSWORD = "rahasia-sekali-9"
LOGIN = "/admin/login/"
AGENT = "Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture
def required(settings):
    settings.STAFF_SECOND_FACTOR = "required"


def sign_in(name, password=PASSWORD, *, client=None, **extra):
    client = client or Client(headers={"user-agent": AGENT})
    return client, client.post(LOGIN, {"username": name, "password": password, "next": "/admin/"}, **extra)


def code_of(user, *, steps=0) -> str:
    secret = second_factor.unseal(SecondFactor.objects.get(user=user).secret_encrypted)
    return one_time.code_at(secret, int(timezone.now().timestamp() // 30) + steps)


def enrol(user) -> list[str]:
    """As if two minutes ago, so that the code of now is fresh."""
    then = timezone.now() - timedelta(minutes=2)
    secret = one_time.new_secret()
    return second_factor.enrol(user, secret, one_time.code_at(secret, int(then.timestamp() // 30)), now=then)


def is_in(client) -> bool:
    return client.get("/admin/").status_code == 200


# --- Locks -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("exists", [True, False])
def test_after_five_failures_a_sentence_says_when_and_keeps_the_name(exists, staff):
    name = staff("viewer", "DPU").username if exists else "tidak-ada"
    client, answers = Client(), []
    for _ in range(6):
        answers.append(sign_in(name, "salah", client=client)[1])
    assert [answer.status_code for answer in answers] == [200] * 5 + [429]
    html = answers[-1].content.decode()
    assert re.search(r"Silakan coba lagi pukul \d\d[.:]\d\d, 15 menit lagi", html)
    assert f'value="{name}"' in html
    assert 0 < int(answers[-1]["Retry-After"]) <= 901
    assert sign_in(name, client=client)[1].status_code == 429
    assert not is_in(client)
    for answer in answers[:5]:
        assert "Silakan coba lagi" not in answer.content.decode()


def test_the_address_is_the_visitors_behind_a_proxy(staff, settings):
    settings.BEHIND_PROXY = True
    name = staff("viewer", "DPU").username
    for _ in range(5):
        sign_in(name, "salah", HTTP_X_FORWARDED_FOR="1.2.3.4, 203.0.113.7")
    # What the visitor claims before it counts for nothing.
    assert sign_in(name, HTTP_X_FORWARDED_FOR="9.9.9.9, 203.0.113.7")[1].status_code == 429
    assert sign_in(name, HTTP_X_FORWARDED_FOR="203.0.113.8")[1].status_code == 302


def test_administrators_see_locks_and_lift_them(staff, browser):
    person = staff("viewer", "DPU")
    for _ in range(5):
        sign_in(person.username, "salah")
    admin = browser(staff("admin"))
    html = admin.get(reverse("admin:audit")).content.decode()
    [lock] = re.findall(r'name="lock" value="(\d+)"', html)
    assert browser(staff("p3m")).post(reverse("admin:audit_unlock"), {"lock": lock}).status_code == 403
    assert sign_in(person.username)[1].status_code == 429
    admin.post(reverse("admin:audit_unlock"), {"lock": lock})
    assert sign_in(person.username)[1].status_code == 302


def test_people_actions_lift_reset_and_end(staff, browser):
    person, chief = staff("p3m"), staff("admin")
    enrol(person)
    enrol(chief)
    open_one = browser(staff("viewer", "DPU"))
    client = Client()
    client.force_login(person)
    admin = Client()
    admin.force_login(chief)
    marked = admin.session
    marked["staff"] = {**marked["staff"], "factor": True}
    marked.save()
    url = reverse("admin:city_user_changelist")
    for action in ("unlock", "reset_factor", "end_sessions"):
        data = {"action": action, "index": "0", "_selected_action": [person.pk, chief.pk]}
        assert admin.post(url, data).status_code == 302
    assert list(SecondFactor.objects.values_list("user", flat=True)) == [chief.pk]  # not one's own
    assert not StaffSession.objects.filter(user=person).exists()
    assert is_in(admin)
    assert is_in(open_one)


# --- Second factor ---------------------------------------------------------------------------------------


def secret_on(html: str) -> str:
    return re.search(r'data-testid="secret">([A-Z2-7 ]+)<', html).group(1).replace(" ", "")


@pytest.mark.parametrize("role", ["admin", "p3m"])
def test_who_sees_identities_gets_nowhere_before_setting_it_up(role, staff, required):
    user = staff(role)
    client, answer = sign_in(user.username)
    assert answer.url == reverse("admin:sign_in_enrol")
    doors = ["/admin/", reverse(LIST), reverse("admin:account"), reverse("admin:audit"), "/admin/search/?s=a"]
    for door in doors:
        assert client.get(door).status_code == 302, door
        assert "/admin/login/" in client.get(door).url
    page = client.get(answer.url)
    html = page.content.decode()
    assert "no-store" in page["Cache-Control"]
    secret = secret_on(html)
    assert secret_on(client.get(answer.url).content.decode()) == secret  # the same after a look back
    wrong = client.post(answer.url, {"code": "000000"})
    assert "Kode itu salah" in wrong.content.decode()
    assert not is_in(client)
    done = client.post(answer.url, {"code": one_time.code_at(secret, int(timezone.now().timestamp() // 30))})
    codes = re.findall(r"<li>([a-z2-9]{4}-[a-z2-9]{4}-[a-z2-9]{4})</li>", done.content.decode())
    assert len(codes) == 10
    assert is_in(client)
    assert client.get(answer.url).url == LOGIN
    assert User.objects.get(pk=user.pk).second_factor_since is not None


def test_a_session_from_before_the_setting_counts_no_more(staff, browser, settings):
    client = browser(staff("p3m"))
    assert is_in(client)
    settings.STAFF_SECOND_FACTOR = "required"
    assert not is_in(client)
    assert is_in(browser(staff("handler", "DPU")))


def test_the_code_is_asked_for_after_the_password(staff):
    user = staff("handler", "DPU")
    enrol(user)
    client, answer = sign_in(user.username)
    assert answer.url == reverse("admin:sign_in_code")
    assert not is_in(client)
    assert AuditEvent.objects.filter(kind="sign_in").count() == 0
    wrong = client.post(answer.url, {"code": "123"})
    assert 'data-testid="refusal"' in wrong.content.decode()
    assert not is_in(client)
    code = code_of(user)
    assert client.post(answer.url, {"code": code}).url == "/admin/"
    assert is_in(client)
    other, answer = sign_in(user.username)
    assert "sudah dipakai" in other.post(answer.url, {"code": code}).content.decode()
    assert not is_in(other)


def test_a_recovery_code_opens_once(staff):
    user = staff("handler", "DPU")
    codes = enrol(user)
    for expected in (True, False):
        client, answer = sign_in(user.username)
        client.post(answer.url, {"code": codes[3]})
        assert is_in(client) is expected


def test_codes_are_limited_too(staff):
    user = staff("handler", "DPU")
    enrol(user)
    client, answer = sign_in(user.username)
    statuses = [client.post(answer.url, {"code": "000000"}).status_code for _ in range(6)]
    assert statuses == [200] * 5 + [429]
    assert client.post(answer.url, {"code": code_of(user)}).status_code == 429
    assert not is_in(client)


def test_the_first_step_ends_after_ten_minutes_and_with_a_new_password(staff):
    user = staff("handler", "DPU")
    enrol(user)
    client, answer = sign_in(user.username)
    session = client.session
    session["sign_in_pending"] = {**session["sign_in_pending"], "at": timezone.now().timestamp() - 601}
    session.save()
    assert client.post(answer.url, {"code": code_of(user)}).url == LOGIN
    client, answer = sign_in(user.username)
    user.set_password("sama-sekali-lain-7")
    user.save()
    assert client.post(answer.url, {"code": code_of(user)}).url == LOGIN
    assert not is_in(client)


@pytest.mark.parametrize("name", ["sign_in_code", "sign_in_enrol"])
def test_the_second_step_alone_opens_nothing(name, db):
    client = Client()
    assert client.get(reverse(f"admin:{name}")).url == LOGIN
    assert client.post(reverse(f"admin:{name}"), {"code": "000000"}).url == LOGIN


def test_who_has_one_cannot_set_up_another_with_the_password_alone(staff, required):
    user = staff("p3m")
    enrol(user)
    client, _answer = sign_in(user.username)
    assert client.get(reverse("admin:sign_in_enrol")).url == LOGIN
    assert SecondFactor.objects.count() == 1


def test_setting_it_up_and_taking_it_away_by_ones_own_wish(staff):
    user = staff("handler", "DPU")
    client, _answer = sign_in(user.username)
    url = reverse("admin:account_enrol")
    secret = secret_on(client.get(url).content.decode())
    now_step = int(timezone.now().timestamp() // 30)
    code = one_time.code_at(secret, now_step - 1)
    assert "Kata sandinya salah" in client.post(url, {"code": code, "password": "salah"}).content.decode()
    assert not SecondFactor.objects.exists()
    assert (
        'data-testid="recovery-codes"'
        in client.post(url, {"code": code, "password": PASSWORD}).content.decode()
    )
    assert is_in(client)
    remove = reverse("admin:account_factor_remove")
    for data in ({"code": code_of(user), "password": "salah"}, {"code": "000000", "password": PASSWORD}):
        client.post(remove, data)
        assert SecondFactor.objects.exists()
    assert client.post(remove, {"code": code_of(user), "password": PASSWORD}).url == reverse("admin:account")
    assert not SecondFactor.objects.exists()
    assert is_in(client)


def test_next_never_leads_away(staff):
    user = staff("handler", "DPU")
    for wanted in ("https://evil.example/", "//evil.example/", "/\\evil.example"):
        answer = Client().post(LOGIN, {"username": user.username, "password": PASSWORD, "next": wanted})
        assert urlsplit(answer.url).netloc == ""
        assert answer.url == "/admin/"


# --- Sessions --------------------------------------------------------------------------------------------


def test_ones_sessions_are_listed_and_ended(staff):
    user = staff("handler", "DPU")
    here, _answer = sign_in(user.username, REMOTE_ADDR="103.28.12.77")
    there, _answer = sign_in(user.username)
    html = here.get(reverse("admin:account")).content.decode()
    assert html.count("Firefox, Windows</strong>") == 2
    assert "103.28.12.*" in html
    assert "103.28.12.77" not in html
    [other] = re.findall(r'name="session" value="(\d+)"', html)
    url = reverse("admin:account_end_session")
    assert there.post(url, {"session": "999999"}).status_code == 302
    here.post(url, {"session": other})
    assert not is_in(there)
    assert is_in(here)
    for _ in range(2):
        sign_in(user.username)
    here.post(url, {"session": "all"})
    assert StaffSession.objects.filter(user=user).count() == 1
    assert is_in(here)


def test_nobody_ends_somebody_elses_but_an_administrator(staff, browser):
    person = staff("handler", "DPU")
    client, _answer = sign_in(person.username)
    row = StaffSession.objects.get(user=person)
    other = browser(staff("p3m"))
    other.post(reverse("admin:account_end_session"), {"session": row.pk})
    url = reverse("admin:staff_end_session", args=[person.pk])
    assert other.post(url, {"session": row.pk}).status_code == 403
    assert other.get(reverse("admin:staff_sessions", args=[person.pk])).status_code == 403
    assert is_in(client)
    admin = browser(staff("admin"))
    assert "Firefox, Windows" in admin.get(reverse("admin:staff_sessions", args=[person.pk])).content.decode()
    admin.post(url, {"session": row.pk})
    assert not is_in(client)
    assert not Session.objects.filter(session_key=row.session_key).exists()


def test_a_new_password_ends_the_other_sessions(staff):
    user = staff("handler", "DPU")
    here, _answer = sign_in(user.username)
    there, _answer = sign_in(user.username)
    new = "sama-sekali-lain-7"
    data = {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
    assert here.post(reverse("admin:password_change"), data).status_code == 302
    assert is_in(here)
    assert not is_in(there)
    [row] = StaffSession.objects.filter(user=user)
    assert row.session_key == here.session.session_key
    assert AuditEvent.objects.filter(kind="password_changed", actor=user).count() == 1


@pytest.mark.parametrize(("name", "seconds"), [("at", 12 * 3600), ("seen", 2 * 3600)])
def test_sessions_end_by_age_and_by_idleness(name, seconds, staff):
    client, _answer = sign_in(staff("handler", "DPU").username)
    for back_s, open_still in ((seconds - 60, True), (seconds + 1, False)):
        session = client.session
        session["staff"] = {**session["staff"], name: int(timezone.now().timestamp()) - back_s}
        session.save()
        assert is_in(client) is open_still
    assert not StaffSession.objects.exists()


def test_signing_out_ends_it_and_stands_on_record(staff):
    user = staff("handler", "DPU")
    client, _answer = sign_in(user.username)
    client.post(reverse("admin:logout"))
    assert not is_in(client)
    assert not StaffSession.objects.exists()
    kinds = AuditEvent.objects.filter(actor=user).order_by("id").values_list("kind", flat=True)
    assert list(kinds) == ["sign_in", "sign_out"]


@pytest.mark.parametrize("role", roles.ROLES)
def test_everybody_has_their_account_page(role, staff, browser):
    assert browser(staff(role, "DPU")).get(reverse("admin:account")).status_code == 200


def test_the_pages_hold_nothing_inline(staff, browser):
    client = browser(staff("admin"))
    enrol_html = client.get(reverse("admin:account_enrol")).content.decode()
    part = enrol_html[enrol_html.index('class="desk door-step') :]
    part = part[: part.index("id_code")]
    assert "style=" not in part
    assert "onclick" not in part
    assert "<svg" in part
