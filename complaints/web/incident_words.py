"""What a timeline says of joining reports, and of what the reporters of an incident said."""

from django.utils.translation import gettext as _

from complaints.domain import codes


def event(item) -> str:
    """A `merged` or `unmerged` event as a sentence: seen from the member, or (among staff) the primary."""
    names = {"code": codes.spoken(item.data["member"]) if item.data.get("member") else ""}
    if item.kind == "merged":
        if names["code"]:
            return _("Report %(code)s was joined to this one.") % names
        return _("Joined to another report of the same thing, which carries the work.")
    if item.data.get("succeeds"):
        return _("The report it was joined to was taken back; this one carries the work now.")
    if names["code"]:
        return _("Report %(code)s was taken out again.") % names
    return _("Taken out again: it is handled by itself.")


def voice(item) -> str:
    """What the reporter of a merged report said, in the primary's timeline."""
    return {
        "confirmed": _("Somebody who reported the same confirmed: it is fixed."),
        "reopened": _("Somebody who reported the same says it is not fixed."),
    }.get(item.kind, _("Somebody who reported the same writes:"))
