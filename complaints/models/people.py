"""Who told us, who is affected too, who wants to hear of it, and what they think of the repair."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _

from complaints.models.report import Report


class Reporter(models.Model):
    """Who told us, if they wished to say. Kept apart so that handlers' queries never touch it."""

    report = models.OneToOneField(Report, on_delete=models.CASCADE, related_name="reporter")
    name = models.CharField(_("name"), max_length=120, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    phone = models.CharField(_("phone"), max_length=20, blank=True)  # E.164
    language = models.CharField(_("language"), max_length=8, default="id")

    class Meta:
        verbose_name = _("reporter")
        verbose_name_plural = _("reporters")
        indexes = [
            models.Index(fields=["phone"], name="reporter_phone"),
            models.Index(Upper("email"), name="reporter_email"),
        ]

    def __str__(self) -> str:
        return self.name or str(self.pk)


class Supporter(models.Model):
    """Somebody else who has the same problem. One per report and browser (or contact)."""

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="supporters")
    token_hash = models.CharField(max_length=64)  # SHA-256 of a random cookie or of the device's token
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["report", "token_hash"], name="complaints_support_once")
        ]


class Subscription(models.Model):
    """Somebody who hears what happens to a report: one report, one channel, one address.

    The reporter's own begins with the report. Anybody else's begins with a message that asks whether it
    was really them (`confirmed_at`), so that nobody can have a stranger written to. Web push needs no such
    question: the browser asked its owner.
    """

    class Role(models.TextChoices):
        REPORTER = "reporter", _("the reporter")
        SUPPORTER = "supporter", _("also affected")

    class Channel(models.TextChoices):
        EMAIL = "email", _("E-mail")
        WEB_PUSH = "webpush", _("Notification of this browser")
        WHATSAPP = "whatsapp", _("WhatsApp")
        SMS = "sms", _("SMS")

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="subscriptions")
    role = models.CharField(_("role"), max_length=10, choices=Role.choices)
    channel = models.CharField(_("channel"), max_length=10, choices=Channel.choices)
    address = models.CharField(_("address"), max_length=600)  # e-mail, E.164, or the browser's push endpoint
    keys = models.JSONField(default=dict, blank=True)  # web push: p256dh and auth, base64url
    address_hash = models.CharField(max_length=64)  # keyed: see services.subscriptions.address_hash
    language = models.CharField(_("language"), max_length=8, default="id")
    created_at = models.DateTimeField(_("since"))
    asked_at = models.DateTimeField(null=True, blank=True)  # when last asked "was it you?"
    confirmed_at = models.DateTimeField(_("confirmed"), null=True, blank=True)
    stopped_at = models.DateTimeField(_("stopped"), null=True, blank=True)
    failures = models.PositiveSmallIntegerField(default=0)  # in a row; a dead address is not tried for ever

    class Meta:
        verbose_name = _("subscription")
        verbose_name_plural = _("subscriptions")
        constraints = [
            models.UniqueConstraint(
                fields=["report", "channel", "address_hash"], name="complaints_subscription_once"
            )
        ]
        indexes = [models.Index(fields=["address_hash"], name="subscription_address")]

    def __str__(self) -> str:
        return f"{self.channel} #{self.pk}"


class OneTimeCode(models.Model):
    """Six digits sent to an address to show that it is one's own, for seeing one's reports elsewhere.

    The digits are derived, never stored (services.one_time_codes). Gone an hour after they have expired.
    """

    channel = models.CharField(max_length=10, choices=Subscription.Channel.choices)
    address = models.CharField(max_length=254)  # e-mail or E.164
    address_hash = models.CharField(max_length=64, db_index=True)
    nonce = models.CharField(max_length=32)
    language = models.CharField(max_length=8, default="id")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    used_at = models.DateTimeField(null=True, blank=True)


class Feedback(models.Model):
    """The reporter's verdict on a resolution."""

    class Verdict(models.TextChoices):
        FIXED = "fixed", _("Yes, it is fixed")
        NOT_FIXED = "not_fixed", _("No, it is not fixed")

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="feedback")
    verdict = models.CharField(_("verdict"), max_length=10, choices=Verdict.choices)
    rating = models.PositiveSmallIntegerField(_("rating"), null=True, blank=True)  # 1 … 5
    text = models.TextField(_("text"), blank=True)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("feedback")
        verbose_name_plural = _("feedback")
        constraints = [
            models.CheckConstraint(
                condition=Q(rating__isnull=True) | Q(rating__range=(1, 5)), name="complaints_feedback_rating"
            )
        ]
        indexes = [
            models.Index(
                fields=["rating", "report"], condition=Q(rating__isnull=False), name="feedback_rated"
            ),
        ]
