"""Everything the API can refuse, as `application/problem+json` (RFC 9457): one catalogue, one rendering."""

from collections.abc import Mapping
from typing import Any

import msgspec
from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _

from complaints import errors

CONTENT_TYPE = "application/problem+json"
# Relative to the portal, so that a problem's type is the same on every installation and can be opened.
TYPE_PREFIX = "/api/docs/#problem-"

# code → (status, title, what to do)
CATALOGUE: dict[str, tuple[int, Any, Any]] = {
    "malformed": (
        400,
        _("The request cannot be read"),
        _("The body is not a JSON object in UTF-8, or the multipart form is broken."),
    ),
    "bad_request": (400, _("The request cannot be read"), _("Check the address and the headers.")),
    "idempotency_key_invalid": (
        400,
        _("The Idempotency-Key is not a UUID"),
        _("Make one UUID for each report and send it again with every attempt, or leave the header out."),
    ),
    "parameters_invalid": (
        400,
        _("Some parameters need your attention"),
        _("Correct the parameters named in errors."),
    ),
    "key_invalid": (
        401,
        _("The API key is not valid"),
        _("Check the key in the Authorization header, or leave the header out where no key is needed."),
    ),
    "scope_missing": (
        403,
        _("The API key may not do this"),
        _("Ask the portal's administrators for a key with the scope that this address needs."),
    ),
    "not_found": (
        404,
        _("Nothing is here"),
        _("There is no such report or address, or what is needed to see it is missing."),
    ),
    "method_not_allowed": (
        405,
        _("This address does not do that"),
        _("The Allow header says which methods this address knows."),
    ),
    "idempotency_key_reused": (
        409,
        _("The key was used for something else"),
        _("Another report was already sent with this key. Make a new key for a new report."),
    ),
    "conflict": (
        409,
        _("The report has changed meanwhile"),
        _("Read the report again, then repeat what you meant to do."),
    ),
    "transition_not_allowed": (
        409,
        _("The report is in another state"),
        _("A report in this state cannot be changed that way."),
    ),
    "too_large": (
        413,
        _("The request is too large"),
        _("JSON may have 1 MB; a form may carry 5 photos of at most 15 MB each."),
    ),
    "media_type": (
        415,
        _("This kind of body is not understood"),
        _("Send application/json, or multipart/form-data when there are photos."),
    ),
    "invalid": (422, _("Some details need your attention"), _("Correct the fields named in errors.")),
    "outside_city": (422, _("This place is outside the city"), errors.OutsideCity.message),
    "not_permitted": (403, _("This is not yours to change"), _("Only the reporter can do this.")),
    "too_many_requests": (
        429,
        _("Too many requests"),
        _("Wait as many seconds as Retry-After says. Programmes with an API key may send more."),
    ),
    "server_error": (
        500,
        _("Something went wrong here"),
        _("It is not your fault. Send the same again, with the same Idempotency-Key, in a moment."),
    ),
    "unavailable": (
        503,
        _("The portal cannot answer just now"),
        _("Send the same again, with the same Idempotency-Key, in a moment."),
    ),
}
# Statuses that come from Django itself, which knows no codes.
CODE_OF_STATUS = {
    400: "bad_request",
    403: "not_permitted",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    415: "media_type",
    429: "too_many_requests",
    503: "unavailable",
}

FieldErrors = Mapping[str, tuple[str, Any]]


class Problem(Exception):
    """Raised anywhere below an API view; becomes the response. `errors`: field → (code, sentence)."""

    def __init__(
        self,
        code: str,
        *,
        detail: Any = None,
        errors: FieldErrors | None = None,
        headers: Mapping[str, str] | None = None,
        **more: Any,
    ):
        self.code, self.detail, self.errors, self.headers, self.more = code, detail, errors, headers, more
        super().__init__(code)

    def response(self) -> HttpResponse:
        """The response in the language that is active now."""
        status, title, detail = CATALOGUE[self.code]
        body = {
            "type": f"{TYPE_PREFIX}{self.code}",
            "title": str(title),
            "status": status,
            "detail": str(self.detail if self.detail is not None else detail),
            "code": self.code,
            **self.more,
        }
        if self.errors is not None:
            body["errors"] = {
                field: {"code": code, "message": str(message)}
                for field, (code, message) in self.errors.items()
            }
        return HttpResponse(
            msgspec.json.encode(body), content_type=CONTENT_TYPE, status=status, headers=self.headers
        )


# The services' field names, where the API calls them otherwise.
_FIELDS = {
    "place": ("latitude", "longitude"),
    "contact_name": ("contact.name",),
    "contact_email": ("contact.email",),
    "contact_phone": ("contact.phone",),
}


def named_as_in_api(found: FieldErrors) -> dict[str, tuple[str, Any]]:
    """The services' field errors under the names that an API client sent."""
    return {name: error for field, error in found.items() for name in _FIELDS.get(field, (field,))}


def of_domain_error(error: errors.DomainError) -> Problem:
    """The problem that tells a domain error to a programme."""
    if isinstance(error, errors.InvalidReport):
        return Problem("invalid", errors=named_as_in_api(error.errors))
    if isinstance(error, errors.OutsideCity):
        portal = error.data.get("portal_url")
        return Problem("outside_city", regency=error.data.get("regency"), portal=portal)
    if isinstance(error, errors.PhotoRefused):
        return Problem("invalid", errors={"photos": (error.code, error.message)})
    code = error.code if error.code in CATALOGUE else "conflict"
    state = {key: error.data[key] for key in ("status", "version") if key in error.data}
    return Problem(code, detail=error.message, **({"report": state} if state else {}))
