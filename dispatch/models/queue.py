"""How each officer keeps their queue: filters by name, and what the page remembers of them."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from city.models import Department


class SavedFilter(models.Model):
    """A view of the queue under a name: somebody's own, or shared with a department or with everybody."""

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("owner"),
        on_delete=models.CASCADE,
        related_name="saved_filters",
    )
    name = models.CharField(_("name"), max_length=60)
    query = models.TextField(_("filters"))  # domain.queue_query.clean
    position = models.PositiveSmallIntegerField(_("order"), default=0)
    is_shared = models.BooleanField(_("shared"), default=False)
    # With whom it is shared: this department's people, or everybody if there is none.
    department = models.ForeignKey(
        Department, verbose_name=_("department"), null=True, blank=True, on_delete=models.CASCADE
    )
    changed_at = models.DateTimeField(_("changed"))

    class Meta:
        verbose_name = _("saved filter")
        verbose_name_plural = _("saved filters")
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["owner", "name"], name="dispatch_saved_filter_name"),
            models.CheckConstraint(
                condition=Q(is_shared=True) | Q(department__isnull=True), name="dispatch_saved_filter_shared"
            ),
        ]
        indexes = [
            models.Index(
                fields=["department", "position"], condition=Q(is_shared=True), name="saved_filter_shared"
            )
        ]

    def __str__(self) -> str:
        return self.name


class QueueSetting(models.Model):
    """What the queue remembers of one person; no row: all as it is below."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="queue_setting"
    )
    first_view = models.ForeignKey(SavedFilter, null=True, blank=True, on_delete=models.SET_NULL)
    shows_map = models.BooleanField(default=False)
    has_keys = models.BooleanField(default=True)  # single keys can be switched off (WCAG 2.1.4)
    opens_next = models.BooleanField(default=True)  # the next case when one is done

    class Meta:
        verbose_name = _("settings of the queue")
        verbose_name_plural = _("settings of the queue")

    def __str__(self) -> str:
        return str(self.pk)
