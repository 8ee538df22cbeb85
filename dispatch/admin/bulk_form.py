"""Reading what was said with a step for many reports: shape only, the rules are the services'."""

import hashlib
import json
import uuid
from collections.abc import Mapping
from typing import Any

from django import forms

from complaints.domain import workflow
from complaints.models import Report
from dispatch.domain import bulk

_SEEN_MAX_CHARS = 80_000  # more than bulk.AT_MOST reports with their versions


class Ids(forms.Field):
    """Several ids of one name; whatever is none is left out."""

    widget = forms.SelectMultiple

    def to_python(self, value):
        return sorted(ticked(value or []))


class BulkForm(forms.Form):
    """`seen` names the reports with their versions (`12.3,15.1`); `previewed` is the digest of the details
    that the preview was about."""

    step = forms.ChoiceField(choices=[(step, step) for step in bulk.STEPS])
    key = forms.UUIDField()
    seen = forms.CharField(max_length=_SEEN_MAX_CHARS, required=False)
    previewed = forms.CharField(max_length=64, required=False)
    back = forms.CharField(max_length=2000, required=False)
    message = forms.CharField(required=False, strip=False, max_length=2000)
    waiting_on = forms.ChoiceField(required=False, choices=Report.WaitingOn.choices)
    waiting_reason = forms.CharField(required=False, max_length=300)
    scheduled_for = forms.DateField(required=False)
    budget_line = forms.CharField(required=False, max_length=200)
    reason_code = forms.ChoiceField(
        required=False, choices=[(code, code) for code in workflow.REJECTION_REASONS]
    )
    assignee = forms.IntegerField(required=False, min_value=1)
    crew = forms.IntegerField(required=False, min_value=0)  # 0: no crew any more
    tags = Ids(required=False)

    def clean_seen(self) -> dict[int, int]:
        return read_seen(self.cleaned_data["seen"])

    def said(self) -> dict[str, Any]:
        """The details that this step asks for, as they are kept with the operation."""
        found = {name: self.cleaned_data.get(name) for name in bulk.FIELDS.get(self.cleaned_data["step"], ())}
        if found.get("scheduled_for"):
            found["scheduled_for"] = found["scheduled_for"].isoformat()
        return {name: value for name, value in found.items() if value not in (None, "", [])}


def write_seen(seen: Mapping[int, int]) -> str:
    return ",".join(f"{pk}.{version}" for pk, version in seen.items())


def read_seen(text: str) -> dict[int, int]:
    """What `write_seen` wrote; raises ValidationError for anything else."""
    try:
        pairs = [part.split(".") for part in text.split(",") if part]
        return {_number(pk): _number(version) for pk, version in pairs}
    except ValueError as exc:
        raise forms.ValidationError("seen") from exc


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise ValueError(text)
    return int(text)


def ticked(values: list[str]) -> list[int]:
    """The ids among what a list's boxes sent."""
    sent = (int(text) for text in values if text.isascii() and text.isdigit() and len(text) < 19)
    return [pk for pk in dict.fromkeys(sent) if pk]


def digest(step: str, said: Mapping[str, Any]) -> str:
    """Tells whether a preview was about these details."""
    return hashlib.sha256(json.dumps([step, said], sort_keys=True).encode()).hexdigest()


def new_key() -> uuid.UUID:
    return uuid.uuid4()
