#!/usr/bin/env python
"""Keep the message catalogues, with nothing but pip (no gettext programs).

    python scripts/messages.py update  [app …]   # take new texts into <app>/locale/id/LC_MESSAGES/django.po
    python scripts/messages.py compile [app …]   # make the .mo files that Django reads
    python scripts/messages.py check   [app …]   # fail on anything missing, stale or with other placeholders

Texts stand in English in the code; the Indonesian stands in the catalogues. A text in `templates/<app>/`
belongs to that app, everything else under `templates/` to the app `lapor`. There is no fuzzy matching:
a changed text is a new text. Catalogues name files but no lines, so that moving code changes nothing.
"""

import argparse
import io
import re
import sys
from collections import defaultdict
from pathlib import Path

import django.template  # noqa: F401 - templatize needs the engine's lexer set up
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_python
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
LANGUAGE = "id"
HOME_APP = "lapor"  # owns the templates that belong to no app
THEME = "locale"  # what the admin theme and Django lack: compiled like an app's, kept by hand
TEMPLATE_FOLDERS = {"admin": "dispatch", "unfold": "dispatch"}  # staff pages belong to dispatch
TEMPLATE_SUFFIXES = {".html", ".txt", ".xml", ".svg"}
HEADER = f"""# Indonesian texts of the portal. Kept by scripts/messages.py.
msgid ""
msgstr ""
"Language: {LANGUAGE}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals=1; plural=0;\\n"

"""
_CONTEXT_1 = ((1, "c"), 2)
_CONTEXT_PLURAL = ((1, "c"), 2, 3)
KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": _CONTEXT_1,
    "pgettext_lazy": _CONTEXT_1,
    "npgettext": _CONTEXT_PLURAL,
    "npgettext_lazy": _CONTEXT_PLURAL,
}
PLACEHOLDER = re.compile(r"%\(\w+\)[#0\- +]*[\d.]*[a-zA-Z]|%[sdif%]|\{\w*[^{}]*\}")


def all_apps(root: Path = ROOT) -> list[str]:
    """The project's own apps: top-level folders with an `apps.py`."""
    return sorted(path.parent.name for path in root.glob("*/apps.py"))


def catalogue_path(app: str, root: Path = ROOT) -> Path:
    folder = root / THEME if app == THEME else root / app / "locale"
    return folder / LANGUAGE / "LC_MESSAGES" / "django.po"


def sources(app: str, root: Path = ROOT) -> list[Path]:
    """The files whose texts belong to one app's catalogue, in a stable order."""
    found = {p for p in (root / app).rglob("*.py") if "migrations" not in p.parts}
    folders = [root / app / "templates", root / "templates" / app]
    folders += [root / "templates" / name for name, owner in TEMPLATE_FOLDERS.items() if owner == app]
    if app == HOME_APP:
        others = {*all_apps(root), *TEMPLATE_FOLDERS}
        templates = root / "templates"
        folders += [p for p in templates.glob("*/") if p.is_dir() and p.name not in others]
        found |= {p for p in templates.glob("*") if p.suffix in TEMPLATE_SUFFIXES}
    for folder in folders:
        found |= {p for p in folder.rglob("*") if p.suffix in TEMPLATE_SUFFIXES}
    return sorted(found)


def _python_of(path: Path) -> str:
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        return text
    # Inside brackets Python's tokenizer does not mind how the lines are indented.
    return f"(\n{templatize(text, origin=str(path))}\n)"


def _message(function: str, messages: tuple | str) -> tuple[str | None, str | tuple] | None:
    """Context and msgid (a pair for plurals) of one extracted call, or None if it holds no literal."""
    parts = list(messages) if isinstance(messages, tuple) else [messages]
    context = parts.pop(0) if "pgettext" in function and parts else None
    wanted = 2 if "n" in function.split("gettext")[0] else 1
    texts = parts[:wanted]
    if len(texts) < wanted or not all(isinstance(text, str) and text for text in texts):
        return None
    return context, tuple(texts) if wanted == 2 else texts[0]


def _empty_catalogue() -> Catalog:
    catalogue = Catalog(locale=LANGUAGE, charset="utf-8")
    # Babel's own table gives Indonesian two plural forms; the language, and Django, have one.
    catalogue.mime_headers = [("Plural-Forms", "nplurals=1; plural=0;")]
    return catalogue


def extract(app: str, root: Path = ROOT) -> Catalog:
    """A catalogue of every text in the app's sources, untranslated."""
    catalogue = _empty_catalogue()
    for path in sources(app, root):
        code = io.BytesIO(_python_of(path).encode())
        where = [(str(path.relative_to(root)), 0)]
        for _line, function, messages, _comments in extract_python(code, KEYWORDS, (), {"encoding": "utf-8"}):
            found = _message(function or "", messages)
            if found is not None:
                catalogue.add(found[1], locations=where, context=found[0])
    return catalogue


def _key(message: Message) -> tuple[str | None, str]:
    return message.context, message.id[0] if isinstance(message.id, tuple) else message.id


def load(app: str, root: Path = ROOT) -> Catalog:
    path = catalogue_path(app, root)
    if not path.exists():
        return _empty_catalogue()
    with path.open("rb") as handle:
        return read_po(handle, locale=LANGUAGE, charset="utf-8")


def _translation(message: Message) -> str:
    text = message.string
    return (text[0] if text else "") if isinstance(text, tuple | list) else text or ""


def update(app: str, root: Path = ROOT) -> str:
    """Write the catalogue anew: every text of the sources, with the translation it already had."""
    known = {_key(m): _translation(m) for m in load(app, root) if m.id}
    fresh = extract(app, root)
    missing = 0
    for message in fresh:
        if not message.id:
            continue
        text = known.get(_key(message), "")
        missing += not text
        message.string = (text,) if message.pluralizable else text
        message.locations = sorted({(name, 0) for name, _ in message.locations})
    buffer = io.BytesIO()
    write_po(buffer, fresh, omit_header=True, sort_output=True, include_lineno=False, width=100)
    path = catalogue_path(app, root)
    path.parent.mkdir(parents=True, exist_ok=True)
    body = HEADER + buffer.getvalue().decode().strip() + "\n"
    if not path.exists() or path.read_text(encoding="utf-8") != body:
        path.write_text(body, encoding="utf-8")
    dropped = len(set(known) - {_key(m) for m in fresh if m.id})
    return f"{app}: {len(fresh)} texts, {missing} without a translation, {dropped} dropped"


def compile_catalogue(app: str, root: Path = ROOT) -> str:
    """Make the .mo file beside the .po file, unless it is already newer."""
    source = catalogue_path(app, root)
    if not source.exists():
        return f"{app}: no catalogue"
    target = source.with_suffix(".mo")
    if target.exists() and target.stat().st_mtime_ns > source.stat().st_mtime_ns:
        return f"{app}: up to date"
    partial = target.with_suffix(f".{id(source)}.tmp")
    with partial.open("wb") as handle:
        write_mo(handle, load(app, root))
    partial.replace(target)  # a running server never reads half a file
    return f"{app}: compiled"


def _placeholders(text: str) -> set[str]:
    return {found for found in PLACEHOLDER.findall(text) if found != "%%"}


def check(app: str, root: Path = ROOT) -> list[str]:
    """What is wrong with one app's catalogue, one line each."""
    problems = []
    known = {_key(m): m for m in load(app, root) if m.id}
    fresh = {_key(m): m for m in extract(app, root) if m.id}
    for key, message in fresh.items():
        have = known.get(key)
        text = _translation(have) if have is not None else ""
        wanted = _placeholders(message.id[1] if isinstance(message.id, tuple) else message.id)
        if have is None:
            problems.append(f"{app}: not in the catalogue: {key[1]!r} ({message.locations[0][0]})")
        elif not text.strip() or have.fuzzy:
            problems.append(f"{app}: no translation: {key[1]!r} ({message.locations[0][0]})")
        elif _placeholders(text) != wanted:
            problems.append(f"{app}: placeholders differ: {key[1]!r} -> {text!r}")
        elif key[1].startswith("\n") != text.startswith("\n") or key[1].endswith("\n") != text.endswith("\n"):
            problems.append(f"{app}: line breaks at the ends differ: {key[1]!r}")
    problems += [f"{app}: no longer used: {key[1]!r}" for key in known if key not in fresh]
    return problems


def check_conflicts(apps: list[str], root: Path = ROOT) -> list[str]:
    """Texts that two catalogues translate differently: Django uses only one of them, everywhere."""
    seen: dict[tuple, dict[str, str]] = defaultdict(dict)
    for app in apps:
        for message in load(app, root):
            if message.id and _translation(message):
                seen[_key(message)][app] = _translation(message)
    return [
        f"translated differently: {key[1]!r} as {versions} (use pgettext, or agree)"
        for key, versions in seen.items()
        if len(set(versions.values())) > 1
    ]


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("command", choices=("update", "compile", "check"))
    parser.add_argument("apps", nargs="*", help="default: every app of the project")
    chosen = parser.parse_args(arguments)
    unknown = set(chosen.apps) - {*all_apps(), THEME}
    if unknown:
        parser.error(f"no such app: {', '.join(sorted(unknown))}")
    if not settings.configured:
        settings.configure(USE_I18N=False)
    apps = chosen.apps or [*all_apps(), THEME]
    if chosen.command == "check":
        problems = [problem for app in apps if app != THEME for problem in check(app)]
        problems += check_conflicts([*all_apps(), THEME])
        print("\n".join(problems) or f"Every text of {', '.join(apps)} is translated.")
        return 1 if problems else 0
    work = update if chosen.command == "update" else compile_catalogue
    for app in apps:
        if app != THEME or chosen.command == "compile":
            print(work(app))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
