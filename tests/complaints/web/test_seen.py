"""When the problem was seen stands in the preview, on the report's page and on the staff's page."""

import pytest
from django.utils import timezone

from complaints.models import Report
from complaints.web import words

from .conftest import hidden_fields

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("told", [True, False])
def test_what_was_told_is_shown_where_it_matters(client, admin_client, filled, told):
    local = timezone.localtime() - timezone.timedelta(days=2)
    seen = f"{local:%Y-%m-%dT%H:%M}" if told else ""
    preview = client.post("/lapor/", filled(observed_at=seen)).content.decode()
    sentence = f"Terlihat pada {words.moment(local)}"
    assert (sentence in preview) is told
    fields = hidden_fields(preview)
    assert client.post("/lapor/", fields | {"action": "submit"}).status_code == 302
    report = Report.objects.get()
    public = client.get(f"/laporan/{report.code}/").content.decode()
    staff = admin_client.get(f"/admin/complaints/report/{report.pk}/change/").content.decode()
    for page in (public, staff):
        assert ('data-testid="seen"' in page) is told
        assert (sentence in page) is told
