"""How staff come in, and the record of what they did."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class AuditEvent(models.Model):
    """One line of the record. Append-only: the database refuses changes, and deleting what is not old enough
    (`city.triggers`). Written through `city.services.audit.record`; what the admin logs of edits is copied
    here by a trigger.
    """

    class Kind(models.TextChoices):
        SIGN_IN = "sign_in", _("signed in")
        SIGN_IN_FAILED = "sign_in_failed", _("sign-in failed")
        LOCKED = "locked", _("locked after failures")
        UNLOCKED = "unlocked", _("lock lifted")
        SIGN_OUT = "sign_out", _("signed out")
        SESSION_ENDED = "session_ended", _("session ended")
        FACTOR_ADDED = "factor_added", _("second factor set up")
        FACTOR_REMOVED = "factor_removed", _("second factor removed")
        FACTOR_RESET = "factor_reset", _("second factor reset by an administrator")
        RECOVERY_USED = "recovery_used", _("recovery code used")
        RECOVERY_NEW = "recovery_new", _("new recovery codes")
        PASSWORD_CHANGED = "password_changed", _("password changed")
        IDENTITY_LOOK = "identity_look", _("looked at the reporter's identity")
        CONTACT_SEARCH = "contact_search", _("searched by contact")
        ORIGINAL_LOOK = "original_look", _("looked at what was blacked out")
        EXPORT = "export", _("exported")
        ACCOUNT_CREATED = "account_created", _("account created")
        ROLE_CHANGED = "role_changed", _("role or rights changed")
        KEY_CREATED = "key_created", _("API key created")
        KEY_REVOKED = "key_revoked", _("API key revoked")
        ADDED = "added", _("added an entry")
        CHANGED = "changed", _("changed an entry")
        DELETED = "deleted", _("deleted an entry")

    at = models.DateTimeField(_("time"))
    kind = models.CharField(_("what"), max_length=20, choices=Kind.choices)
    actor = models.ForeignKey(  # None: nobody known, or the command line
        settings.AUTH_USER_MODEL,
        verbose_name=_("who"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    address = models.CharField(_("network address"), max_length=45, blank=True)
    object_kind = models.CharField(_("kind of object"), max_length=100, blank=True)  # complaints.report
    object_key = models.TextField(_("key of the object"), blank=True)
    object_name = models.CharField(_("object"), max_length=200, blank=True)
    detail = models.JSONField(_("details"), default=dict, blank=True)

    class Meta:
        verbose_name = _("line of the record")
        verbose_name_plural = _("record")
        indexes = [  # the list goes backwards in time, whatever it is narrowed by
            models.Index(fields=["at", "id"], name="city_audit_at"),
            models.Index(fields=["actor", "at", "id"], name="city_audit_actor"),
            models.Index(fields=["kind", "at", "id"], name="city_audit_kind"),
            models.Index(fields=["object_name", "at", "id"], name="city_audit_object"),
            models.Index(fields=["object_kind", "object_key", "at"], name="city_audit_key"),
        ]


class SignInCounter(models.Model):
    """Failures at one door: of an account name from an address, of an address, of an account's codes.

    Names are kept as keyed hashes: people type passwords into the wrong field.
    """

    class Kind(models.TextChoices):
        PAIR = "pair", _("account name and address")
        ADDRESS = "address", _("network address")
        CODE = "code", _("codes of an account")

    key = models.CharField(max_length=64, unique=True)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    name_hash = models.CharField(max_length=64, blank=True, db_index=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="+")
    address = models.CharField(max_length=45, blank=True)
    failures = models.PositiveIntegerField(default=0)
    since = models.DateTimeField()
    locked_until = models.DateTimeField(null=True, db_index=True)


class SecondFactor(models.Model):
    """The secret of an authenticator app, encrypted with a key derived from SECRET_KEY."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="second_factor"
    )
    secret_encrypted = models.TextField()
    last_step = models.BigIntegerField(default=-1)  # the newest time step whose code was used
    confirmed_at = models.DateTimeField()


class RecoveryCode(models.Model):
    """One way in without the phone, usable once; only a keyed hash is kept."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="recovery_codes"
    )
    digest = models.CharField(max_length=64)
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "digest"], name="city_recovery_code_once")]


class StaffSession(models.Model):
    """An open session of somebody on the staff; gone when it ends (the record keeps that)."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="staff_sessions"
    )
    session_key = models.CharField(max_length=40, db_index=True)
    browser = models.CharField(max_length=60, blank=True)  # in words
    address = models.CharField(max_length=45, blank=True)  # shortened
    created_at = models.DateTimeField()
    last_seen_at = models.DateTimeField(db_index=True)  # to a few minutes
