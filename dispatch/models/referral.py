"""Reports in the hands of owners outside the city."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from city.models import Department
from complaints.models import Report


class Referral(models.Model):
    """A report passed on to an owner outside the city: how, when, and when the city asks again."""

    class Channel(models.TextChoices):
        EMAIL = "email", _("by e-mail")
        LETTER = "letter", _("by letter")
        OPEN311 = "open311", _("into their own system")

    class Claim(models.TextChoices):
        """What the owner's system says of it that a person must look at."""

        NONE = "", _("nothing")
        DONE = "done", _("they say it is done")
        DECLINED = "declined", _("they say they will not do it")
        LOST = "lost", _("they no longer know it")

    report = models.ForeignKey(
        Report, verbose_name=_("report"), on_delete=models.PROTECT, related_name="referrals"
    )
    department = models.ForeignKey(
        Department, verbose_name=_("owner"), on_delete=models.PROTECT, related_name="+"
    )
    channel = models.CharField(_("channel"), max_length=8, choices=Channel.choices)
    created_at = models.DateTimeField(_("referred"))
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)  # null: still to be sent
    check_back_on = models.DateField(_("asks again on"))
    asked_count = models.PositiveSmallIntegerField(_("times asked"), default=0)
    reference = models.CharField(_("their number"), max_length=80, blank=True)
    last_error = models.TextField(_("last error"), blank=True)
    claim = models.CharField(
        _("to be checked"), max_length=8, choices=Claim.choices, default=Claim.NONE, blank=True
    )
    claimed_at = models.DateTimeField(_("claimed at"), null=True, blank=True)
    ended_at = models.DateTimeField(_("over"), null=True, blank=True)  # no longer with this owner

    class Meta:
        verbose_name = _("referral")
        verbose_name_plural = _("referrals")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["report"], condition=Q(ended_at__isnull=True), name="dispatch_referral_one_open"
            )
        ]
        indexes = [
            models.Index(
                fields=["check_back_on"], condition=Q(ended_at__isnull=True), name="referral_check_back"
            )
        ]

    def __str__(self) -> str:
        return f"{self.report_id} → {self.department_id}"
