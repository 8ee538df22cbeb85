"""A routed report with a reporter to write to, the workers, and what goes out by phone."""

import json
from pathlib import Path

import pytest
from django.core import mail

from complaints.domain.draft import Contact
from dispatch.services import worker
from tests.conftest import NOW
from tests.dispatch.services.following import REPORTER
from tests.dispatch.services.many import given_to_dpu


@pytest.fixture
def work():
    def run(now=NOW):
        for queue in ("routing", "notify", "notify"):
            worker.drain(queue, clock=lambda: now)

    return run


@pytest.fixture
def sms(settings, tmp_path):
    """Texts sent by SMS and WhatsApp, as (channel, address, text)."""
    settings.MESSAGES_AS_FILES, settings.DATA_DIR = True, tmp_path
    settings.CHANNELS = ["email", "webpush", "whatsapp", "sms"]
    settings.PUBLIC_BASE_URL = "https://lapor.example.go.id"

    def read():
        files = [json.loads(path.read_text()) for path in sorted(Path(tmp_path, "messages").glob("*"))]
        return [(file["channel"], file["to"], file["text"]) for file in files]

    return read


@pytest.fixture
def report(make_report, work):
    """A routed report with a reporter's address; the message about the routing is out of the way."""
    report = make_report(contact=Contact(email=REPORTER))
    work()
    mail.outbox.clear()
    report.refresh_from_db()
    report.category.needs_repair_photo = False
    report.category.save()
    return report


@pytest.fixture
def head(staff):
    return staff("department_admin", "DPU")


@pytest.fixture
def handler(staff):
    return staff("handler", "DPU")


@pytest.fixture
def reports(db, draft, staff):
    """Reports that DPU has: `reports(3)`."""
    desk = staff("p3m")

    def make(number=1, **changes):
        return [given_to_dpu(draft, desk, **changes) for _ in range(number)]

    return make
