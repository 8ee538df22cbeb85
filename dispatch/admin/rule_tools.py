"""Pages beside the rules: looking them over, trying an edit before it is saved, replaying a decision."""

import json
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from city import snapshot as city
from complaints import selectors
from complaints.web import words as public_words
from complaints.web.map_setup import map_setup
from dispatch import words
from dispatch.models import RoutingRule
from dispatch.services import dry_run, replay, rule_check, rules

LISTED = 200
ON_MAP = 1000

_REPLAY_FIELD = {
    "outcome": _("state"),
    "department": _("department"),
    "rule": _("rule"),
    "rule_version": _("version"),
    "triage_reason": _("reason"),
    "severity": _("severity"),
    "tags": _("tags"),
    "needs_check": _("to be checked first"),
    "adjusted_by": _("adjusted by"),
    "runners_up": _("runners-up"),
}


class RuleTools:
    """Mix-in of the rules' admin."""

    change_form_after_template = "dispatch/admin/_try_rule.html"

    def get_urls(self):
        view = self.admin_site.admin_view
        own = [
            path("pemeriksaan/", view(self.check_view), name="dispatch_routingrule_check"),
            path("coba/", view(self.try_view), name="dispatch_routingrule_try_new"),
            path("<int:rule_id>/coba/", view(self.try_view), name="dispatch_routingrule_try"),
        ]
        return own + super().get_urls()

    def check_view(self, request):
        """For whoever may read the rules."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Rules looked over"),
            "found": rule_check.look_over(city.current()),
        }
        return TemplateResponse(request, "dispatch/admin/rule_check.html", context)

    def try_view(self, request, rule_id: int | None = None):
        """What the rule in the form would have changed; nothing is saved. For whoever may save it."""
        rule = self._rule(request, rule_id)
        if request.method != "POST":
            name = "change" if rule else "add"
            arguments = [rule_id] if rule else []
            return HttpResponseRedirect(reverse(f"admin:dispatch_routingrule_{name}", args=arguments))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("What this rule would have changed"),
            "days": dry_run.WINDOW_DAYS,
            "most": dry_run.MOST,
            "rule": rule,
        }
        replaced = rule.code if rule else None
        form = self.get_form(request, rule, change=rule is not None)(request.POST, instance=rule)
        if not form.is_valid():
            context["errors"] = [(_label(form, name), texts) for name, texts in form.errors.items()]
            return TemplateResponse(request, "dispatch/admin/rule_try.html", context, status=422)
        edited = rules.as_rule(form.instance) if form.instance.is_active else None
        context |= self._result(request, edited, replaced)
        return TemplateResponse(request, "dispatch/admin/rule_try.html", context)

    def _rule(self, request, rule_id: int | None) -> RoutingRule | None:
        if rule_id is None:
            if not self.has_add_permission(request):
                raise PermissionDenied
            return None
        rule = RoutingRule.objects.select_related("department").filter(pk=rule_id).first()
        if not self.has_change_permission(request, rule):
            raise PermissionDenied
        if rule is None:
            raise Http404
        return rule

    def _result(self, request, edited, replaced: str | None) -> dict[str, Any]:
        snap = city.current()
        book = rules.current(snap)
        result = dry_run.dry_run(edited, replaced, book.rules, snap, now=timezone.now())
        rows = _reports(request.user, result.changes[:ON_MAP])
        points = [
            [round(row["latitude"], 5), round(row["longitude"], 5), row["code"]] for row in rows.values()
        ]
        return {
            "edited_code": edited.code if edited else replaced,
            "is_switched_off": edited is None,
            "result": result,
            "counts": [(*_move(before, after, snap), count) for before, after, count in result.counts()],
            "listed": [
                {
                    **rows[change.report_id],
                    "from": _said(change.before, snap),
                    "to": _said(change.after, snap),
                }
                for change in result.changes[:LISTED]
                if change.report_id in rows
            ],
            "listed_at_most": LISTED,
            "points_json": json.dumps(points),
            "on_map": len(points),
            "map": map_setup(),
        }


def _label(form, name: str) -> str:
    return str(form.fields[name].label or name) if name in form.fields else ""


def _reports(user, changes) -> dict[int, dict[str, Any]]:
    """What the page shows of the reports that this person may see."""
    found = (
        selectors.for_staff(user)
        .filter(pk__in=[change.report_id for change in changes])
        .values("pk", "code", "latitude", "longitude", "created_at", "category__name", "area__name")
    )
    return {row["pk"]: row for row in found}


def _said(answer: dry_run.Answer, snap) -> str:
    """One answer in a few words: where it goes, how severe, what else."""
    return ", ".join([_where(answer, snap), *_what_else(answer)])


def _where(answer: dry_run.Answer, snap) -> str:
    department = snap.departments.get(answer.department or "")
    if department:
        return department.short_name or public_words.local(department)
    desk = str(_("the complaints desk"))
    reason = words.TRIAGE_REASON.get(answer.triage_reason)
    return f"{desk} ({str(reason).rstrip('.')})" if reason else desk


def _what_else(answer: dry_run.Answer) -> list[str]:
    said = [str(words.SEVERITY.get(answer.severity, answer.severity))]
    said += [f"#{tag}" for tag in answer.tags]
    return said + ([str(_("to be checked first"))] if answer.needs_check else [])


def _move(before: dry_run.Answer, after: dry_run.Answer, snap) -> tuple[str, str]:
    return _said(before, snap), _said(after, snap)


class ReplayPage:
    """Mix-in of the decisions' admin."""

    def get_urls(self):
        view = self.admin_site.admin_view
        own = path("<int:decision_id>/putar-ulang/", view(self.replay_view), name="dispatch_decision_replay")
        return [own, *super().get_urls()]

    def replay_view(self, request, decision_id: int):
        if not self.has_view_permission(request):
            raise PermissionDenied
        record = self.model.objects.select_related("department", "report").filter(pk=decision_id).first()
        if record is None or not selectors.for_staff(request.user).filter(pk=record.report_id).exists():
            raise Http404
        result = replay.Replayer().replay(record)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Decision replayed"),
            "decision": record,
            "reasons": words.reasons(record),
            "result": result,
            "differences": [
                (_REPLAY_FIELD.get(name, name), was, now) for name, was, now in result.differences
            ],
            "facts_json": json.dumps(record.facts, indent=2, ensure_ascii=False),
        }
        return TemplateResponse(request, "dispatch/admin/replay.html", context)
