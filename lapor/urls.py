"""Every address of the portal; each room names its own."""

from django.contrib import admin
from django.urls import include, path
from django.views.i18n import set_language

handler400 = "lapor.refusals.bad_request"

# /healthz, /readyz and /metrics are answered before any of these: lapor.middleware.ProbeMiddleware.
urlpatterns = [
    path("", include("complaints.web.urls")),
    path("", include("complaints.api.urls")),
    path("admin/", admin.site.urls),
    path("bahasa/", set_language, name="set_language"),
]
