"""The form of a routing rule: lists to choose from instead of JSON."""

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectMultipleWidget, UnfoldAdminTextareaWidget

from city import snapshot as city
from dispatch.domain.facts import NO_LINE, UNKNOWN
from dispatch.models import RoutingRule

_LINE_OF_ANSWERS = _("Please write one question a line, like: keadaan = rusak, ditempati")


class CodesField(forms.MultipleChoiceField):
    """A JSON list of codes, chosen from a list."""

    def __init__(self, **kwargs):
        super().__init__(required=False, widget=UnfoldAdminSelectMultipleWidget, **kwargs)


class RoutingRuleForm(forms.ModelForm):
    categories = CodesField(
        label=_("categories"), help_text=_("None chosen: every kind. A group covers all its kinds.")
    )
    areas = CodesField(label=_("areas"), help_text=_("None chosen: everywhere."))
    line_owners = CodesField(
        label=_("owners of the nearest line"),
        help_text=_("Only for kinds that look at roads or waterways. None chosen: does not matter."),
    )
    line_classes = forms.CharField(
        label=_("classes of the nearest line"), required=False, help_text=_("Separated by commas.")
    )
    answers = forms.CharField(
        label=_("answers"),
        required=False,
        widget=UnfoldAdminTextareaWidget,
        help_text=_LINE_OF_ANSWERS,
    )

    class Meta:
        model = RoutingRule
        fields = (
            *("code", "categories", "areas", "line_owners", "line_classes", "answers", "min_severity"),
            *("outcome", "department", "reason", "reason_en", "basis", "order", "is_active"),
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
        if self.instance.pk:
            self.initial["line_classes"] = ", ".join(self.instance.line_classes)
            self.initial["answers"] = "\n".join(
                f"{question} = {', '.join(values)}" for question, values in self.instance.answers.items()
            )

    def clean_line_classes(self) -> list[str]:
        return _split(self.cleaned_data["line_classes"])

    def clean_answers(self) -> dict[str, list[str]]:
        answers = {}
        for line in filter(None, map(str.strip, self.cleaned_data["answers"].splitlines())):
            question, sign, values = line.partition("=")
            if not sign or not question.strip() or not _split(values):
                raise forms.ValidationError(_LINE_OF_ANSWERS)
            answers[question.strip()] = _split(values)
        return answers

    def clean(self):
        data = super().clean()
        if data.get("outcome") == RoutingRule.Outcome.DEPARTMENT and not data.get("department"):
            self.add_error("department", _("Please choose the department this rule leads to."))
        if data.get("outcome") != RoutingRule.Outcome.DEPARTMENT:
            data["department"] = None
        self._check_answers(data)
        return data

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
