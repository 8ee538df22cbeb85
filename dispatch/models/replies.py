"""Prepared texts that staff send to citizens, with fields that are filled in for each report."""

from django.core.validators import MaxLengthValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from city.models import Category, Department
from complaints.domain.text import MESSAGE_MAX_CHARS


class ReplyTemplate(models.Model):
    """A text to begin with; what is sent is what the officer made of it. From the city's pack
    (reply_templates.yaml), editable by staff: an office's own, or the city's for all of them."""

    code = models.SlugField(_("code"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=80)
    # A kind, or a group for all of its kinds; none: for every report.
    category = models.ForeignKey(
        Category, verbose_name=_("category"), null=True, blank=True, on_delete=models.PROTECT
    )
    steps = models.JSONField(_("steps"), default=list)  # of dispatch.domain.casework
    text = models.TextField(_("text"), validators=[MaxLengthValidator(MESSAGE_MAX_CHARS)])
    text_en = models.TextField(
        _("text in English"), blank=True, validators=[MaxLengthValidator(MESSAGE_MAX_CHARS)]
    )
    department = models.ForeignKey(
        Department, verbose_name=_("department"), null=True, blank=True, on_delete=models.PROTECT
    )
    order = models.PositiveSmallIntegerField(_("order"), default=100)
    is_active = models.BooleanField(_("active"), default=True)
    used_count = models.PositiveIntegerField(_("used, times"), default=0, editable=False)
    last_used_at = models.DateTimeField(_("last used"), null=True, editable=False)

    class Meta:
        verbose_name = _("reply template")
        verbose_name_plural = _("reply templates")
        ordering = ["order", "name"]

    def __str__(self) -> str:
        return self.name
