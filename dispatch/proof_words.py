"""What was found about a proof of repair, in plain words: for the officer at once, for the reviewer later."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from complaints.web import words as public_words
from dispatch.domain import proof

_SENTENCE = {
    proof.NO_PLACE: _("The photo does not say where it was taken, and the phone gave no position."),
    proof.FAR: _("The photo was taken %(away)s from the place of the report; at most 100 m are expected."),
    proof.VAGUE: _("The position is only known to within %(accuracy)s."),
    proof.PLACES_DISAGREE: _("The photo and the phone name places that are %(apart)s apart."),
    proof.NO_TIME: _("The photo does not say when it was taken."),
    proof.BEFORE_REPORT: _(
        "The photo was taken on %(at)s, before the problem was reported (or opened again)."
    ),
    proof.TOO_OLD: _("The photo was taken on %(at)s, more than three days before it was sent."),
    proof.IN_FUTURE: _("The photo says it was taken on %(at)s, which is still to come."),
    proof.EDITED: _("The photo went through an editing program (%(name)s)."),
    proof.GENERATED: _("The file says that a machine made the picture (%(name)s)."),
    proof.COMPOSED: _("The file says that the picture was put together from several."),
    proof.SCREENSHOT: _("It looks like a screenshot or a downloaded picture, not like a photo of a camera."),
    proof.BLANK: _("There is next to nothing to see on it."),
    proof.DRAWING: _("It looks like a logo or a drawing: a few flat colours."),
    proof.SAME_AS_BEFORE: _("It is the photo of the problem itself, or nearly."),
    proof.SAME_AS_OWN: _("You have sent this photo before, or nearly the same, for %(code)s."),
    proof.SAME_AS_OTHER: _("The same photo, or nearly, stands with report %(code)s."),
    proof.PLACE_CLAIMED: _("Only the phone’s page names the place; the photo itself does not."),
    proof.TIME_CLAIMED: _("Only the phone’s page names the time; the photo itself does not."),
    proof.PLACE_UNKNOWN: _("The report has no exact place, so the distance cannot be judged."),
    proof.CREDENTIALS: _(
        "The file carries signed content credentials (C2PA); nobody has verified them here."
    ),
}
_OWN_TO_OTHERS = _("The same officer has sent this photo before, or nearly the same, for %(code)s.")


def sentence(code: str, data: Mapping[str, Any], *, to_officer: bool = True) -> str:
    """One finding in the reader's language."""
    values = dict(data)
    for name in ("away", "accuracy", "apart"):
        if f"{name}_m" in data:
            values[name] = public_words.distance(data[f"{name}_m"])
    if "at" in data:
        values["at"] = public_words.moment(datetime.fromisoformat(data["at"]))
    if code == proof.SAME_AS_OWN and not to_officer:
        return str(_OWN_TO_OTHERS % values)
    return str(_SENTENCE[code] % values)


def sentences(findings, *, to_officer: bool = True) -> list[str]:
    """Findings (as stored) in words, each once: two photos of one place often share them."""
    told = [sentence(item["code"], item.get("data", {}), to_officer=to_officer) for item in findings]
    return list(dict.fromkeys(told))
