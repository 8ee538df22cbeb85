"""The pages of webhooks: for administrators, with a secret that is shown once."""

import re
from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse
from django.utils import timezone

from city import roles
from dispatch.models import Outbox, WebhookDelivery, WebhookSubscriber
from dispatch.services import webhooks, worker
from tests.conftest import NOW

pytestmark = pytest.mark.django_db
LIST, ADD = "admin:dispatch_webhooksubscriber_changelist", "admin:dispatch_webhooksubscriber_add"
CHANGE = "admin:dispatch_webhooksubscriber_change"
LOG = "admin:dispatch_webhookdelivery_changelist"
TYPED = {"name": "Dasbor", "url": "https://receiver.example/x", "kinds": ["status"], "is_active": "on"}


@pytest.fixture
def subscriber(db):
    made = WebhookSubscriber(
        name="Dasbor", url="https://receiver.example/", kinds=["submitted"], created_at=NOW
    )
    webhooks.new_secret(made, now=NOW)
    made.save()
    return made


@pytest.fixture
def delivery(subscriber, make_report):
    make_report()
    worker.drain("routing", clock=lambda: NOW)
    return WebhookDelivery.objects.get()


def test_the_secret_is_shown_once(browser, staff):
    user = staff("admin")
    page = browser(user)
    answer = page.post(reverse(ADD), TYPED)
    made = WebhookSubscriber.objects.get()
    [secret] = webhooks.secrets_of(made, timezone.now())
    assert "no-store" in answer.headers["Cache-Control"]
    assert re.search(r'data-testid="secret">(whsec_[\w-]{43})<', answer.content.decode()).group(1) == secret
    assert (made.kinds, made.created_by, made.is_active) == (["status"], user, True)
    for url in (reverse(CHANGE, args=[made.pk]), reverse(LIST)):
        shown = page.get(url).content.decode()
        assert (secret in shown, made.secret_sealed in shown, "Dasbor" in shown) == (False, False, True)
    assert secret not in str(list(LogEntry.objects.values()))
    assert LogEntry.objects.filter(user=user).count() == 1


def test_a_new_secret_is_shown_once_and_recorded(browser, staff, subscriber):
    [old] = webhooks.secrets_of(subscriber, NOW)
    page, url = browser(staff("admin")), reverse("admin:dispatch_webhook_rotate", args=[subscriber.pk])
    assert page.get(url).status_code == 405
    answer = page.post(url)
    subscriber.refresh_from_db()
    new, also = webhooks.secrets_of(subscriber, timezone.now())
    assert (also, new in answer.content.decode(), old in answer.content.decode()) == (old, True, False)
    assert LogEntry.objects.count() == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("url", "http://receiver.example/"),
        ("url", "https://u:p@receiver.example/"),
        ("kinds", ["note"]),
        ("kinds", []),
        ("name", ""),
    ],
)
def test_what_cannot_be_is_said_and_not_kept(browser, staff, field, value):
    answer = browser(staff("admin")).post(reverse(ADD), TYPED | {field: value})
    assert (answer.status_code, list(answer.context["adminform"].form.errors)) == (200, [field])
    assert not WebhookSubscriber.objects.exists()


@pytest.mark.parametrize("role", [role for role in roles.ROLES if role != roles.ADMIN])
def test_others_see_and_change_nothing(browser, staff, subscriber, delivery, role):
    page = browser(staff(role, "DPU" if role in roles.NEED_DEPARTMENT else None))
    before = list(WebhookSubscriber.objects.values()), list(WebhookDelivery.objects.values())
    rows = Outbox.objects.count()
    answers = [
        page.get(reverse(LIST)),
        page.get(reverse(LOG)),
        page.get(reverse(CHANGE, args=[subscriber.pk])),
        page.post(reverse(CHANGE, args=[subscriber.pk]), TYPED),
        page.post(reverse(ADD), TYPED),
        page.post(reverse("admin:dispatch_webhook_rotate", args=[subscriber.pk])),
        page.post(
            reverse("admin:dispatch_webhook_replay", args=[subscriber.pk]), {"since": "2026-01-01T00:00"}
        ),
        page.post(reverse(LOG), {"action": "send_again", "_selected_action": [delivery.pk]}),
        page.post(reverse("admin:dispatch_webhooksubscriber_delete", args=[subscriber.pk]), {"post": "yes"}),
    ]
    assert [answer.status_code for answer in answers] == [403] * 9
    assert (list(WebhookSubscriber.objects.values()), list(WebhookDelivery.objects.values())) == before
    assert Outbox.objects.count() == rows


def test_switching_on_starts_afresh_and_is_recorded(browser, staff, subscriber):
    WebhookSubscriber.objects.update(
        is_active=False, disabled_why="failing", disabled_at=NOW, failed_count=40, failing_since=NOW
    )
    user = staff("admin")
    page = browser(user)
    home = page.get(reverse("admin:index")).content.decode()
    assert 'data-testid="broken-webhooks"' in home
    assert (
        'data-testid="broken-webhooks"'
        not in browser(staff("p3m")).get(reverse("admin:index")).content.decode()
    )
    assert page.post(reverse(CHANGE, args=[subscriber.pk]), TYPED).status_code == 302
    subscriber.refresh_from_db()
    assert (subscriber.is_active, subscriber.disabled_why, subscriber.failed_count) == (True, "", 0)
    assert LogEntry.objects.get().user == user
    page.post(reverse(CHANGE, args=[subscriber.pk]), {key: TYPED[key] for key in ("name", "url", "kinds")})
    subscriber.refresh_from_db()
    assert (subscriber.is_active, subscriber.disabled_why) == (False, "by_hand")


@pytest.mark.parametrize(
    ("since", "active", "queued"),
    [
        ("2026-01-01T08:00", True, 1),
        ("2999-01-01T08:00", True, 0),
        ("kemarin", True, 0),
        ("2026-01-01T08:00", False, 0),
    ],
)
def test_replaying_since_a_time(browser, staff, subscriber, since, active, queued):
    WebhookSubscriber.objects.update(is_active=active)
    url = reverse("admin:dispatch_webhook_replay", args=[subscriber.pk])
    assert browser(staff("admin")).post(url, {"since": since}).status_code == 302
    assert Outbox.objects.filter(topic="webhook.replay").count() == queued
    assert LogEntry.objects.count() == queued


def test_the_log_shows_every_attempt_and_sends_again(browser, staff, delivery):
    delivery.tries.create(number=1, at=NOW, status=500, duration_ms=87, error="HTTP 500")
    WebhookDelivery.objects.update(state="failed", attempts=1, last_status=500, last_error="HTTP 500")
    page = browser(staff("admin"))
    shown = page.get(reverse("admin:dispatch_webhookdelivery_change", args=[delivery.pk])).content.decode()
    assert ("HTTP 500" in shown, "87" in shown) == (True, True)
    assert "HTTP 500" in page.get(reverse(LOG)).content.decode()
    page.post(reverse(LOG), {"action": "send_again", "_selected_action": [delivery.pk]})
    delivery.refresh_from_db()
    assert (delivery.state, delivery.replays) == ("pending", 1)
    assert LogEntry.objects.count() == 1
    url = reverse("admin:dispatch_webhookdelivery_change", args=[delivery.pk])
    assert page.post(url, {"state": "sent"}).status_code == 403


def test_the_log_asks_no_more_for_more(
    browser, staff, subscriber, make_report, django_assert_max_num_queries
):
    page = browser(staff("admin"))
    for count in (2, 8):
        for _number in range(count):
            make_report(now=NOW + timedelta(seconds=1))
        worker.drain("routing", clock=lambda: NOW + timedelta(minutes=1))
        with django_assert_max_num_queries(12):
            page.get(reverse(LOG))
    assert WebhookDelivery.objects.count() == 10
