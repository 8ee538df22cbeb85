"""Who asks: the one place that decides whether a session speaks for a member of staff."""

from django.contrib.auth import get_user
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from city.services import sessions


def staff_of(request):
    """The signed-in member of staff, else nobody: also for sessions that are too old or idle too long, and
    for accounts that must have a second factor and did not give it. Every page and program asks here through
    `request.user`, so there is no door to forget; whoever must still set up the factor is nobody until then.
    """
    if hasattr(request, "_staff"):
        return request._staff
    user, now = get_user(request), timezone.now()
    if user.is_authenticated:
        if sessions.is_good(request.session, user, now=now):
            sessions.touch(request.session, now=now)
        else:
            sessions.forget(request.session)
            user = AnonymousUser()
    request._staff = user
    return user


class StaffAuthenticationMiddleware(AuthenticationMiddleware):
    """Sets `request.user`, looked up when it is first asked for: public pages ask for nobody."""

    def process_request(self, request):
        super().process_request(request)
        request.user = SimpleLazyObject(lambda: staff_of(request))

        async def auser():
            raise NotImplementedError("the portal is served by WSGI")

        request.auser = auser
