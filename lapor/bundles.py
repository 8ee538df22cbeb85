"""Joining our own scripts and styles into few files when static files are collected.

On a slow line each request costs a wait of its own, whatever its size. The sources stay plain ES modules and
plain CSS, and without HASHED_STATIC browsers get them as they are: nothing needs to be built to work on them.
"""

import posixpath
import re
from collections.abc import Callable

# Files that a page needs together come as one: joined file → entry module, or style sheets.
SCRIPT_BUNDLES = {
    "js/bundle/report-form.js": "js/report-form.js",
    "js/bundle/start.js": "js/offline/start.js",
}
STYLE_BUNDLES = {
    "css/joined-frame.css": [
        f"css/{name}.css" for name in ("tokens", "base", "frame", "components", "fields")
    ],
    "css/joined-form.css": [f"css/{name}.css" for name in ("map", "form", "kind")],
}

_IMPORT = re.compile(r'^import (?:\{ ?([^}]*?),? ?\} from )?"(\.{1,2}/[^"]+)";\n', re.MULTILINE)
_LATE_IMPORT = re.compile(r'import\("(\.{1,2}/[^"]+)"\)')
_EXPORT = re.compile(r"^export ((?:async )?(?:function|const|class)\*? ?(\w+))", re.MULTILINE)
_UNREADABLE = re.compile(r"^(import\s|export\s)", re.MULTILINE)

Read = Callable[[str], str]


def joined_styles(names: list[str], read: Read) -> str:
    """Style sheets one after the other. They must lie in folders of the same depth as the joined one, where
    they name pictures by relative addresses."""
    return "\n".join(read(name) for name in names)


def joined_modules(entry: str, read: Read, folder: str) -> str:
    """One module that does what `entry` and all that it imports do, each in a scope of its own, each once.

    `folder` is where the joined module will lie. Raises ValueError for imports and exports in forms that our
    sources do not use (namespaces, defaults, renaming, several lines).
    """
    parts: dict[str, str] = {}

    def add(name: str) -> None:
        if name in parts:
            return
        parts[name] = ""  # in a circle of imports each comes once
        source = read(name)
        for _names, address in _IMPORT.findall(source):
            add(_absolute(name, address))
        del parts[name]
        parts[name] = _scope(name, source, folder)

    add(entry)
    return "\n".join(parts.values())


def _absolute(importer: str, address: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(importer), address))


def _variable(name: str) -> str:
    return "m_" + re.sub(r"\W", "_", name.removeprefix("js/").removesuffix(".js"))


def _scope(name: str, source: str, folder: str) -> str:
    """A module as a function called at once, which returns what it exports."""

    def take(match: re.Match) -> str:
        wanted, address = match.groups()
        return f"const {{ {wanted} }} = {_variable(_absolute(name, address))};\n" if wanted else ""

    def later(match: re.Match) -> str:
        address = posixpath.relpath(_absolute(name, match[1]), folder)
        return f'import("{address if address.startswith(".") else "./" + address}")'

    body = _LATE_IMPORT.sub(later, _IMPORT.sub(take, source))
    exported = [found for _all, found in _EXPORT.findall(body)]
    body = _EXPORT.sub(r"\1", body)
    if _UNREADABLE.search(body) or re.search(r"^const \{.* as ", body, re.MULTILINE):
        raise ValueError(f"{name}: an import or export that cannot be joined")
    return f"const {_variable(name)} = (() => {{\n{body}return {{ {', '.join(exported)} }};\n}})();\n"
