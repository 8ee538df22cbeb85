"""The OpenAPI document prepared for the docs page: flat lists, translated texts, ready examples."""

import json
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext as translated  # marked with gettext_noop where they stand
from django.utils.translation import gettext_lazy

from complaints.api import openapi, problems

_TAGS = {
    "reports": gettext_lazy("Reports"),
    "reporter": gettext_lazy("For the reporter"),
    "city": gettext_lazy("The city"),
}
_DEPTH = 3  # levels of nested objects shown as rows


@dataclass(frozen=True, slots=True)
class Row:
    """A field or parameter."""

    name: str
    type: str
    description: str
    place: str = ""
    is_required: bool = False
    depth: int = 0


@dataclass(frozen=True, slots=True)
class Operation:
    id: str
    tag: str
    method: str
    path: str
    summary: str
    description: str
    parameters: list[Row]
    fields: list[Row]
    answer: list[Row]
    answer_status: str
    example: str
    curl: str
    refusals: list[str]


def build() -> dict[str, Any]:
    """The page's context, in the language that is active now."""
    document = openapi.build()
    operations = [
        _operation(path, method, operation, document)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]
    groups = [
        {"tag": tag, "name": name, "operations": [item for item in operations if item.tag == tag]}
        for tag, name in _TAGS.items()
    ]
    catalogue = [
        {"code": code, "status": status, "title": title, "detail": detail}
        for code, (status, title, detail) in problems.CATALOGUE.items()
    ]
    return {"groups": groups, "problems": catalogue, "base_url": settings.PUBLIC_BASE_URL}


def _operation(path: str, method: str, operation: dict[str, Any], document: dict[str, Any]) -> Operation:
    contents = operation.get("requestBody", {}).get("content", {})
    body = contents.get("application/json") or next(iter(contents.values()), {})
    good = next(status for status in operation["responses"] if status.startswith("2"))
    answer = operation["responses"][good].get("content", {}).get("application/json", {})
    example = _example(answer)
    return Operation(
        id=operation["operationId"],
        tag=operation["tags"][0],
        method=method.upper(),
        path=path,
        summary=translated(operation["summary"]),
        description=translated(operation["description"]),
        parameters=[_parameter(item) for item in operation.get("parameters", [])],
        fields=_rows(body.get("schema", {}), document),
        answer=_rows(answer.get("schema", {}), document),
        answer_status=good,
        example=json.dumps(example, indent=2, ensure_ascii=False) if example else "",
        curl=_curl(path, method, operation, contents),
        refusals=_refusals(operation),
    )


def _example(content: dict[str, Any]) -> Any:
    return next((item["value"] for item in content.get("examples", {}).values()), None)


def _refusals(operation: dict[str, Any]) -> list[str]:
    codes = []
    for status, response in operation["responses"].items():
        if status >= "4":
            examples = response["content"][problems.CONTENT_TYPE].get("examples", {})
            codes += [example["value"]["code"] for example in examples.values()]
    return codes


def _parameter(item: dict[str, Any]) -> Row:
    names = {"query": _("address"), "header": _("header"), "path": _("path")}
    text, colon, values = item.get("description", "").partition(": ")
    description = translated(text) + colon + values if text else ""
    return Row(
        item["name"], _type(item["schema"]), description, names[item["in"]], item.get("required", False)
    )


def _resolve(schema: dict[str, Any], document: dict[str, Any]) -> dict[str, Any]:
    """The schema behind a reference, a list or "or null"."""
    if "$ref" in schema:
        return _resolve(document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]], document)
    if "anyOf" in schema:
        real = [option for option in schema["anyOf"] if option.get("type") != "null"]
        return _resolve(real[0], document) if len(real) == 1 else schema
    if schema.get("type") == "array":
        return _resolve(schema.get("items", {}), document)
    return schema


def _rows(schema: dict[str, Any], document: dict[str, Any], prefix: str = "", depth: int = 0) -> list[Row]:
    target = _resolve(schema, document)
    rows = []
    for name, field in target.get("properties", {}).items():
        full = f"{prefix}{name}"
        description = field.get("description") or ""
        rows.append(
            Row(
                full,
                _type(field),
                translated(description) if description else "",
                is_required=name in target.get("required", ()) and depth == 0,
                depth=depth,
            )
        )
        if depth < _DEPTH:
            rows += _rows(field, document, f"{full}.", depth + 1)
    return rows


def _type(schema: dict[str, Any]) -> str:
    """A type in a few letters: `string | null`, `[Named]`, `uuid`."""
    if "$ref" in schema:
        return schema["$ref"].rsplit("/", 1)[1]
    if "anyOf" in schema:
        return " | ".join(_type(option) for option in schema["anyOf"])
    if schema.get("enum"):
        return " | ".join(str(value) for value in schema["enum"] if value is not None)
    if schema.get("type") == "array":
        return f"[{_type(schema.get('items', {}))}]"
    kind = schema.get("format") or schema.get("type", "")
    return " | ".join(kind) if isinstance(kind, list) else kind


def _curl(path: str, method: str, operation: dict[str, Any], contents: dict[str, Any]) -> str:
    address = settings.PUBLIC_BASE_URL + path.replace("{code}", "K7QM4TPX")
    lines = [f"curl {address}" if method == "get" else f"curl -X {method.upper()} {address}"]
    for item in operation.get("parameters", []):
        if item["name"] == "Idempotency-Key":
            lines.append('-H "Idempotency-Key: $(uuidgen)"')
        elif item["in"] == "header" and item.get("required"):
            lines.append(f'-H "{item["name"]}: $SECRET"')
    if "application/json" in contents:
        example = json.dumps(_example(contents["application/json"]), ensure_ascii=False)
        lines += ['-H "Content-Type: application/json"', f"-d '{example}'"]
    elif contents:
        lines.append("-F photos=@foto.jpg")
    return " \\\n  ".join(lines)
