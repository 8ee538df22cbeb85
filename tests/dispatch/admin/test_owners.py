"""The pages of owners' Open311 servers: for administrators, with a key that is never shown."""

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from city import roles
from city.models import Department
from dispatch.models import OwnerEndpoint
from dispatch.services import owners
from tests.conftest import NOW
from tests.dispatch.channels.open311_server import KEY
from tests.dispatch.services.outward import *  # noqa: F403 - fixtures
from tests.dispatch.services.outward import forward_of, referral_of

pytestmark = pytest.mark.django_db
LIST = "admin:dispatch_ownerendpoint_changelist"
ADD = "admin:dispatch_ownerendpoint_add"
CHANGE = "admin:dispatch_ownerendpoint_change"
TRY = "admin:dispatch_owner_try"


def typed(**changes):
    return {
        "department": Department.objects.get(code="BBWS").pk,
        "base_url": "https://open311.example/v2",
        "jurisdiction_id": "bbws",
        "format": "xml",
        "default_service_code": "lain",
        "service_codes": "banjir = B1\njalan-lubang = J1",
        "attributes": "KODE = code",
        "reads": "requests",
        "when_closed": "desk",
        "poll_minutes": "60",
        "is_active": "on",
        "api_key": KEY,
    } | changes


def test_an_administrator_makes_one_and_nobody_reads_its_key(browser, staff):
    page = browser(staff("admin"))
    assert page.post(reverse(ADD), typed()).status_code == 302
    made = OwnerEndpoint.objects.get()
    assert made.service_codes == {"banjir": "B1", "jalan-lubang": "J1"}
    assert (made.attributes, owners.client_of(made).api_key) == ({"KODE": "code"}, KEY)
    shown = page.get(reverse(CHANGE, args=[made.pk])).content.decode()
    assert KEY not in shown
    assert made.api_key_sealed not in shown
    assert "jalan-lubang = J1" in shown
    assert KEY not in str(list(LogEntry.objects.values()))
    assert LogEntry.objects.filter(object_id=made.pk).count() == 1


def test_a_key_stays_unless_another_is_typed_or_it_is_taken_away(browser, staff, endpoint):
    page, url = browser(staff("admin")), reverse(CHANGE, args=[endpoint.pk])
    kept = typed(department=endpoint.department_id, api_key="")
    assert page.post(url, kept).status_code == 302
    endpoint.refresh_from_db()
    assert owners.client_of(endpoint).api_key == KEY
    page.post(url, kept | {"api_key": "lain-sekali"})
    endpoint.refresh_from_db()
    assert owners.client_of(endpoint).api_key == "lain-sekali"
    page.post(url, kept | {"forget_key": "on"})
    endpoint.refresh_from_db()
    assert endpoint.api_key_sealed == ""


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("base_url", "http://open311.example/v2"),
        ("base_url", "https://user:pw@open311.example/v2"),
        ("base_url", "file:///etc/passwd"),
        ("service_codes", "tidak-ada = X"),
        ("service_codes", "jalan-lubang"),
        ("attributes", "NAMA = reporter"),
        ("poll_minutes", "1"),
        ("department", "DPU"),
    ],
)
def test_what_cannot_be_is_said_and_not_kept(browser, staff, field, value):
    value = Department.objects.get(code=value).pk if field == "department" else value
    answer = browser(staff("admin")).post(reverse(ADD), typed(**{field: value}))
    assert (answer.status_code, list(answer.context["adminform"].form.errors)) == (200, [field])
    assert not OwnerEndpoint.objects.exists()


@pytest.mark.parametrize("role", [role for role in roles.ROLES if role != roles.ADMIN])
def test_others_see_and_change_nothing(browser, staff, endpoint, server, role):
    department = "DPU" if role in roles.NEED_DEPARTMENT else None
    page = browser(staff(role, department))
    before = OwnerEndpoint.objects.values().get()
    change = reverse(CHANGE, args=[endpoint.pk])
    answers = [
        page.get(reverse(LIST)),
        page.get(change),
        page.post(change, typed(base_url="https://evil.example/")),
        page.post(reverse(ADD), typed()),
        page.post(reverse(TRY, args=[endpoint.pk])),
    ]
    assert [answer.status_code for answer in answers] == [403] * 5
    assert (OwnerEndpoint.objects.values().get(), server.asked) == (before, [])


def test_a_server_is_never_deleted(browser, staff, endpoint):
    url = reverse("admin:dispatch_ownerendpoint_delete", args=[endpoint.pk])
    assert browser(staff("admin")).post(url, {"post": "yes"}).status_code == 403
    assert OwnerEndpoint.objects.exists()


def test_the_button_reads_their_services_and_names_what_does_not_fit(browser, staff, endpoint, server):
    OwnerEndpoint.objects.update(service_codes={"jalan-lubang": "hilang"})
    page = browser(staff("admin"))
    assert page.get(reverse(TRY, args=[endpoint.pk])).status_code == 405
    shown = page.post(reverse(TRY, args=[endpoint.pk])).content.decode()
    assert 'data-testid="tried-ok"' in shown
    assert ("hilang" in shown, ">Rusak<" in shown) == (True, True)
    assert server.paths() == ["GET /v2/services.xml"]
    assert OwnerEndpoint.objects.get().last_ok_at is not None
    server.fail["GET"] = 403
    shown = page.post(reverse(TRY, args=[endpoint.pk])).content.decode()
    assert ('data-testid="tried-error"' in shown, "HTTP 403 tidak bisa" in shown) == (True, True)


def test_the_case_page_says_how_it_stands_and_offers_another_way(browser, staff, server, forwarded, work):
    server.fail["POST"] = 503
    report, page = forwarded(), browser(staff("p3m"))
    case = reverse("admin:complaints_report_change", args=[report.pk])
    assert 'data-testid="forward-waits"' in page.get(case).content.decode()
    otherwise = reverse("admin:dispatch_referral_otherwise", args=[referral_of(report).pk])
    assert page.get(otherwise).status_code == 405
    assert browser(staff("operator")).post(otherwise).status_code == 403
    assert forward_of(report).state == "pending"
    assert page.post(otherwise).status_code == 302
    assert 'data-testid="forward-failed"' in page.get(case).content.decode()
    server.fail.clear()
    page.post(reverse("admin:dispatch_referral_forward", args=[referral_of(report).pk]))
    work(NOW.replace(year=2030))
    shown = page.get(case).content.decode()
    assert ("BB-1" in shown, "forward-failed" in shown) == (True, False)
    public = browser(staff("viewer")).get(f"/laporan/{report.code}/").content.decode()
    assert 'data-testid="their-number"><strong>BB-1' in public
    assert 'data-testid="last-heard"' in public


def test_the_list_of_referrals_asks_no_more_for_more(
    browser, staff, forwarded, django_assert_max_num_queries
):
    page, url = browser(staff("p3m")), reverse("admin:dispatch_referral_changelist")
    for _number in range(2):
        forwarded()
    page.get(url)
    with django_assert_max_num_queries(12):
        page.get(url)
    for _number in range(5):
        forwarded()
    with django_assert_max_num_queries(12):
        assert page.get(url).content.decode().count("BB-") >= 7
