"""The OpenAPI document: from the schemas that parse and write, so that it cannot say anything else."""

from functools import cache
from typing import Any

import msgspec
from drf_spectacular.extensions import OpenApiSerializerExtension
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.plumbing import ResolvedComponent

from complaints.api import problems

TITLE = "Lapor API"
DESCRIPTION = """\
File problems in the city, follow them, and read what others reported.

* No key is needed to file or to read. A key (`Authorization: Api-Key …`) raises the limits.
* Send an `Idempotency-Key` (a UUID, made once per report) and repeat a request that got no answer with the
  same key: the report is filed once, and you get the same answer again.
* Texts come in Indonesian; `Accept-Language: en` makes them English.
* Times are ISO 8601 in UTC; coordinates are WGS84 degrees.
* The slash at the end of an address may be left out.
* Every refusal is an `application/problem+json` with a stable `code`.
"""
_REF = "#/components/schemas/{name}"


class StructExtension(OpenApiSerializerExtension):
    """Lets drf-spectacular read msgspec's schemas."""

    target_class = "msgspec.Struct"
    match_subclasses = True

    def get_name(self, auto_schema, direction) -> str:
        return self.target.__name__

    def map_serializer(self, auto_schema, direction) -> dict[str, Any]:
        _refs, components = msgspec.json.schema_components([self.target], ref_template=_REF)
        own = components.pop(self.target.__name__)
        for name, schema in components.items():
            auto_schema.registry.register_on_missing(
                ResolvedComponent(name=name, type=ResolvedComponent.SCHEMA, object=name, schema=_tidy(schema))
            )
        return _tidy(own)


def _tidy(schema: dict[str, Any]) -> dict[str, Any]:
    """Without the titles that only repeat the component's name."""
    return {key: value for key, value in schema.items() if key != "title"}


@cache
def build() -> dict[str, Any]:
    """The whole document, made once per process."""
    from complaints.api import urls

    document = SchemaGenerator(patterns=urls.urlpatterns).get_schema(public=True)
    document["info"] = {"title": TITLE, "version": "1", "description": DESCRIPTION}
    components = document["components"]
    components["schemas"] = dict(sorted(components["schemas"].items()))
    components["schemas"]["NewReport"]["required"] = ["category"]
    components["schemas"]["ProblemBody"]["properties"]["code"]["enum"] = sorted(problems.CATALOGUE)
    components["securitySchemes"] = {
        "ApiKey": {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "`Api-Key lapor_…`; optional, raises the limits.",
        }
    }
    document["security"] = [{}, {"ApiKey": []}]
    for path in document["paths"].values():
        for operation in path.values():
            operation.pop("security", None)
    return document


def as_yaml() -> str:
    """The document as it is kept in docs/openapi.yaml."""
    from drf_spectacular.renderers import OpenApiYamlRenderer

    return OpenApiYamlRenderer().render(build(), renderer_context={}).decode()
