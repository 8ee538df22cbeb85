"""What each outbox topic does. Registered once, when the app is ready."""

from datetime import datetime

from complaints.models import Event, Report
from complaints.services import cells, photo_files, photos
from dispatch.models import Outbox
from dispatch.services import (
    asks,
    clocks,
    deliveries,
    digests,
    escalation,
    forgetting,
    forwards,
    joining,
    mentions,
    owner_news,
    referrals,
    route,
    webhook_send,
    webhooks,
)
from dispatch.services.worker import Effect, Handler, register


def report_submitted(row: Outbox, now: datetime) -> None:
    """Route a new report and count it for the map."""
    webhooks.submitted(row.report_id, now=now)
    route.route_report(row.report_id, now=now)
    cells.refresh(row.report_id)
    referrals.follow(row.report_id, now=now)
    escalation.watch_report(row.report_id, now=now)
    joining.follow(row.report_id, now=now)


def report_join(row: Outbox, now: datetime) -> None:
    """Join a report to the incident it belongs to; what people settled meanwhile stands."""
    joining.join(row.report_id, now=now, in_burst=bool(row.payload.get("in_burst")))


def incident_tell(row: Outbox, now: datetime) -> None:
    digests.tell_of_burst(row.payload["alarm_id"], row.payload["user_id"])


def report_submitted_dead(row: Outbox, now: datetime) -> None:
    route.send_to_triage(row.report_id, now=now)


def report_changed(row: Outbox, now: datetime) -> None:
    """Move the promise if the event demands it, queue the messages, keep the map's counts true."""
    event = Event.objects.get(pk=row.payload["event_id"])
    # The report first, so that all who touch it wait in one order. get() of an id alone builds no model.
    Report.objects.select_for_update(of=("self",)).values_list("pk").get(pk=event.report_id)
    clocks.follow(event, now=now)
    forgetting.follow(event)
    deliveries.prepare(event, now=now)
    webhooks.prepare(event, now=now)
    cells.refresh(event.report_id)
    referrals.follow(event.report_id, now=now)
    escalation.watch_report(event.report_id, now=now)


def photo_added(row: Outbox, now: datetime) -> None:
    """Re-encode a photo; takes up to a second and runs outside any transaction."""
    photos.prepare_photo(row.payload["photo_id"])


def photo_removed(row: Outbox, now: datetime) -> None:
    """Delete the files of a photo that its reporter took away."""
    photo_files.delete_files(row.payload["names"])


def delivery_send(row: Outbox, now: datetime) -> Effect | None:
    return deliveries.send(row.payload["delivery_id"], now=now)


def escalation_tell(row: Outbox, now: datetime) -> None:
    payload = row.payload
    digests.tell_at_once(payload["escalation_id"], payload["user_id"], now=now)


def referral_send(row: Outbox, now: datetime) -> Effect | None:
    return referrals.send(row.payload["referral_id"], number=row.payload["number"], now=now)


def owner_forward(row: Outbox, now: datetime) -> Effect | None:
    """File a referral in its owner's own system."""
    return forwards.send(row.payload["forward_id"], now=now)


def owner_forward_dead(row: Outbox, now: datetime) -> None:
    forwards.give_up(row.payload["forward_id"], now=now)


def owner_poll(row: Outbox, now: datetime) -> Effect | None:
    """Ask an owner's system what became of our referrals."""
    return owner_news.poll(row.payload["endpoint_id"], now=now)


def webhook_deliver(row: Outbox, now: datetime) -> Effect | None:
    """Send one event to one webhook's receiver."""
    return webhook_send.send(row.payload["delivery_id"], now=now)


def webhook_dead(row: Outbox, now: datetime) -> None:
    webhook_send.give_up(row.payload["delivery_id"])


def webhook_replay(row: Outbox, now: datetime) -> None:
    payload = row.payload
    since = datetime.fromisoformat(payload["since"])
    webhooks.replay_chunk(payload["subscriber_id"], since, payload["after_id"], now=now)


def webhook_notice(row: Outbox, now: datetime) -> None:
    webhook_send.send_notice(row.payload["subscriber_id"], now=now)


def digest_send(row: Outbox, now: datetime) -> Effect | None:
    return digests.send(row.payload["digest_id"], now=now)


def subscription_ask(row: Outbox, now: datetime) -> Effect | None:
    return asks.send_ask(row.payload["subscription_id"], now=now)


def code_requested(row: Outbox, now: datetime) -> Effect | None:
    return asks.send_code(row.payload["one_time_code_id"], now=now)


def delivery_dead(row: Outbox, now: datetime) -> None:
    deliveries.give_up(row.payload["delivery_id"])


def mention_send(row: Outbox, now: datetime) -> Effect | None:
    return mentions.send(row.payload["mention_id"], now=now)


def register_all() -> None:
    register(mentions.TOPIC, Handler(mention_send, is_transactional=False))
    register("report.submitted", Handler(report_submitted, on_dead=report_submitted_dead))
    register(joining.TOPIC, Handler(report_join))
    register(joining.TELL, Handler(incident_tell, is_transactional=False))
    register("report.changed", Handler(report_changed))
    register("photo.added", Handler(photo_added, is_transactional=False))
    register("photo.removed", Handler(photo_removed, is_transactional=False))
    register("escalation.tell", Handler(escalation_tell, is_transactional=False))
    register("referral.send", Handler(referral_send, is_transactional=False))
    register("owner.forward", Handler(owner_forward, is_transactional=False, on_dead=owner_forward_dead))
    register("owner.poll", Handler(owner_poll, is_transactional=False))
    register("webhook.send", Handler(webhook_deliver, is_transactional=False, on_dead=webhook_dead))
    register("webhook.replay", Handler(webhook_replay))
    register("webhook.notice", Handler(webhook_notice, is_transactional=False))
    register("digest.send", Handler(digest_send, is_transactional=False))
    register("subscription.ask", Handler(subscription_ask, is_transactional=False))
    register("code.requested", Handler(code_requested, is_transactional=False))
    register("delivery.send", Handler(delivery_send, is_transactional=False, on_dead=delivery_dead))
