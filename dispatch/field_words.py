"""What the field page says: reasons why something cannot be done now, and the sentences of its script."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from complaints.models import Report
from dispatch.domain import casework


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a crew cannot do it now, and the step that says so. `words`: how the sentence to the citizen
    begins; `asks`: a sentence of one's own is needed."""

    code: str
    step: str
    label: Any
    help: Any
    words: Any
    waiting_on: str = ""
    asks: bool = False


_OTHER, _REPORTER = Report.WaitingOn.OTHER.value, Report.WaitingOn.REPORTER.value
# What needs a budget is for the office to schedule: the crew says so, and the case waits for the office.
REASONS = (
    Reason(
        "material",
        casework.WAIT,
        _("Material or equipment is missing"),
        _("The clock pauses."),
        _("Waiting for material or equipment."),
        _OTHER,
    ),
    Reason(
        "access",
        casework.WAIT,
        _("We cannot get at it"),
        _("Locked, under water, a car on it: the clock pauses."),
        _("The place cannot be reached at the moment."),
        _OTHER,
    ),
    Reason(
        "somebody",
        casework.WAIT,
        _("Somebody else must act first"),
        _("A pipe, a cable, a permit: say whose. The clock pauses."),
        _("Somebody else must act first:"),
        _OTHER,
        asks=True,
    ),
    Reason(
        "not_found",
        casework.WAIT,
        _("Not found here"),
        _("The reporter is asked to say more; the clock pauses."),
        _("We were there and did not find it. Please tell us the exact place, best with a photo."),
        _REPORTER,
    ),
    Reason(
        "planning",
        casework.WAIT,
        _("Too big for us: it needs planning"),
        _("The case waits for the office, which sets a date and a budget."),
        _("It needs a larger repair; the office is planning it."),
        _OTHER,
    ),
    Reason(
        "not_ours",
        casework.NOT_OURS,
        _("Not ours"),
        _("The complaints desk decides who is responsible. Say why."),
        "",
        asks=True,
    ),
)


def reasons() -> list[dict[str, Any]]:
    return [
        {
            "code": item.code,
            "step": item.step,
            "label": item.label,
            "help": item.help,
            "words": item.words,
            "waiting_on": item.waiting_on,
            "asks": "1" if item.asks else "",
        }
        for item in REASONS
    ]


def texts() -> dict[str, str]:
    """The script's sentences, in the reader's language."""
    return {name: str(text) for name, text in _TEXTS.items()}


_TEXTS = {
    "start": _("Start"),
    "done": _("Done"),
    "cannot": _("Cannot"),
    "safe": _("Made safe"),
    "stop": _("Stop {number}"),
    "away": _("{distance} from here"),
    "leg": _("{distance} from the stop before"),
    "cases": _("{number} cases, about {distance} as the crow flies"),
    "from_position": _("The way begins where you are."),
    "from_office": _("The way begins at the office; the phone gave no position."),
    "from_promise": _("The way begins at the nearest promise; the phone gave no position."),
    "no_position": _("The phone gave no position. Allow it in the browser’s settings, or go by promise."),
    "waits": _("waits to be sent"),
    "sending": _("is being sent"),
    "refused": _("was not accepted"),
    "conflict": _("somebody else was there meanwhile"),
    "proof": _("please look at the photo again"),
    "you_wrote": _("You wrote:"),
    "meanwhile": _("What happened meanwhile:"),
    "again": _("Send all the same"),
    "edit": _("Change what I wrote"),
    "drop": _("Throw away"),
    "drop_sure": _("Throw this away? What you typed and the photo are deleted from this phone."),
    "sent": _("{step} sent: {code}"),
    "sent_checked": _("Sent: {code}. A second person looks at the photo."),
    "queued": _("Kept on this phone: {step}, {code}. It is sent when the network is back."),
    "earlier": _("It had been sent before; the first version counts."),
    "offline": _("No network. Everything you do is kept on this phone and sent later."),
    "kept": _("Kept on this phone since {time}."),
    "message_missing": _("Please write a sentence to the citizen."),
    "photo_missing": _("This kind of problem needs a photo of the repair."),
    "reason_missing": _("Please choose why."),
    "words_missing": _("Please say it in your own words."),
    "take_another": _("Take another photo"),
    "take_first": _("Take the photo after the repair"),
    "remove_photo": _("Remove the photo"),
    "your_photo": _("Your photo {number}"),
    "place_known": _("Place recorded, to within {distance}."),
    "place_waits": _("Looking for the place …"),
    "place_unknown": _("The phone gave no place; you will be asked why."),
    "others": _(
        "Steps of another account wait on this phone: {number}. They are sent when that account signs in."
    ),
    "sign_out_sure": _(
        "Steps that were not sent stay on this phone and are sent when you sign in again. "
        "The cases kept on it are deleted. Sign out?"
    ),
    "failed": _("The portal could not take it just now. It is tried again."),
    "not_kept": _("This browser keeps nothing: send before you close the page."),
}
