"""The first page of the staff area, its frame and its menu (named in settings.UNFOLD)."""

from urllib.parse import urlencode

from django.templatetags.static import static
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from city import roles
from complaints import selectors
from complaints.web import site as portal_site
from dispatch.admin import work_cards
from dispatch.models import WebhookSubscriber
from dispatch.services import casework as casework_service
from dispatch.services import escalation, fieldwork, incident_work, referrals, worklist

_LATE_SHOWN = 5
_ESCALATIONS_SHOWN = 10


def title(request) -> str:
    return portal_site.current().title


def environment(request):
    """A badge where the reports are made up."""
    return [_("Demonstration"), "warning"] if portal_site.current().has_demo else None


def my_work(request, context):
    """The cards of the first page, with counts that are exactly what their lists show."""
    user = request.user
    if not user.has_perm("complaints.view_report"):
        return context
    now = timezone.now()
    told = escalation.waiting_for(user).select_related("report__category", "report__area")
    return {
        **context,
        "cards": work_cards.cards(user, now),
        "queue_url": _queue(),
        "late": _most_late(user, now),
        "referrals": _referrals(user, now),
        "bursts": _bursts(user, now),
        "broken_webhooks": _broken_webhooks(user),
        "escalations": list(told.defer("report__area__geometry")[:_ESCALATIONS_SHOWN]),
        "now": now,
    }


def _queue(**params: str) -> str:
    address = reverse("admin:complaints_report_changelist")
    return f"{address}?{urlencode(params)}" if params else address


def _most_late(user, now):
    rows = selectors.for_staff(user).select_related("category", "area", "department")
    return worklist.most_late(rows.defer("area__geometry"), _LATE_SHOWN, now)


def _bursts(user, now):
    """The last day's alarms, for those who are told of them."""
    if not incident_work.is_told(user):
        return []
    rows = incident_work.alarms(user, now=now).select_related("report__category", "report__area")
    return list(rows.defer("report__area__geometry")[:_ESCALATIONS_SHOWN])


def _referrals(user, now):
    """Letters to be sent and owners to be asked again, for those who look after them."""
    waiting = referrals.waiting_for(user, today=timezone.localdate(now))
    rows = waiting.select_related("report__category", "report__area", "department")
    return list(rows.defer("report__area__geometry")[:_ESCALATIONS_SHOWN]) if referrals.may_care(user) else []


def _broken_webhooks(user):
    """Receivers that were switched off by themselves, for administrators."""
    if casework_service.role_of(user) != roles.ADMIN:
        return []
    off = WebhookSubscriber.objects.filter(is_active=False, disabled_why__in=("failing", "gone"))
    return list(off.order_by("-disabled_at")[:_ESCALATIONS_SHOWN])


# --- Menu ------------------------------------------------------------------------------------------

# What only administrators open; to see these models is more than their pages allow.
_OWNERS, _HOOKS = "dispatch.change_ownerendpoint", "dispatch.change_webhooksubscriber"
# Group, then (title, icon of the theme's font, address name, permission or a question about the person).
_MENU = (
    (
        _("Work"),
        (
            (_("My work"), "home", "admin:index", "complaints.view_report"),
            (_("Reports"), "inbox", "admin:complaints_report_changelist", "complaints.view_report"),
            (_("Second look"), "fact_check", "admin:dispatch_repaircheck_changelist", None),
            (_("In the field"), "directions_walk", "admin:field", fieldwork.may_go_out),
            (_("Crews"), "engineering", "admin:city_crew_changelist", None),
            (_("Tags"), "sell", "admin:dispatch_tag_changelist", None),
            (_("The office and its work"), "monitoring", "admin:dispatch_office", "dispatch.view_officeweek"),
            (_("Referrals"), "outbound", "admin:dispatch_referral_changelist", None),
            (_("Escalations"), "notification_important", "admin:dispatch_escalation_changelist", None),
        ),
    ),
    (
        _("Rules"),
        (
            (_("Routing rules"), "alt_route", "admin:dispatch_routingrule_changelist", None),
            (_("Incidents"), "groups", "admin:dispatch_incidentrule_changelist", None),
            (_("Escalation ladder"), "stairs", "admin:dispatch_ladderrung_changelist", None),
            (_("Shares of second looks"), "percent", "admin:dispatch_reviewshare_changelist", None),
            (_("Service levels"), "timer", "admin:dispatch_servicelevel_changelist", None),
            (_("Right the first time"), "target", "admin:dispatch_quality", "dispatch.view_routingrule"),
            (_("Learned models"), "school", "admin:dispatch_textmodel_changelist", None),
            (_("Rules looked over"), "rule", "admin:dispatch_routingrule_check", "dispatch.view_routingrule"),
            (_("Routing decisions"), "fact_check", "admin:dispatch_routingdecision_changelist", None),
        ),
    ),
    (
        _("City"),
        (
            (_("Departments"), "apartment", "admin:city_department_changelist", None),
            (_("Areas"), "map", "admin:city_area_changelist", None),
            (_("Categories"), "category", "admin:city_category_changelist", None),
            (_("Roads"), "add_road", "admin:city_road_changelist", None),
            (_("Waterways"), "water", "admin:city_waterway_changelist", None),
            (_("Work calendars"), "calendar_month", "admin:city_workcalendar_changelist", None),
        ),
    ),
    (
        _("Operation"),
        (
            (_("Outbox"), "outbox", "admin:dispatch_outbox_changelist", None),
            (_("Deliveries"), "mail", "admin:dispatch_delivery_changelist", None),
            (_("Channels"), "cell_tower", "admin:channels", "dispatch.change_messagetext"),
            (_("Texts of messages"), "edit_note", "admin:dispatch_messagetext_changelist", None),
            (_("Reply templates"), "quickreply", "admin:dispatch_replytemplate_changelist", None),
            (_("Quiet hours"), "bedtime", "admin:city_quiethours_changelist", None),
            (_("Owners’ systems"), "lan", "admin:dispatch_ownerendpoint_changelist", _OWNERS),
            (_("Webhooks"), "webhook", "admin:dispatch_webhooksubscriber_changelist", _HOOKS),
            (_("Webhook deliveries"), "receipt_long", "admin:dispatch_webhookdelivery_changelist", _HOOKS),
            (_("Staff"), "badge", "admin:city_user_changelist", None),
            (_("API clients"), "key", "admin:complaints_apiclient_changelist", None),
            (_("Record"), "history", "admin:audit", "city.view_auditevent"),
        ),
    ),
)


def menu(request) -> list[dict]:
    """The side menu: what exists and this person may see."""
    groups = []
    for label, entries in _MENU:
        items = [item for entry in entries if (item := _menu_item(request, *entry))]
        if items:
            groups.append({"title": label, "separator": bool(groups), "items": items})
    return groups


def _menu_item(request, label, icon: str, name: str, permission) -> dict | None:
    try:
        link = reverse(name)
    except NoReverseMatch:  # a room whose staff pages are not installed
        return None
    if callable(permission):
        return {"title": label, "icon": icon, "link": link} if permission(request.user) else None
    if permission is None:
        app, model = name.removeprefix("admin:").removesuffix("_changelist").split("_", 1)
        permission = f"{app}.view_{model}"
    if not request.user.has_perm(permission):
        return None
    return {"title": label, "icon": icon, "link": link}


def account_links(request) -> list[dict]:
    """What the menu of one's own name offers."""
    links = [{"title": _("My account"), "link": reverse("admin:account")}]
    if request.user.is_authenticated and request.user.has_usable_password():
        links.append({"title": _("Change password"), "link": reverse("admin:password_change")})
    return links


# --- Files of the frame ----------------------------------------------------------------------------


def tokens_css(request) -> str:
    return static("css/tokens.css")


def staff_css(request) -> str:
    return static("admin-staff.css")


def mends_css(request) -> str:
    return static("admin-mends.css")


def forget_js(request) -> str:
    return static("js/field/forget.js")


def theme_js(request) -> str:
    return static("admin-theme.js")


def logo(request) -> str:
    return static("logo.svg")


def favicon(request) -> str:
    return static("favicon.svg")
