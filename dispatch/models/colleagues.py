"""Colleagues who were named in an internal note."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from complaints.models import Event


class Mention(models.Model):
    """Somebody wrote `@name` in a note. Never public: it hangs on an event that is not."""

    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="mentions")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(_("created"))
    read_at = models.DateTimeField(_("read"), null=True, blank=True)
    mailed_at = models.DateTimeField(_("written to"), null=True, blank=True)  # once at most

    class Meta:
        verbose_name = _("mention")
        verbose_name_plural = _("mentions")
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["event", "user"], name="dispatch_mention_once")]
        indexes = [
            models.Index(fields=["user", "-id"], name="mention_of"),
            models.Index(fields=["user"], name="mention_unread", condition=Q(read_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"{self.event_id} → {self.user_id}"


class Presence(models.Model):
    """Who has a case open, by a page that says so every half minute (services.presence). Rows that fell
    silent mean nothing and are swept."""

    report = models.ForeignKey("complaints.Report", on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    seen_at = models.DateTimeField(_("seen"))
    is_writing = models.BooleanField(_("writing"), default=False)

    class Meta:
        verbose_name = _("presence")
        verbose_name_plural = _("presences")
        constraints = [models.UniqueConstraint(fields=["report", "user"], name="dispatch_presence_once")]
        indexes = [models.Index(fields=["seen_at"], name="presence_seen")]

    def __str__(self) -> str:
        return f"{self.report_id}: {self.user_id}"
