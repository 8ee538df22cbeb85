"""Programmes that use the API."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ApiClient(models.Model):
    """A programme that may use the API. The key is shown once and kept only as a hash."""

    name = models.CharField(_("name"), max_length=120, unique=True)
    key_prefix = models.CharField(_("key begins with"), max_length=12)
    key_hash = models.CharField(max_length=64, unique=True)  # SHA-256; keys are random, so no salt is needed
    scopes = models.JSONField(_("scopes"), default=list)
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True)

    class Meta:
        verbose_name = _("API client")
        verbose_name_plural = _("API clients")

    def __str__(self) -> str:
        return self.name
