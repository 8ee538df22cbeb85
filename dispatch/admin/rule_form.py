"""The form of a routing rule: lists to choose from instead of JSON."""

import re
from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminSelect2MultipleWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from city import snapshot as city
from complaints.models import Report
from dispatch.admin import rule_times
from dispatch.domain import phrases
from dispatch.domain.facts import NO_LINE, UNKNOWN
from dispatch.models import RoutingRule
from dispatch.services.pack_words import LINE_CLASSES

_LINE_OF_ANSWERS = _("Please write one question a line, like: keadaan = rusak, ditempati")
_TAG = re.compile(r"[-a-z0-9]{1,30}\Z")


class CodesField(forms.MultipleChoiceField):
    """A JSON list of codes, chosen from a list."""

    def __init__(self, **kwargs):
        kwargs.setdefault("widget", UnfoldAdminSelect2MultipleWidget)
        super().__init__(required=False, **kwargs)


class ListField(forms.CharField):
    """A JSON list of texts, written one a line or separated by commas."""

    def __init__(self, **kwargs):
        kwargs.setdefault("widget", UnfoldAdminTextInputWidget)
        super().__init__(required=False, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(map(str, value)) if isinstance(value, list | tuple) else value

    def clean(self, value: Any) -> list[str]:
        return _split(super().clean(value).replace("\n", ","))


class RoutingRuleForm(rule_times.TimesForm):
    categories = CodesField(
        label=_("categories"), help_text=_("None chosen: every kind. A group covers all its kinds.")
    )
    areas = CodesField(label=_("areas"), help_text=_("None chosen: everywhere."))
    line_owners = CodesField(
        label=_("owners of the nearest line"),
        help_text=_("Only for kinds that look at roads or waterways. None chosen: does not matter."),
    )
    line_classes = CodesField(label=_("classes of the nearest line"))
    line_names = ListField(
        label=_("names of the nearest line"),
        help_text=_("Separated by commas, as on the map, like: Jalan Kaligawe Raya, Kali Banger"),
    )
    answers = forms.CharField(
        label=_("answers"),
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text=_LINE_OF_ANSWERS,
    )
    text_words = ListField(
        label=_("words in the text"),
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text=_(
            "Any of these, separated by commas. Whole words only: write every form that people use, like: "
            "dipakai parkir, diparkiri, kanggo parkir"
        ),
    )
    channels = CodesField(
        label=_("channels"),
        choices=Report.Channel.choices,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text=_("None chosen: does not matter."),
    )
    tags = ListField(
        label=_("tags"),
        help_text=_("Short codes for staff, separated by commas, like: musim-hujan, sekolah"),
    )

    class Meta:
        model = RoutingRule
        fields = (
            *("code", "categories", "areas", "line_owners", "line_classes", "line_names", "answers"),
            *("text_words", "channels", "min_severity", "outcome", "department"),
            *("severity_change", "severity_to", "tags", "asks_check"),
            *("reason", "reason_en", "basis", "order", "is_active"),
        )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        snap = city.current()
        self.fields["categories"].choices = [
            (info.code, f"{info.name} ({info.code})") for info in snap.categories.values()
        ]
        self.fields["areas"].choices = [
            (info.code, f"{info.name} ({info.code})")
            for info in snap.areas.values()
            if info.level in ("kecamatan", "kelurahan")
        ]
        owners = [(info.code, f"{info.name} ({info.code})") for info in snap.departments.values()]
        special = [(UNKNOWN, _("owner unknown")), (NO_LINE, _("no line nearby"))]
        self.fields["line_owners"].choices = [*special, *owners]
        for item in self.fields.values():
            item.label = capfirst(item.label)
        self.fields["line_classes"].choices = [(item, item) for item in sorted(LINE_CLASSES)]
        if self.instance.pk and isinstance(self.instance.answers, dict):
            self.initial["answers"] = "\n".join(
                f"{question} = {', '.join(map(str, values))}"
                for question, values in self.instance.answers.items()
            )

    def clean_answers(self) -> dict[str, list[str]]:
        answers = {}
        for line in filter(None, map(str.strip, self.cleaned_data["answers"].splitlines())):
            question, sign, values = line.partition("=")
            if not sign or not question.strip() or not _split(values):
                raise forms.ValidationError(_LINE_OF_ANSWERS)
            answers[question.strip()] = _split(values)
        return answers

    def clean_text_words(self) -> list[str]:
        found = self.cleaned_data["text_words"]
        for phrase in found:
            if not phrases.fold(phrase):
                raise forms.ValidationError(_("“%(value)s” has no word in it.") % {"value": phrase})
        return found

    def clean_tags(self) -> list[str]:
        for tag in self.cleaned_data["tags"]:
            if not _TAG.match(tag):
                text = _("“%(value)s” is no tag: small letters, digits and hyphens, at most 30.")
                raise forms.ValidationError(text % {"value": tag})
        return self.cleaned_data["tags"]

    def clean(self):
        data = super().clean()
        if data.get("outcome") == RoutingRule.Outcome.DEPARTMENT and not data.get("department"):
            self.add_error("department", _("Please choose the department this rule leads to."))
        if data.get("outcome") != RoutingRule.Outcome.DEPARTMENT:
            data["department"] = None
        self._check_severity(data)
        self._check_answers(data)
        self.instance.times = self.times_of(data)
        return data

    def _check_severity(self, data) -> None:
        if not data.get("severity_change"):
            data["severity_to"] = None
        elif data.get("severity_to") not in range(1, 6):
            self.add_error("severity_to", _("Please write a severity from 1 to 5."))
        minimum = data.get("min_severity")
        if minimum is not None and minimum not in range(1, 6):
            self.add_error("min_severity", _("Please write a severity from 1 to 5."))

    def _check_answers(self, data) -> None:
        """Answers must be ones that the chosen kinds can have."""
        snap = city.current()
        chosen = set(data.get("categories") or [])
        kinds = [c for c in snap.categories.values() if not chosen or {c.code, c.parent_code} & chosen]
        known = {
            (question.code, choice.value)
            for kind in kinds
            for question in kind.questions
            for choice in question.choices
        }
        yes_no = {q.code for kind in kinds for q in kind.questions if q.kind == "yes_no"}
        for question, values in (data.get("answers") or {}).items():
            for value in values:
                if (question, value) not in known and question not in yes_no:
                    text = _("No chosen kind has the answer “%(value)s” to “%(question)s”.")
                    self.add_error("answers", text % {"value": value, "question": question})


def _split(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]
