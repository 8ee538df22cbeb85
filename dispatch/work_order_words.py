"""The work order's own sentences."""

from django.utils.translation import gettext_lazy as _

from dispatch.domain import safety

SAFETY = {
    safety.EMERGENCY: _("Danger to life: secure the place first. In an emergency call 112."),
    safety.ELECTRICITY: _("Treat every wire as live until PLN or the lighting team has switched it off."),
    safety.WATER: _("Depth and current cannot be seen: probe with a stick, nobody goes in alone."),
    safety.HOLLOW: _("The ground may be hollow: keep vehicles and people away from the edge."),
    safety.MANHOLE: _(
        "Open covers: barrier all around. Nobody climbs down without a gas check and a second person."
    ),
    safety.TREE: _("Branches under tension: a free way back, nobody below."),
    safety.HEIGHT: _("Work at height: harness, a ladder that is held or a lift."),
    safety.ANIMAL: _("Keep a distance from the animal; leave catching it to those who are trained."),
    safety.TRAFFIC: _("Cones and signs before the first tool; vests, somebody who watches the traffic."),
    safety.NIGHT: _("Cannot be seen at night: leave a light or a reflecting sign behind."),
}
GEAR = _("Helmet, vest, safety shoes and gloves.")
EARLIER = {
    "resolved": _("%(code)s, %(kind)s, %(distance)s m away: reported %(day)s, resolved %(resolved)s"),
    "open": _("%(code)s, %(kind)s, %(distance)s m away: reported %(day)s, not resolved yet"),
    "ended": _("%(code)s, %(kind)s, %(distance)s m away: reported %(day)s, ended without a repair"),
}
COVERED = _("[blacked out]")
NOBODY = _("nobody yet")
