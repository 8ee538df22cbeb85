"""The project's own AppConfig: guards that must be in place before other apps are set up."""

import sys
from types import ModuleType

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


def _signed_in(sender, request, user, **kwargs) -> None:
    """A browser that filed a report keeps its session for weeks; whoever signs in with it gets a session that
    ends as every member of staff's does (SESSION_COOKIE_AGE), and that is listed."""
    from django.utils import timezone

    from city.services import sessions

    if request is not None:
        request.session.set_expiry(None)
        sessions.opened(request, user, now=timezone.now())


def _signed_out(sender, request, user, **kwargs) -> None:
    from django.utils import timezone

    from city.services import sessions

    if user is not None:
        sessions.closed(request, user, now=timezone.now())


class StaffAdminConfig(AdminConfig):
    """The admin with our own way in (second factor, locks) and pages about accounts."""

    default_site = "lapor.staff_site.StaffSite"


class LaporConfig(AppConfig):
    """Listed first in INSTALLED_APPS.

    `leaflet.admin` imports GeoDjango, which needs the GDAL system library; admin autodiscovery imports
    it and crashes set-up where GDAL is absent. The portal uses only django-leaflet's template tags, so
    the module is replaced by an empty one before the admin looks for it.
    """

    name = "lapor"

    def __init__(self, app_name, app_module):
        super().__init__(app_name, app_module)
        sys.modules.setdefault("leaflet.admin", ModuleType("leaflet.admin"))

    def ready(self):
        from django.contrib.auth.signals import user_logged_in, user_logged_out

        import lapor.celery  # noqa: F401 - web processes publish through it as well

        user_logged_in.connect(_signed_in, dispatch_uid="lapor.signed_in")
        user_logged_out.connect(_signed_out, dispatch_uid="lapor.signed_out")
