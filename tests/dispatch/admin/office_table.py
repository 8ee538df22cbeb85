"""Every page of the office that edits something: how to come by an object, and one edit of it."""

import re

from django.contrib import admin
from django.urls import reverse

from city.models import (
    Area,
    Category,
    Crew,
    Department,
    QuietHours,
    Road,
    User,
    Waterway,
    WorkCalendar,
)
from dispatch.models import (
    IncidentRule,
    LadderRung,
    OwnerEndpoint,
    ReplyTemplate,
    ReviewShare,
    RoutingRule,
    ServiceLevel,
    Tag,
    WebhookSubscriber,
)
from tests.conftest import NOW


def _crew():
    return Crew.objects.create(name="Tim", department=Department.objects.get(code="DPU"))


def _tag():
    return Tag.objects.create(code="uji", name="Uji", department=Department.objects.get(code="DPU"))


def _reply():
    return ReplyTemplate.objects.create(
        code="uji",
        name="Uji",
        steps=["start"],
        text="Halo",
        department=Department.objects.get(code="DPU"),
    )


def _endpoint():
    return OwnerEndpoint.objects.create(
        department=Department.objects.get(code="BBWS"),
        base_url="https://open311.example/v2",
        default_service_code="lain",
    )


def _subscriber():
    return WebhookSubscriber.objects.create(
        name="Penerima", url="https://hook.example/a", kinds=["status"], created_at=NOW, secret_sealed="x"
    )


# Model → an object, the field that is edited, what is typed, before and after as the record keeps them.
TABLE = {
    "city.area": (lambda: Area.objects.get(code="33.74.01.1001"), "population", "5000", None, 5000),
    "city.category": (lambda: Category.objects.get(code="jalan-lubang"), "hint", "Lihat", None, "Lihat"),
    "city.crew": (_crew, "name", "Regu", "Tim", "Regu"),
    "city.department": (lambda: Department.objects.get(code="DPU"), "phone", "024 1", "", "024 1"),
    "city.quiethours": (lambda: QuietHours.objects.get(code="sms"), "starts_at", "20:15", None, "20:15"),
    "city.road": (lambda: Road.objects.get(code="jalan-merak"), "owner_basis", "SK 1", None, "SK 1"),
    "city.user": (lambda: User.objects.get(username="petugas"), "email", "a@b.id", "", "a@b.id"),
    "city.waterway": (lambda: Waterway.objects.first(), "owner_basis", "SK 1", None, "SK 1"),
    "city.workcalendar": (lambda: WorkCalendar.objects.get(code="kantor"), "name", "Jam", None, "Jam"),
    "dispatch.incidentrule": (lambda: IncidentRule.objects.first(), "hours", "7", None, 7),
    "dispatch.ladderrung": (lambda: LadderRung.objects.first(), "repeat_hours", "5", None, 5),
    "dispatch.ownerendpoint": (_endpoint, "poll_minutes", "75", 60, 75),
    "dispatch.replytemplate": (_reply, "name", "Lain", "Uji", "Lain"),
    "dispatch.tag": (_tag, "name", "Lain", "Uji", "Lain"),
    "dispatch.reviewshare": (
        lambda: ReviewShare.objects.create(percent=10),
        "percent",
        "11",
        "10.00",
        "11.00",
    ),
    "dispatch.routingrule": (lambda: RoutingRule.objects.first(), "basis", "Perwal", None, "Perwal"),
    "dispatch.servicelevel": (lambda: ServiceLevel.objects.first(), "acknowledge_minutes", "77", None, 77),
    "dispatch.webhooksubscriber": (_subscriber, "name", "Lain", "Penerima", "Lain"),
}
# Edited on pages of their own, with a record of their own: a report's timeline, versions of texts.
OWN_PAGES = {"complaints.report", "dispatch.messagetext"}


def office_admins() -> dict[str, object]:
    """The pages that use the shared mix-in, by model."""
    from city.office import OfficePages

    return {
        model._meta.label_lower: page
        for model, page in admin.site._registry.items()
        if isinstance(page, OfficePages)
    }


def url(obj, name: str) -> str:
    return reverse(f"admin:{obj._meta.app_label}_{obj._meta.model_name}_{name}", args=[obj.pk])


def form_values(page) -> dict:
    """What a browser would send back from a change page, unchanged, with the page's stamp."""
    context = page.context
    forms = [context["adminform"].form]
    for inline in context["inline_admin_formsets"]:
        forms += [inline.formset.management_form, *inline.formset.forms]
    values = {}
    for form in forms:
        for field in form:
            value = field.value()
            if isinstance(value, bool) or value is None:
                values.update({field.html_name: "on"} if value else {})
            elif isinstance(value, list):
                values[field.html_name] = [str(getattr(item, "pk", item)) for item in value]
            else:
                values[field.html_name] = str(value)
    found = re.search(r'name="_seen" value="(\w+)"', page.content.decode())
    return values | ({"_seen": found[1]} if found else {})
