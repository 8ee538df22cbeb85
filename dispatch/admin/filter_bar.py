"""One filter of the queue: a select whose choice stands in the address."""

from functools import lru_cache

from django.contrib import admin
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from city import snapshot as city


@lru_cache(maxsize=64)
def _built(filter_class, version: int, language: str | None) -> tuple[list[tuple[str, str]], str]:
    """A filter's choices and their options as HTML: the same for everybody until the city changes."""
    choices, html = [], []
    for label, pairs in filter_class.groups():
        choices += [(value, str(text)) for value, text in pairs]
        options = format_html_join("", '<option value="{}">{}</option>', pairs)
        group = format_html('<optgroup label="{}">{}</optgroup>', label, options) if label else options
        html.append(group)
    return choices, "".join(html)


def city_of(request) -> city.CitySnapshot:
    """One picture of the city for the whole request."""
    if not hasattr(request, "_city"):
        request._city = city.current()
    return request._city


class BarFilter(admin.SimpleListFilter):
    """A filter shown as a select. `groups()` gives (group label or "", [(value, label)])."""

    all_label = _("all")
    all_value = ""  # what the select sends when nothing is chosen

    def __init__(self, request, params, model, model_admin):
        self.request = request
        super().__init__(request, params, model, model_admin)

    def lookups(self, request, model_admin):
        return self._built()[0] if self.is_for(request.user) else []

    @property
    def city(self) -> city.CitySnapshot:
        """One picture of the city for the whole request."""
        return city_of(self.request)

    def _built(self):
        return _built(type(self), self.city.version, get_language())

    @staticmethod
    def groups():
        raise NotImplementedError

    def is_for(self, user) -> bool:
        return True

    def has_output(self):
        return bool(self.lookup_choices)

    @property
    def chosen(self) -> str:
        """The value that narrows the list; empty for none, and for what nobody knows."""
        value = self.value()
        return value if value and value in dict(self.lookup_choices) else ""

    @property
    def is_active(self) -> bool:
        return bool(self.chosen)

    @property
    def chosen_label(self) -> str:
        return str(dict(self.lookup_choices)[self.chosen]) if self.chosen else ""

    def options(self):
        """The select's options, the chosen one marked."""
        html = self._built()[1]
        if self.chosen:
            one = f'<option value="{escape(self.chosen)}"'
            html = html.replace(f"{one}>", f"{one} selected>", 1)
        return mark_safe(html)  # noqa: S308 - built with format_html

    def queryset(self, request, queryset):
        return self.narrow(queryset, self.chosen) if self.chosen else queryset

    def narrow(self, queryset, value: str):
        raise NotImplementedError
