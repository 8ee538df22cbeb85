"""The long lists of choices as HTML, made once per version of the city and language.

Hundreds of options cost more to render than the rest of a page; only the chosen one differs per request.
"""

from functools import lru_cache

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from city import snapshot as city
from complaints.web import tree, words


def areas(selected: str, *, kecamatan_too: bool) -> SafeString:
    """Kelurahan grouped by kecamatan; with `kecamatan_too` a whole kecamatan can be chosen as well."""
    return _with_selected(_areas(city.current().version, kecamatan_too, get_language()), selected)


def categories(selected: str) -> SafeString:
    """Kinds grouped by group; a whole group can be chosen."""
    return _with_selected(_categories(city.current().version, get_language()), selected)


def departments(selected: str) -> SafeString:
    """Departments and outside owners, then the sub-district offices."""
    return _with_selected(_departments(city.current().version, get_language()), selected)


def _with_selected(html: str, selected: str) -> SafeString:
    # Codes come from the city's data and are compared escaped, so an address cannot smuggle markup in.
    if selected:
        needle = format_html('value="{}">', selected)
        html = html.replace(needle, f"{needle[:-1]} selected>", 1)
    return mark_safe(html)  # noqa: S308 - made by format_html below


def _option(code: str, name: str) -> SafeString:
    return format_html('<option value="{}">{}</option>', code, name)


def _group(label: str, options: list[SafeString]) -> SafeString:
    return format_html(
        '<optgroup label="{}">{}</optgroup>', label, format_html_join("", "{}", ((o,) for o in options))
    )


@lru_cache(maxsize=8)
def _areas(version: int, kecamatan_too: bool, language: str) -> str:
    groups = []
    for item in tree.areas():
        info = item["info"]
        whole = [_option(info.code, _("Kecamatan %(name)s") % {"name": info.name})] if kecamatan_too else []
        groups.append(_group(info.name, whole + [_option(area.code, area.name) for area in item["members"]]))
    return "".join(groups)


@lru_cache(maxsize=4)
def _categories(version: int, language: str) -> str:
    groups = []
    for item in tree.groups():
        name = words.local(item["info"])
        whole = _option(item["info"].code, _("%(group)s: all") % {"group": name})
        groups.append(_group(name, [whole, *(_option(k.code, words.local(k)) for k in item["kinds"])]))
    return "".join(groups)


@lru_cache(maxsize=4)
def _departments(version: int, language: str) -> str:
    everybody = sorted(city.current().departments.values(), key=words.local)
    offices = [_option(item.code, words.local(item)) for item in everybody if item.kind == "subdistrict"]
    others = [_option(item.code, words.local(item)) for item in everybody if item.kind != "subdistrict"]
    return "".join(others) + _group(_("Kecamatan offices"), offices)
