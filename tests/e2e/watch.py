"""What nobody sees and everybody suffers from: script errors, blocked or failed requests, strangers."""

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request, Response

# Runs before the page's own scripts: a blocked script or style must not pass unnoticed.
_REPORT_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", (event) =>
  console.error(`CSP: ${event.violatedDirective} blocked ${event.blockedURI} ${event.sourceFile || ""}`));
"""


class Watch:
    """Listens to every page of a browser context; `faults` must stay empty."""

    def __init__(self, context: BrowserContext, base_url: str):
        self.base_url = base_url
        self.faults: list[str] = []
        self._expected: set[int] = set()
        context.add_init_script(_REPORT_VIOLATIONS)
        context.on("page", self._listen)

    def _listen(self, page: Page) -> None:
        page.on("console", self._console)
        page.on("pageerror", lambda error: self._fault(f"script error on {page.url}: {error.stack or error}"))
        page.on("request", self._request)
        page.on("requestfailed", self._failed)
        page.on("response", self._response)

    @contextmanager
    def expecting(self, *statuses: int) -> Iterator[None]:
        """Inside, pages may answer with these statuses (a refused form, a page that is not there)."""
        self._expected.update(statuses)
        yield
        self._expected.difference_update(statuses)

    def _fault(self, text: str) -> None:
        self.faults.append(text)

    def _console(self, message: ConsoleMessage) -> None:
        # A failed answer is told by the response itself, with its address.
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            self._fault(f"console: {message.text} ({message.location.get('url', '')})")

    def _is_ours(self, url: str) -> bool:
        return url.startswith((f"{self.base_url}/", "data:", "blob:", "about:", "chrome-error:"))

    def _request(self, request: Request) -> None:
        if not self._is_ours(request.url):
            self._fault(f"request to a stranger: {request.url}")

    def _failed(self, request: Request) -> None:
        # Whoever leaves a page cuts off what it was still fetching.
        if request.failure != "net::ERR_ABORTED":
            self._fault(f"failed: {request.method} {request.url}: {request.failure}")

    def _response(self, response: Response) -> None:
        if response.status >= 400 and response.status not in self._expected:
            self._fault(f"{response.status}: {response.request.method} {response.url}")
