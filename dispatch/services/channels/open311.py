"""Speaking Open311 GeoReport v2 to an owner's server, as its client."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote, urlencode

from dispatch.domain import georeport, outbound
from dispatch.services.channels import http
from dispatch.services.channels.base import PermanentError, TemporaryError

# Two calls (look up, then file) and a slow name server must fit into a worker's lease of 30 s.
CALL_S = 9.0
_MAX_BYTES = 2 * 1024 * 1024
# The server says that it did not take it, and may later.
_NOT_NOW = frozenset({429, 503})
_TEMPORARY = frozenset({408, 425, *_NOT_NOW})


class RefusedError(PermanentError):
    """They answered, and will answer the same again. `status` is HTTP's."""

    def __init__(self, message: str, status: int = 0):
        super().__init__(message)
        self.status = status


class NotTakenError(TemporaryError):
    """They said themselves that they did not take it now."""


class UnsureError(TemporaryError):
    """No readable answer: they may have taken it."""


@dataclass(frozen=True, slots=True)
class Filed:
    """What filing a request gave: its id, or a token that becomes one."""

    service_request_id: str = ""
    token: str = ""


@dataclass(frozen=True, slots=True)
class Client:
    """`base_url` without a format, e.g. https://open311.example/v2; `format` xml or json."""

    base_url: str
    format: str = georeport.XML
    jurisdiction_id: str = ""
    api_key: str = ""

    def services(self) -> list[dict[str, str]]:
        """Their list of services. Raises RefusedError, TemporaryError, as all of these do."""
        return self._get("services")

    def file(self, request: georeport.Request) -> Filed:
        """File a request. Raises besides these NotReachedError, NotTakenError (certainly not filed) and
        UnsureError (perhaps filed)."""
        pairs = georeport.form(request, jurisdiction_id=self.jurisdiction_id, api_key=self.api_key)
        try:
            answer = self._call("POST", "requests", body=urlencode(pairs).encode())
        except http.NotReachedError:
            raise
        except TemporaryError as exc:
            raise UnsureError(str(exc)) from None
        if answer.status in _NOT_NOW:
            raise NotTakenError(self._told(answer))
        if answer.status >= 500 or answer.status in _TEMPORARY:
            raise UnsureError(self._told(answer))
        if not answer.is_success:
            raise RefusedError(self._told(answer), answer.status)
        return self._filed(answer)

    def _filed(self, answer: http.Answer) -> Filed:
        try:
            entry = next(iter(georeport.items(answer.body, self.format)), {})
        except georeport.UnreadableError as exc:
            raise UnsureError(f"they took it, but their answer: {exc}") from None
        filed = Filed(entry.get("service_request_id", "")[:80], entry.get("token", "")[:200])
        if not filed.service_request_id and not filed.token:
            raise UnsureError("they took it, but gave neither service_request_id nor token")
        return filed

    def request_of_token(self, token: str) -> str:
        """The id that a token has become; empty while they have none."""
        entry = next(iter(self._get(f"tokens/{quote(token, safe='')}")), {})
        return entry.get("service_request_id", "")[:80]

    def request(self, service_request_id: str) -> dict[str, str]:
        """One request as they show it now."""
        found = self._get(f"requests/{quote(service_request_id, safe='')}")
        return next(iter(found), {})

    def find(self, code: str, *, service_code: str, since: datetime, until: datetime) -> str:
        """The id of the request that carries our code, or nothing. Only as good as their list: what they
        show late or not at all is not found."""
        span = {"start_date": georeport.w3c(since), "end_date": georeport.w3c(until)}
        return georeport.find(self._get("requests", service_code=service_code, **span), code)

    def updates(self, since: datetime, until: datetime) -> list[dict[str, str]]:
        """mySociety's service request updates of a span of time."""
        span = {"start_date": georeport.w3c(since), "end_date": georeport.w3c(until)}
        return self._get("servicerequestupdates", **span)

    def _get(self, path: str, **parameters: str) -> list[dict[str, str]]:
        answer = self._call("GET", path, parameters)
        if answer.status >= 500 and answer.status != 501:
            raise TemporaryError(self._told(answer))
        if answer.status in _TEMPORARY:
            raise TemporaryError(self._told(answer))
        if not answer.is_success:
            raise RefusedError(self._told(answer), answer.status)
        if answer.is_cut:
            raise RefusedError(f"their answer has more than {_MAX_BYTES // 1024**2} MB", answer.status)
        try:
            return georeport.items(answer.body, self.format)
        except georeport.UnreadableError as exc:
            raise RefusedError(f"{path}.{self.format}: {exc}", answer.status) from None

    def _call(self, method: str, path: str, parameters: dict[str, str] | None = None, body: bytes = b""):
        is_own = http.is_private_host_allowed(self.base_url)
        if fault := outbound.fault(self.base_url, is_own_network=is_own):
            raise RefusedError(f"address: {fault}")
        query = dict(parameters or {})
        if method == "GET" and self.jurisdiction_id:
            query["jurisdiction_id"] = self.jurisdiction_id
        url = f"{self.base_url.rstrip('/')}/{path}.{self.format}" + (f"?{urlencode(query)}" if query else "")
        kind = "application/x-www-form-urlencoded; charset=utf-8"
        headers = {"Accept": f"application/{self.format}"} | ({"Content-Type": kind} if body else {})
        limits = {"total_s": CALL_S, "max_bytes": _MAX_BYTES}
        return http.send(method, url, headers=headers, body=body, allow_private=is_own, **limits)

    def _told(self, answer: http.Answer) -> str:
        if 300 <= answer.status < 400:
            return f"HTTP {answer.status}: redirects are not followed ({answer.location})"
        return f"HTTP {answer.status} {georeport.fault(answer.body, self.format)}".strip()
