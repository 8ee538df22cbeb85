"""The page that says what was learned last night, how well, and whether it is used."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from dispatch.admin.outbox import ReadOnlyAdmin
from dispatch.models import TextModel


@admin.register(TextModel)
class TextModelAdmin(ReadOnlyAdmin):
    """One row a night and target; shares are of the newest weeks, which the tested model had not seen."""

    list_display = (
        *("trained_at", "target", "samples", "tested", "learned_first", "rules_first"),
        *("learned_three", "rules_three", "is_used"),
    )
    list_filter = ("target", "is_used")
    list_display_links = None
    ordering = ("-id",)

    def get_queryset(self, request):
        return super().get_queryset(request).defer("content")

    def has_change_permission(self, request, obj=None):
        return False

    @admin.display(description=_("right at first"))
    def learned_first(self, row):
        return _percent(row.top_1)

    @admin.display(description=_("rules alone, at first"))
    def rules_first(self, row):
        return _percent(row.rules_top_1)

    @admin.display(description=_("right among three"))
    def learned_three(self, row):
        return _percent(row.top_3)

    @admin.display(description=_("rules alone, among three"))
    def rules_three(self, row):
        return _percent(row.rules_top_3)


def _percent(share: float) -> str:
    return f"{share * 100:.1f} %"
