"""Programmes get problems, never pages: what Django itself refuses under /api/ is said as JSON too."""

from django.utils import translation

from complaints.api.problems import CODE_OF_STATUS, CONTENT_TYPE, Problem

PREFIX = "/api/"


class ApiMiddleware:
    """Stands outside everything that may refuse a request; the slash at the end of an address is optional.

    (Django's redirect to the address with a slash would lose the body of a POST.)
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if not request.path_info.startswith(PREFIX):
            return self.get_response(request)
        if not request.path_info.endswith("/"):
            request.path_info += "/"
            request.path += "/"
        response = self.get_response(request)
        if response.status_code < 400 or response.get("Content-Type", "").startswith(CONTENT_TYPE):
            return response
        return self._problem(request, response)

    def _problem(self, request, refused):
        code = CODE_OF_STATUS.get(refused.status_code)
        if code is None:
            code = "server_error" if refused.status_code >= 500 else "bad_request"
        with translation.override(translation.get_language_from_request(request)):
            response = Problem(code).response()
        for header in ("Allow", "Retry-After", "Vary"):
            if header in refused.headers:
                response.headers[header] = refused.headers[header]
        response._resource_closers = refused._resource_closers  # uploads and connections still get closed
        return response
