"""Why a referral did not reach the owner's own system, in words for staff."""

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

REFUSED, UNREACHED, UNSURE = "refused", "unreached", "unsure"
PRIVATE, NO_SERVICE, SWITCHED_OFF, BY_HAND = "private", "no_service", "off", "by_hand"

_WHY = {
    REFUSED: _("their server refused it: %(error)s"),
    UNREACHED: _("their server could not be reached for hours: %(error)s"),
    UNSURE: _("whether they have it already is not known, and their list cannot be asked: %(error)s"),
    PRIVATE: _("the report has become private"),
    NO_SERVICE: _("no service of theirs is named for this kind of problem"),
    SWITCHED_OFF: _("the connection is switched off"),
    BY_HAND: _("somebody chose another way"),
}


def why(code: str, error: str) -> str:
    """The reason in the reader's language; `error` is what their server said."""
    return str(_WHY[code]) % {"error": error or "–"} if code in _WHY else error


def fell_back(code: str, error: str, *, by_mail: bool) -> str:
    """The note in the staff's timeline, in the city's language."""
    with translation.override(settings.LANGUAGE_CODE):
        way = gettext("by e-mail") if by_mail else gettext("by letter")
        return gettext("Not sent into the owner’s own system: %(why)s. They are told %(way)s instead.") % {
            "why": why(code, error),
            "way": way,
        }


def may_be_twice() -> str:
    with translation.override(settings.LANGUAGE_CODE):
        return gettext("It may stand twice in the owner’s system: an earlier try had no answer.")
