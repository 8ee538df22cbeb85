"""Resolutions and the second look at them."""

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from city.models import Category, Department
from complaints.models import Report


class RepairCheck(models.Model):
    """One resolution: what was found about its proof, and what a second person said.

    `state` pending is only in force while the report's `checking_since` is set: a reporter who answers first,
    or the crew that takes the work up again, overtakes it.
    """

    class State(models.TextChoices):
        CLEAN = "clean", _("nothing found, not drawn")
        PENDING = "pending", _("waits for a second person")
        APPROVED = "approved", _("the proof stands")
        REJECTED = "rejected", _("sent back")
        OVERTAKEN = "overtaken", _("overtaken by something else")

    report = models.ForeignKey(
        Report, verbose_name=_("report"), on_delete=models.PROTECT, related_name="repair_checks"
    )
    at = models.DateTimeField(_("resolved"))
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("resolved by"), on_delete=models.PROTECT, related_name="+"
    )
    department = models.ForeignKey(
        Department,
        verbose_name=_("department"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    photos = models.JSONField(_("photos"), default=list)  # uuids, in their order
    findings = models.JSONField(_("findings"), default=list)  # of dispatch.domain.proof: code, photo, data
    reason = models.TextField(_("the officer’s reason"), blank=True)
    # The phone's own word on where and when; the database keeps it apart from EXIF, which is on the photo.
    claimed_latitude = models.FloatField(_("claimed latitude"), null=True, blank=True)
    claimed_longitude = models.FloatField(_("claimed longitude"), null=True, blank=True)
    claimed_accuracy_m = models.FloatField(_("claimed accuracy, m"), null=True, blank=True)
    claimed_at = models.DateTimeField(_("claimed at"), null=True, blank=True)
    is_drawn = models.BooleanField(_("drawn by lot"), default=False)
    share_percent = models.FloatField(_("share, %"), default=0)
    state = models.CharField(_("state"), max_length=10, choices=State.choices)
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("looked at by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    reviewed_at = models.DateTimeField(_("looked at"), null=True, blank=True)
    comment = models.TextField(_("comment"), blank=True)

    class Meta:
        verbose_name = _("second look at a repair")
        verbose_name_plural = _("second looks at repairs")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(reviewed_by__isnull=True) | ~Q(reviewed_by=F("resolved_by")),
                name="dispatch_repair_second_person",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["approved", "rejected"], reviewed_by__isnull=False)
                | (~Q(state__in=["approved", "rejected"]) & Q(reviewed_by__isnull=True)),
                name="dispatch_repair_reviewed",
            ),
            models.UniqueConstraint(
                fields=["report"], condition=Q(state="pending"), name="dispatch_repair_one_pending"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.report_id} {self.state}"


class ReviewShare(models.Model):
    """How many of a hundred clean resolutions a second person looks at; the most exact row wins."""

    department = models.ForeignKey(
        Department, verbose_name=_("department"), null=True, blank=True, on_delete=models.CASCADE
    )
    category = models.ForeignKey(
        Category, verbose_name=_("kind"), null=True, blank=True, on_delete=models.CASCADE
    )
    percent = models.DecimalField(
        _("share, per cent"), max_digits=5, decimal_places=2, validators=[MaxValueValidator(100)]
    )

    class Meta:
        verbose_name = _("share of second looks")
        verbose_name_plural = _("shares of second looks")
        constraints = [
            models.CheckConstraint(
                condition=Q(percent__gte=0, percent__lte=100), name="dispatch_share_percent"
            ),
            models.UniqueConstraint(
                Coalesce("department", 0), Coalesce("category", 0), name="dispatch_share_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.department or '–'} / {self.category or '–'}: {self.percent} %"
