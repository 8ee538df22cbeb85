"""What a person reads when a request is refused before any view has seen it."""

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.shortcuts import render
from django.views import defaults


def too_large(request):
    """Too much at once: how to go on without typing everything again."""
    return render(request, "413.html", status=413)


def bad_request(request, exception):
    """Django's handler400; what is only too much gets a page that helps."""
    if isinstance(exception, RequestDataTooBig | TooManyFilesSent | TooManyFieldsSent):
        return too_large(request)
    return defaults.bad_request(request, exception)
