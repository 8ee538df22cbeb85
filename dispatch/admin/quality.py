"""The page that says which rules send reports to the right office the first time."""

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.template.response import TemplateResponse
from django.utils import timezone

from city import snapshot as city
from complaints.web import words as public_words
from dispatch.models import RoutingRule
from dispatch.services import quality


def page(request):
    """For whoever may read the rules."""
    if not request.user.has_perm("dispatch.view_routingrule"):
        raise PermissionDenied
    now = timezone.now()
    rows = quality.by_rule(now=now)
    rule_ids = dict(RoutingRule.objects.values_list("code", "pk"))
    chosen = request.GET.get("aturan", "")
    total = sum(row.total for row in rows)
    handed_over = sum(row.handed_over for row in rows)
    context = {
        **admin.site.each_context(request),
        "days": quality.WINDOW_DAYS,
        "fewest": quality.FEWEST,
        "total": total,
        "overall": quality.RuleQuality("", total, handed_over),
        "rows": [{"row": row, "rule_id": rule_ids.get(row.rule_code)} for row in rows],
        "chosen": chosen,
        "misroutes": [_named(item) for item in quality.misroutes(chosen, now=now)] if chosen else [],
    }
    return TemplateResponse(request, "dispatch/admin/quality.html", context)


def _named(item: quality.Misroute) -> dict:
    departments = city.current().departments_by_id
    names = [departments.get(pk) for pk in (item.from_id, item.to_id)]
    start, end = [public_words.local(name) if name else "" for name in names]
    return {"from": start, "to": end, "count": item.count}
