"""What was learned from confirmed reports."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class TextModel(models.Model):
    """What was learned in one night from reports that staff confirmed, with how well it did on newer ones."""

    class Target(models.TextChoices):
        CATEGORY = "category", _("kind of problem")
        DEPARTMENT = "department", _("department")

    target = models.CharField(_("guesses"), max_length=12, choices=Target.choices)
    trained_at = models.DateTimeField(_("trained"))
    samples = models.PositiveIntegerField(_("learned from"))
    tested = models.PositiveIntegerField(_("tested on"))
    tested_since = models.DateTimeField(_("tested on reports since"), null=True)
    top_1 = models.FloatField(_("right at first"))  # shares 0 … 1
    top_3 = models.FloatField(_("right among three"))
    rules_top_1 = models.FloatField(_("rules alone, at first"))
    rules_top_3 = models.FloatField(_("rules alone, among three"))
    is_used = models.BooleanField(_("in use"), default=False)
    content = models.BinaryField(_("content"), null=True)  # only of the one in use

    class Meta:
        verbose_name = _("learned model")
        verbose_name_plural = _("learned models")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["target"], condition=Q(is_used=True), name="dispatch_text_model_one_used"
            )
        ]

    def __str__(self) -> str:
        return f"{self.target} {self.trained_at:%Y-%m-%d}"
