"""The second person's pages, and how an officer is asked on the case page."""

from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from complaints.models import Reporter
from dispatch.models import RepairCheck
from tests.conftest import HERE
from tests.dispatch.admin.conftest import case_url, everything_about, upload

LIST = "admin:dispatch_repaircheck_changelist"
FAR = (HERE[0] + 0.01, HERE[1])


@pytest.fixture
def pending(report_at, browser, step, handler):
    """Makes a proof that waits: `pending(seed=2)`."""

    def make(**proof):
        report = report_at("DPU")
        data = {"message": "Ditambal.", "photos_key": str(uuid4()), "photos": upload(place=FAR, **proof)}
        data["proof_reason"] = "GPS meleset."
        assert step(browser(handler), report, "resolve", **data).status_code == 302
        return RepairCheck.objects.get(report=report)

    return make


def page_url(check) -> str:
    return reverse("admin:dispatch_repaircheck_change", args=[check.pk])


def judge_url(check, verdict) -> str:
    return reverse("admin:dispatch_repaircheck_judge", args=[check.pk, verdict])


def test_the_officer_is_asked_in_plain_words_and_keeps_the_photo(report_at, browser, step, handler):
    report, page, key = report_at("DPU"), browser(handler), str(uuid4())
    before = everything_about(report)
    answer = step(page, report, "resolve", message="Ditambal.", photos_key=key, photos=upload(place=FAR))
    assert answer.status_code == 422
    html = answer.content.decode()
    assert "dari tempat laporan" in html
    assert 'name="proof_reason"' in html
    assert everything_about(report) == before
    kept = html.split('name="kept" value="')[1].split('"')[0]
    done = step(
        page, report, "resolve", message="Ditambal.", photos_key=key, kept=[kept], proof_reason="GPS."
    )
    assert done.status_code == 302
    assert RepairCheck.objects.get(report=report).state == "pending"
    assert "sedang diperiksa" in page.get(case_url(report)).content.decode()


def test_on_a_phone_the_pages_own_place_stands_in_for_what_the_browser_stripped(
    report_at, browser, step, handler
):
    report, page = report_at("DPU"), browser(handler)
    html = page.get(case_url(report)).content.decode()
    claim = {
        "claim_latitude": str(HERE[0]),
        "claim_longitude": str(HERE[1]),
        "claim_accuracy_m": "12.5",
        "claim_at": f"{timezone.now():%Y-%m-%dT%H:%M:%SZ}",
    }
    assert all(f'<input type="hidden" name="{name}" value="">' in html for name in claim)
    bare = {"message": "Ditambal.", "photos_key": str(uuid4()), "photos": upload(place=None, taken=False)}
    assert step(page, report, "resolve", **bare).status_code == 422
    bare["photos"] = upload(place=None, taken=False)
    assert step(page, report, "resolve", **bare, **claim).status_code == 302
    check = RepairCheck.objects.get(report=report)
    assert (check.claimed_latitude, check.claimed_longitude, check.claimed_accuracy_m) == (*HERE, 12.5)


def test_the_public_reads_that_it_is_being_checked(pending, client):
    check = pending()
    html = client.get(reverse("report_detail", args=[check.report.code])).content.decode()
    assert "Selesai, sedang diperiksa" in html
    assert "GPS meleset." not in html


def test_the_head_judges_and_goes_on_to_the_next(pending, browser, staff):
    first, second = pending(seed=2), pending(seed=3)
    page = browser(staff("department_admin", "DPU"))
    html = page.get(reverse(LIST)).content.decode()
    assert html.index(first.report.spoken_code) < html.index(second.report.spoken_code)
    shown = page.get(page_url(first)).content.decode()
    assert "GPS meleset." in shown
    assert f'data-points="{FAR[0]:.6f}' in shown
    answer = page.post(judge_url(first, "sah"))
    assert answer.url == page_url(second)
    answer = page.post(judge_url(second, "kembali"), {"message": ""})
    assert answer.status_code == 422
    answer = page.post(judge_url(second, "kembali"), {"message": "Foto dari tempat lain."})
    assert answer.url == reverse(LIST)
    states = list(RepairCheck.objects.order_by("id").values_list("state", flat=True))
    assert states == ["approved", "rejected"]


@pytest.mark.parametrize(
    ("role", "department", "status"),
    [
        ("admin", None, 200),
        ("p3m", None, 200),
        ("department_admin", "DPU", 200),
        ("department_admin", "DLH", 404),
        ("handler", "DPU", 403),
        ("operator", None, 403),
        ("duty_officer", None, 403),
        ("planner", None, 403),
        ("viewer", "DPU", 403),
    ],
)
def test_who_may_look_and_judge(pending, browser, staff, role, department, status):
    check = pending()
    page = browser(staff(role, department))
    before = everything_about(check.report)
    assert page.get(page_url(check)).status_code == status
    if status != 200:
        assert page.post(judge_url(check, "sah")).status_code == status
        assert everything_about(check.report) == before
    else:
        assert page.post(judge_url(check, "sah")).status_code == 302
        check.refresh_from_db()
        assert check.state == "approved"


def test_the_officer_may_not_even_by_address(report_at, browser, staff, step):
    head = staff("department_admin", "DPU")
    report = report_at("DPU")
    data = {
        "message": "Ditambal.",
        "photos_key": str(uuid4()),
        "photos": upload(place=FAR),
        "proof_reason": "x",
    }
    step(browser(head), report, "resolve", **data)
    check = RepairCheck.objects.get(report=report)
    before = everything_about(report)
    page = browser(head)
    assert 'data-testid="approve"' not in page.get(page_url(check)).content.decode()
    assert page.post(judge_url(check, "sah")).status_code == 403
    assert everything_about(report) == before


def test_a_verdict_needs_post(pending, browser, desk):
    check = pending()
    page = browser(desk)
    assert page.get(judge_url(check, "sah")).status_code == 405
    assert page.post(judge_url(check, "entah")).status_code == 404
    check.refresh_from_db()
    assert check.state == "pending"


def test_no_identity_on_the_pages(pending, browser, desk):
    check = pending()
    Reporter.objects.create(report=check.report, name="Siti Rahma", phone="+6281234567890", email="s@x.id")
    page = browser(desk)
    for url in (reverse(LIST), page_url(check)):
        html = page.get(url).content.decode()
        assert not [word for word in ("Siti Rahma", "81234567890", "s@x.id") if word in html]


def test_the_list_costs_the_same_with_more(pending, browser, desk):
    page = browser(desk)

    def cost():
        page.get(reverse(LIST))
        with CaptureQueriesContext(connection) as queries:
            page.get(reverse(LIST))
        return len(queries)

    pending(seed=2)
    few = cost()
    for seed in range(3, 8):
        pending(seed=seed)
    assert cost() == few
