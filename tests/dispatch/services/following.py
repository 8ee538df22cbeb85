"""People who follow a report, and an officer who gives them something to hear."""

from django.core import mail

from complaints.domain.actor import Actor
from complaints.services import subscriptions
from complaints.services.status import change_status
from tests.conftest import NOW

OFFICER = Actor("staff")
REPORTER, FOLLOWER, PHONE = "warga@contoh.id", "tetangga@contoh.id", "+6281234567890"


def follow(report, address=FOLLOWER, channel="email", **changes):
    values = {"role": "supporter", "channel": channel, "address": address, "now": NOW, "is_confirmed": True}
    return subscriptions.subscribe(report, **values | changes)


def resolve(report):
    change_status(report.pk, "in_progress", actor=OFFICER, now=NOW)
    return change_status(report.pk, "resolved", actor=OFFICER, now=NOW, message="Sudah ditambal.")


def to(address):
    return [message for message in mail.outbox if message.to == [address]]
