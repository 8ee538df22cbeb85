"""Reading what an officer sent with a step: shape only, the rules are the services'."""

import re
import uuid
from datetime import datetime

from django import forms
from django.utils.translation import gettext_lazy as _

from city import snapshot as city
from complaints import errors
from complaints.domain import workflow
from complaints.models import Report, StagedPhoto
from complaints.services import photos as photo_service
from complaints.services import uploads
from dispatch.domain import proof
from dispatch.services.casework import Details

_POINT = re.compile(r"(?:geo:)?\s*(-?\d{1,3}(?:\.\d{1,15})?)\s*[,; ]\s*(-?\d{1,3}(?:\.\d{1,15})?)")
_BAD_POINT = _("Write latitude and longitude with a comma between, like -6.9903, 110.4229.")


class StepForm(forms.Form):
    """Every field any step has; each step's page shows its own."""

    version = forms.IntegerField(min_value=1)
    seen = forms.IntegerField(required=False, min_value=0)  # the last timeline event on the page
    message = forms.CharField(required=False, strip=False)
    waiting_on = forms.ChoiceField(required=False, choices=Report.WaitingOn.choices)
    waiting_reason = forms.CharField(required=False)
    scheduled_for = forms.DateField(required=False)
    budget_line = forms.CharField(required=False)
    reason_code = forms.ChoiceField(
        required=False, choices=[(code, code) for code in workflow.REJECTION_REASONS]
    )
    department = forms.CharField(required=False)
    severity = forms.TypedChoiceField(
        required=False, coerce=int, empty_value=None, choices=[(level, level) for level in range(1, 6)]
    )
    category = forms.CharField(required=False)
    point = forms.CharField(required=False, max_length=80)  # "latitude, longitude", as maps write it
    street = forms.CharField(required=False, max_length=200)
    assignee = forms.IntegerField(required=False)
    crew = forms.IntegerField(required=False, min_value=0)  # 0: no crew any more
    photos_key = forms.UUIDField(required=False)
    template = forms.CharField(required=False, max_length=20)
    proof_reason = forms.CharField(required=False, strip=False)
    # Where the phone's page says it was when the photo was chosen.
    claim_latitude = forms.FloatField(required=False, min_value=-90, max_value=90)
    claim_longitude = forms.FloatField(required=False, min_value=-180, max_value=180)
    claim_accuracy_m = forms.FloatField(required=False, min_value=0)
    claim_at = forms.DateTimeField(required=False)

    def clean_department(self) -> int | None:
        """The department's id; none chosen means the complaints desk."""
        code = self.cleaned_data["department"]
        if not code:
            return None
        department = city.current().departments.get(code)
        return department.id if department else 0  # no such id: the service says so

    def clean_point(self) -> tuple[float, float] | None:
        typed = self.cleaned_data["point"].strip()
        if not typed:
            return None
        found = _POINT.fullmatch(typed)
        if found is None:
            raise forms.ValidationError(_BAD_POINT)
        return float(found[1]), float(found[2])

    def details(self, photos: tuple[uuid.UUID, ...]) -> Details:
        data = self.cleaned_data
        return Details(
            message=data.get("message", ""),
            waiting_on=data.get("waiting_on") or Report.WaitingOn.OTHER,
            waiting_reason=data.get("waiting_reason", ""),
            scheduled_for=data.get("scheduled_for"),
            budget_line=data.get("budget_line", ""),
            reason_code=data.get("reason_code", ""),
            department_id=data.get("department"),
            severity=data.get("severity"),
            category=data.get("category", ""),
            latitude=(data.get("point") or (None, None))[0],
            longitude=(data.get("point") or (None, None))[1],
            street=data.get("street", ""),
            assignee_id=data.get("assignee"),
            crew_id=data.get("crew"),
            photos=photos,
            photos_key=data.get("photos_key"),
            template=data.get("template", ""),
            proof_reason=data.get("proof_reason", ""),
            claim=self._claim(),
        )

    def _claim(self) -> proof.Claim | None:
        data = self.cleaned_data
        latitude, longitude = data.get("claim_latitude"), data.get("claim_longitude")
        if latitude is None or longitude is None:
            return None
        return proof.Claim(latitude, longitude, data.get("claim_accuracy_m"), data.get("claim_at"))


def stage_photos(request, key: uuid.UUID | None, now: datetime) -> tuple[tuple[uuid.UUID, ...], str]:
    """Keep the photos that came with the form, so that a corrected error does not lose them.

    Returns the photos to use (new ones, and earlier ones still ticked) and a sentence if one was refused.
    """
    if key is None:
        return (), ""
    kept = set(request.POST.getlist("kept"))
    staged = StagedPhoto.objects.filter(draft_key=key).values_list("uuid", flat=True)
    chosen = [item for item in staged if str(item) in kept]
    try:
        files = uploads.received(request)
    except errors.PhotoRefused as exc:
        return tuple(chosen), str(exc.message)
    refused = str(photo_service.refusal("too_many").message) if len(files) > photo_service.MAX_PHOTOS else ""
    for file in files[: photo_service.MAX_PHOTOS]:
        try:
            chosen.append(photo_service.stage_photo(uploads.read(file), key, now=now).uuid)
        except errors.PhotoRefused as exc:
            refused = str(exc.message)
    return tuple(dict.fromkeys(chosen)), refused
