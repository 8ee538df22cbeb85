"""What the report form shows: the category tree, the questions, the kelurahan, the faults."""

from dataclasses import dataclass, field
from functools import partial
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from city import snapshot as city
from city.domain import answers as city_answers
from complaints import errors
from complaints.domain import observed, place
from complaints.models import StagedPhoto
from complaints.services import photos, suggestions
from complaints.web import form_places, form_state, offline_texts, tree, words
from complaints.web.form_state import FormState
from complaints.web.map_setup import map_setup

# Where the summary's link leads, by the service's field name.
_ANCHORS = {
    "category": "kategori",
    "place": "tempat",
    "area": "id_area",
    "accuracy_m": "tempat",
    "street": "id_street",
    "description": "id_description",
    "observed_at": "id_observed_at",
    "photos": "foto",
    "photo_place": "foto-tempat",
    "contact_name": "id_contact_name",
    "contact_email": "id_contact_email",
    "contact_phone": "id_contact_phone",
}
_STEPS = (
    ("kategori", gettext_lazy("What")),
    ("pertanyaan", gettext_lazy("How bad")),
    ("tempat", gettext_lazy("Where")),
    ("cerita", gettext_lazy("Story")),
    ("anda", gettext_lazy("You")),
)
_YES_NO = (("yes", gettext_lazy("Yes")), ("no", gettext_lazy("No")))


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault, for the summary and beside its field. `retry_after_s` if only waiting helps."""

    field: str
    message: Any
    retry_after_s: int = 0

    @property
    def anchor(self) -> str:
        if self.field.startswith("answers."):
            return f"q-{self.field.removeprefix('answers.')}"
        return _ANCHORS.get(self.field, "formulir")


@dataclass
class FormPage:
    """Everything a rendering of the form needs beside the state."""

    state: FormState
    faults: list[Fault] = field(default_factory=list)
    outside: errors.OutsideCity | None = None
    notice: str = ""
    is_suggesting: bool = False  # "find" was pressed, without JavaScript


def category_of(code: str):
    """The kind of problem with this code, or None for groups and unknown codes."""
    category = city.current().categories.get(code)
    return category if category is not None and category.parent_code else None


def question_codes(state: FormState) -> frozenset[str]:
    category = category_of(state.get("category"))
    return frozenset(question.code for question in category.questions) if category else frozenset()


def staged_photos(state: FormState) -> list[StagedPhoto]:
    return list(StagedPhoto.objects.filter(draft_key=state.key).order_by("id"))


def questions(state: FormState, faults: dict[str, Any]) -> list[dict]:
    """The chosen kind's questions with what was answered."""
    category = category_of(state.get("category"))
    if category is None:
        return []
    return [
        {
            "info": question,
            "name": f"answers.{question.code}",
            "id": f"q-{question.code}",
            "value": state.answers.get(question.code, ""),
            "choices": _choices(question),
            "error": faults.get(f"answers.{question.code}", ""),
        }
        for question in category.questions
    ]


def _choices(question) -> list[dict]:
    if question.choices:
        return [
            {
                "value": choice.value,
                "label": words.local(choice, "label"),
                "danger": choice.danger,
                "picture": choice.picture,
            }
            for choice in question.choices
        ]
    if question.kind == "yes_no":
        return [{"value": value, "label": label, "danger": False, "picture": ""} for value, label in _YES_NO]
    return []


def answered(category, answers: dict) -> list[dict]:
    """Questions and answers in words, in the order they are asked."""
    rows = []
    for question in category.questions:
        value = answers.get(question.code)
        if value not in (None, ""):
            labels = {str(choice["value"]): choice["label"] for choice in _choices(question)}
            rows.append({"question": question, "answer": labels.get(_as_text(value), value)})
    return rows


def _as_text(value) -> str:
    return {True: "yes", False: "no"}.get(value, str(value)) if isinstance(value, bool) else str(value)


def is_danger(state: FormState) -> bool:
    """Whether an answer given so far means that somebody should call 112 first."""
    category = category_of(state.get("category"))
    if category is None:
        return False
    given = {code: value for code, value in state.answers.items() if value}
    return city_answers.check(category, given).danger


def far_photo(state: FormState, staged: list[StagedPhoto]):
    """The photo that was taken far from the place in the form, if there is a place.

    A kelurahan is a place of some kilometres: a photo taken anywhere in it was taken there.
    """
    draft = form_state.to_draft(state, frozenset())
    if draft.area:
        snapshot = city.current()
        return form_state.farthest_photo(
            staged,
            lambda latitude, longitude: (
                snapshot.distance_to_kelurahan_m(draft.area, latitude, longitude) or 0.0
            ),
        )
    if place.fault(draft.latitude, draft.longitude):
        return None
    return form_state.farthest_photo(staged, partial(place.distance_m, draft.latitude, draft.longitude))


def build(page: FormPage) -> dict:
    """The template's context."""
    state = page.state
    by_field = {fault.field: fault.message for fault in page.faults}
    staged = staged_photos(state)
    far = far_photo(state, staged) if staged else None
    return {
        "state": state,
        "values": state.values,
        "faults": page.faults,
        "errors": by_field,
        "outside": page.outside,
        "notice": page.notice,
        "groups": tree.groups(state.get("category")),
        "is_suggesting": page.is_suggesting,
        "suggested": _suggested(state) if page.is_suggesting else [],
        "category": category_of(state.get("category")),
        "questions": questions(state, by_field),
        "staged": staged,
        "max_photos": photos.MAX_PHOTOS,
        "photos_left": photos.MAX_PHOTOS - len(staged),
        "far": far,
        "far_distance": words.distance(far.distance_m) if far else "",
        "is_danger": is_danger(state),
        "texts": script_texts(),
        "map": map_setup(),
        "steps": [{"anchor": anchor, "name": name} for anchor, name in _STEPS],
        **_times(),
        **form_places.context(state),
    }


def _times() -> dict[str, str]:
    """Bounds of the field for the time of seeing, in the city's zone as the field writes it."""
    now = timezone.localtime()
    return {
        "seen_from": f"{now - observed.OLDEST:%Y-%m-%dT%H:%M}",
        "seen_until": f"{now:%Y-%m-%dT%H:%M}",
        "zone": timezone.get_default_timezone_name(),
    }


def _suggested(state: FormState) -> list:
    """The kinds to offer for what stands in the search field."""
    kinds = city.current().categories
    return [kinds[item.code] for item in suggestions.suggest(state.get("cari"))]


def privacy_texts() -> dict[str, str]:
    """What the script says that points out personal data."""
    return {"masked": _("{found}: in public this is hidden as {mask}.")}


def script_texts() -> dict[str, str]:
    """Sentences that the scripts of the form say."""
    return {
        "locating": _("Looking for your position …"),
        "located": _("Found, accurate to about {metres} m. Drag the pin if it is not right."),
        "denied": _("Your position is not available. Put the pin on the map or choose the kelurahan."),
        "vague": _(
            "Your position is known to about {metres} m only. Please drag the pin to the right place."
        ),
        "pin": _("Pin at {latitude}, {longitude}"),
        **form_places.script_texts(),
        "begun": _("Your words from the search above stand here as a beginning. Change them as you like."),
        "similar": _("{count} open reports like this are shown below the place. Is yours one of them?"),
        **privacy_texts(),
        **offline_texts.sentences(),
        "noResults": _("Nothing found. Try another word, or choose from the list."),
        "results": _("{count} kinds of problem found"),
        "remove": _("Remove"),
        "photo": _("Photo {number}"),
        "tooMany": _("At most {limit} photos fit."),
        "shrinking": _("Making the photos smaller so that they send faster …"),
        "offline": _("The questions could not be loaded. Press “Show the questions” once you are online."),
        "sending": _("Sending …"),
        "characters": _("{count} of {limit} characters"),
    }
