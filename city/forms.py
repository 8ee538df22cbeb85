"""Forms of the reference data's admin pages: working hours by day, search words, choices."""

import json

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from city.domain import choices as choice_rules
from city.domain.calendar import parse_weekly_hours
from city.domain.public_holidays import is_known
from city.models import CalendarPeriod, Category, Question, WorkCalendar
from city.services import usage

DAYS = (
    ("monday", _("Monday")),
    ("tuesday", _("Tuesday")),
    ("wednesday", _("Wednesday")),
    ("thursday", _("Thursday")),
    ("friday", _("Friday")),
    ("saturday", _("Saturday")),
    ("sunday", _("Sunday")),
)
_CHOICE_FAULTS = {
    "not_list": _("The choices must be a list: [ … ]."),
    "needless": _("A question for a short text has no choices."),
    "too_few": _("A question needs at least two choices."),
    "not_object": _("Choice %(number)s must be an object: { … }."),
    "unknown_key": _(
        "Choice %(number)s: only value, label, label_en, severity, danger and picture are known."
    ),
    "no_value": _("Choice %(number)s: “value” is missing."),
    "yes_no": _("Choice %(number)s: the value must be “yes” or “no”."),
    "no_label": _("Choice %(number)s: “label” and “label_en” must both be filled in."),
    "doubled": _("Choice %(number)s: this value stands there twice."),
    "severity": _("Choice %(number)s: “severity” must be a whole number from 1 to 5."),
    "danger": _("Choice %(number)s: “danger” must be true or false."),
}


def _day_field(label) -> forms.CharField:
    return forms.CharField(
        label=label, required=False, widget=UnfoldAdminTextInputWidget(attrs={"placeholder": "08:00-16:00"})
    )


class WeekForm(forms.ModelForm):
    """Working hours as one line a day: `08:00-12:00, 13:00-16:00`; empty means closed."""

    monday = _day_field(DAYS[0][1])
    tuesday = _day_field(DAYS[1][1])
    wednesday = _day_field(DAYS[2][1])
    thursday = _day_field(DAYS[3][1])
    friday = _day_field(DAYS[4][1])
    saturday = _day_field(DAYS[5][1])
    sunday = _day_field(DAYS[6][1])

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for (day, _label), spans in zip(DAYS, self.instance.weekly_hours or [[]] * 7, strict=False):
            self.fields[day].initial = ", ".join("-".join(span) for span in spans)

    def clean(self):
        cleaned = super().clean()
        week = [self._day(day) for day, _label in DAYS]
        if not self.errors:
            self.instance.weekly_hours = self.hours(week)
        return cleaned

    def hours(self, week: list) -> list | None:
        return week

    def _day(self, day: str) -> list[list[str]]:
        text = self.cleaned_data.get(day) or ""
        spans = [
            [part.strip() for part in span.replace("–", "-").split("-")]
            for span in text.split(",")
            if span.strip()
        ]
        try:
            parse_weekly_hours([spans] + [[]] * 6)
        except ValueError:
            self.add_error(
                day, _("These hours cannot be read. Write 08:00-12:00, earlier first, without overlap.")
            )
        return spans


class WorkCalendarForm(WeekForm):
    class Meta:
        model = WorkCalendar
        fields = ("code", "name", "country")

    def clean_country(self):
        country = (self.cleaned_data["country"] or "").upper()
        if country and not is_known(country):
            raise ValidationError(_("No holidays are known for this country. Use its two letters, like ID."))
        return country

    def hours(self, week: list) -> list:
        if not any(week):
            self.add_error(None, _("A calendar must be open at some time."))
        return week


class CalendarPeriodForm(WeekForm):
    closed = forms.BooleanField(label=_("closed all day"), required=False)

    class Meta:
        model = CalendarPeriod
        fields = ("name", "first_day", "last_day", "overrides_holidays")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["closed"].initial = bool(self.instance.pk) and self.instance.weekly_hours is None

    def clean(self):
        cleaned = super().clean()
        first, last = cleaned.get("first_day"), cleaned.get("last_day")
        if first and last and last < first:
            self.add_error("last_day", _("This period ends before it begins."))
        return cleaned

    def hours(self, week: list) -> list | None:
        if self.cleaned_data.get("closed"):
            if any(week):
                self.add_error("closed", _("Either closed or hours, not both."))
            return None
        if not any(week):
            self.add_error("closed", _("Give the hours, or tick “closed all day”."))
        return week


class CategoryForm(forms.ModelForm):
    search_words = forms.CharField(
        label=_("search words"),
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text=_("Other words people use, also in Javanese, separated by commas."),
    )

    similar_kinds = forms.CharField(
        label=_("similar kinds"),
        required=False,
        help_text=_("Codes of kinds people may choose for the same trouble, separated by commas."),
    )

    class Meta:
        model = Category
        fields = (
            *("code", "parent", "name", "name_en", "hint", "hint_en", "icon", "severity", "network"),
            *("nearby_radius_m", "similar_within_days", "is_private_by_default"),
            *("needs_repair_photo", "order", "is_active"),
        )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["search_words"].initial = ", ".join(self.instance.synonyms or [])
        self.fields["similar_kinds"].initial = ", ".join(self.instance.similar or [])
        if "severity" in self.fields:
            self.fields["severity"].validators += [MinValueValidator(1), MaxValueValidator(5)]
        if "parent" in self.fields:
            self.fields["parent"].queryset = Category.objects.filter(parent=None)

    def clean(self):
        cleaned = super().clean()
        words = (cleaned.get("search_words") or "").replace("\n", ",").split(",")
        self.instance.synonyms = list(dict.fromkeys(word.strip() for word in words if word.strip()))
        self.instance.similar = self._similar(cleaned.get("similar_kinds") or "")
        code, parent = cleaned.get("code") or self.instance.code, cleaned.get("parent")
        if parent and code and not code.startswith(f"{parent.code}-"):
            self.add_error(
                "parent",
                _("The code of a kind must begin with its group's: “%(group)s-…”.") % {"group": parent.code},
            )
        return cleaned

    def _similar(self, typed: str) -> list[str]:
        """The codes in `typed`; a fault for those that are no kind."""
        codes = list(dict.fromkeys(typed.replace(",", " ").split()))
        kinds = Category.objects.exclude(parent=None).exclude(pk=self.instance.pk)
        known = set(kinds.filter(code__in=codes).values_list("code", flat=True))
        for code in codes:
            if code not in known:
                self.add_error("similar_kinds", _("There is no other kind “%(code)s”.") % {"code": code})
        return codes


class ReadableJSONField(forms.JSONField):
    """JSON over several lines, with its letters as they are."""

    def prepare_value(self, value):
        if isinstance(value, str) or value is None:
            return super().prepare_value(value)
        lines = ",\n".join(json.dumps(item, ensure_ascii=False) for item in value)
        return f"[\n{lines}\n]" if value else "[]"


class QuestionForm(forms.ModelForm):
    choices = ReadableJSONField(
        label=_("choices"),
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 7, "spellcheck": "false"}),
        help_text=_(
            "One choice a line: value, label, label_en, and if it matters severity, danger, picture."
        ),
    )

    class Meta:
        model = Question
        fields = ("code", "text", "text_en", "kind", "choices", "is_required", "order")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["code"].disabled = bool(self.instance.pk)  # answers in old reports rely on it

    def clean(self):
        cleaned = super().clean()
        if "choices" in cleaned:
            choices = cleaned["choices"] = cleaned["choices"] or []
            for number, code in choice_rules.faults(cleaned.get("kind", ""), choices):
                self.add_error("choices", _CHOICE_FAULTS[code] % {"number": number})
            if self.instance.pk and not self.errors.get("choices"):
                self._check_answered(choices)
        return cleaned

    def _check_answered(self, choices: list[dict]) -> None:
        """Old reports show an answer by its choice: one that was chosen may be worded anew, not taken out."""
        stored = Question.objects.select_related("category").get(pk=self.instance.pk)
        kept = {choice.get("value") for choice in choices}
        for choice in stored.choices:
            count = 0 if choice["value"] in kept else usage.answers(stored, choice["value"])
            if count:
                text = _("%(count)d reports chose “%(value)s”: its words may change, but it must stay.")
                self.add_error("choices", text % {"count": count, "value": choice["value"]})
