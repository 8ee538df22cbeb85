"""What is wrong with a rule's time window, in words: for the pack's reader and the rule's form."""

from django.utils.translation import gettext_lazy as _

FAULTS = {
    "not_mapping": _("This must be a group of `key: value` lines."),
    "unknown_key": _("This is not known here."),
    "hours": _("Write hours like 18:00-05:30; a span may go over midnight."),
    "weekdays": _("Write days like [saturday, sunday], in English."),
    "months": _("Write months as numbers from 1 to 12."),
    "date": _("Write a date like 2026-11-01."),
    "order": _("The last day lies before the first."),
    "text": _("Write a word, like the one a period of the calendar has in its name: Ramadan"),
    "flag": _("This must be true or false."),
}
