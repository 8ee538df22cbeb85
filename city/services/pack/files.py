"""The files of a pack as plain values that remember their lines: YAML, CSV and GeoJSON."""

import csv
import io
import json
import re
from pathlib import Path

import yaml
from django.utils.translation import gettext as _

from city.services.pack.mistakes import Mistakes, Where

try:
    from yaml import CSafeLoader as _BaseLoader
except ImportError:  # a wheel without the C parser: slower, the same marks
    from yaml import SafeLoader as _BaseLoader


class Block(dict):
    """A mapping that knows where it and its keys stand. Use it as a dict; `at(block, "key")` is its place."""

    where: Where
    key_lines: dict[str, int]


class Items(list):
    """A list that knows where it and its items stand."""

    where: Where
    item_lines: list[int]


def at(container: "Block | Items", key: object = None) -> Where:
    """The place of a mapping's key, a list's item, or (without key) of the whole."""
    if isinstance(container, Block) and key in container.key_lines:
        return Where(container.where.file, container.key_lines[key])
    if isinstance(container, Items) and isinstance(key, int) and key < len(container.item_lines):
        return Where(container.where.file, container.item_lines[key])
    return container.where


class PackFiles:
    """The folder of a pack. Missing and malformed files become mistakes; the reading then gives None."""

    def __init__(self, folder: Path, mistakes: Mistakes):
        self.folder = folder
        self.mistakes = mistakes

    def exists(self, name: str) -> bool:
        return (self.folder / name).is_file()

    def _text(self, name: str) -> str | None:
        path = self.folder / name
        try:
            return path.read_bytes().decode("utf-8-sig")
        except FileNotFoundError:
            self.mistakes.add(Where(name), "missing_file", _("This file is missing."))
        except UnicodeDecodeError as fault:
            line = path.read_bytes()[: fault.start].count(b"\n") + 1
            self.mistakes.add(
                Where(name, line), "not_utf8", _("This is not UTF-8 text. Save the file as UTF-8.")
            )
        return None

    def yaml(self, name: str) -> Block | None:
        """A YAML file whose top is a mapping. Plain scalars are text, but for numbers, true, false and null:
        dates and clock times stay text."""
        text = self._text(name)
        if text is None:
            return None
        try:
            node = yaml.compose(text, Loader=_BaseLoader)
        except yaml.YAMLError as fault:
            mark = getattr(fault, "problem_mark", None) or getattr(fault, "context_mark", None)
            line = mark.line + 1 if mark else 0
            problem = getattr(fault, "problem", None) or _("it cannot be read")
            self.mistakes.add(
                Where(name, line), "yaml", _("This is not valid YAML: %(problem)s.") % {"problem": problem}
            )
            return None
        value = _YamlReader(name, self.mistakes).value(node) if node is not None else None
        if not isinstance(value, Block):
            self.mistakes.add(
                Where(name, 1), "not_mapping", _("The file must begin with `key: value` lines.")
            )
            return None
        return value

    def csv(self, name: str, columns: tuple[str, ...]) -> list[Block] | None:
        """A CSV file with a header line; every row a Block of texts. Missing columns are mistakes."""
        text = self._text(name)
        if text is None:
            return None
        reader = csv.reader(io.StringIO(text, newline=""), strict=True)
        rows: list[Block] = []
        header: list[str] | None = None
        try:
            line = 1
            for cells in reader:
                if header is None:
                    header = [cell.strip() for cell in cells]
                    if not self._header_fits(name, header, columns):
                        return None
                elif any(cell.strip() for cell in cells):
                    self._csv_row(name, line, header, cells, rows)
                line = reader.line_num + 1
        except csv.Error as fault:
            self.mistakes.add(
                Where(name, reader.line_num),
                "csv",
                _("This is not valid CSV: %(problem)s.") % {"problem": fault},
            )
            return None
        if header is None:
            self.mistakes.add(Where(name, 1), "empty_file", _("The file is empty."))
            return None
        return rows

    def _header_fits(self, name: str, header: list[str], columns: tuple[str, ...]) -> bool:
        missing = [column for column in columns if column not in header]
        if missing:
            self.mistakes.add(
                Where(name, 1),
                "missing_column",
                _("The first line lacks the columns: %(columns)s.") % {"columns": ", ".join(missing)},
            )
        return not missing

    def _csv_row(self, name, line, header, cells, rows) -> None:
        if len(cells) != len(header):
            self.mistakes.add(
                Where(name, line),
                "cell_count",
                _("This row has %(found)d cells, the first line has %(wanted)d.")
                % {"found": len(cells), "wanted": len(header)},
            )
            return
        row = Block(zip(header, (cell.strip() for cell in cells), strict=True))
        row.where, row.key_lines = Where(name, line), dict.fromkeys(header, line)
        rows.append(row)

    def geojson(self, name: str) -> "list[Block] | None":
        """The features of a GeoJSON file: Blocks of their properties, `geometry` beside them.

        The line is that on which the feature begins; files are easiest to mend with one feature a line.
        """
        text = self._text(name)
        if text is None:
            return None
        try:
            content = json.loads(text, parse_constant=_refuse_constant)
        except ValueError as fault:
            line = getattr(fault, "lineno", 1)
            problem = getattr(fault, "msg", str(fault))
            self.mistakes.add(
                Where(name, line), "json", _("This is not valid JSON: %(problem)s.") % {"problem": problem}
            )
            return None
        features = content.get("features") if isinstance(content, dict) else None
        if not isinstance(features, list):
            self.mistakes.add(
                Where(name, 1), "not_features", _("The file must be a GeoJSON FeatureCollection.")
            )
            return None
        return self._features(name, features, _feature_lines(text))

    def _features(self, name: str, features: list, lines: list[int]) -> list[Block]:
        blocks = []
        for index, feature in enumerate(features):
            where = Where(name, lines[index] if len(lines) == len(features) else 1)
            if not isinstance(feature, dict) or not isinstance(feature.get("properties"), dict):
                self.mistakes.add(
                    where,
                    "not_feature",
                    _("Feature %(number)d is not a GeoJSON feature with properties.") % {"number": index + 1},
                )
                continue
            block = Block(feature["properties"])
            block["geometry"] = feature.get("geometry")
            block.where, block.key_lines = where, {}
            blocks.append(block)
        return blocks


def _refuse_constant(name: str):
    raise ValueError(f"{name} is not a number")


_FEATURE = re.compile(r'"type"\s*:\s*"Feature"')


def _feature_lines(text: str) -> list[int]:
    """The line of each `"type": "Feature"`; exact when every feature says so once, as GeoJSON demands."""
    lines, line, seen = [], 1, 0
    for match in _FEATURE.finditer(text):
        line += text.count("\n", seen, match.start())
        seen = match.start()
        lines.append(line)
    return lines


_INT = re.compile(r"[-+]?[0-9]+\Z")
_FLOAT = re.compile(r"[-+]?[0-9]+\.[0-9]+\Z")
_WORDS = {"true": True, "false": False, "null": None, "~": None, "": None}


class _YamlReader:
    """Turns YAML nodes into values with lines, by the narrow reading of scalars that the packs need: YAML 1.1
    would make `no` false, 08:00 a number of seconds and 2026-02-19 a date."""

    def __init__(self, file: str, mistakes: Mistakes):
        self._file, self._mistakes = file, mistakes

    def value(self, node):
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node)
        if isinstance(node, yaml.SequenceNode):
            items = Items(self.value(child) for child in node.value)
            items.where = self._where(node)
            items.item_lines = [child.start_mark.line + 1 for child in node.value]
            return items
        return self._block(node)

    def _where(self, node) -> Where:
        return Where(self._file, node.start_mark.line + 1)

    def _block(self, node) -> Block:
        block = Block()
        block.where, block.key_lines = self._where(node), {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                self._mistakes.add(self._where(key_node), "yaml_key", _("A key must be a plain word."))
                continue
            key = key_node.value
            if key in block:
                self._mistakes.add(
                    self._where(key_node), "doubled_key", _("“%(key)s” stands here twice.") % {"key": key}
                )
            block[key] = self.value(value_node)
            block.key_lines[key] = key_node.start_mark.line + 1
        return block

    def _scalar(self, node):
        text = node.value
        if node.style:  # quoted: text, whatever it looks like
            return text
        if text in _WORDS:
            return _WORDS[text]
        if _INT.match(text) and not (len(text.lstrip("+-")) > 1 and text.lstrip("+-").startswith("0")):
            return int(text)
        if _FLOAT.match(text):
            return float(text)
        return text
