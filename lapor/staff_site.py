"""The admin's site with our own way in and the pages about one's account and the record."""

from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import HttpResponseRedirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from unfold.sites import UnfoldAdminSite

from city.services import sessions


class StaffSite(UnfoldAdminSite):
    """Views stand in dispatch.admin; importing them at once would import the admin before it is ready."""

    login_template = "dispatch/admin/sign_in.html"

    def extra_urls(self):
        from dispatch.admin import account, audit, boundaries, channels, door, factor, field, field_api, oidc

        view = self.admin_view
        return [
            path("login/kode/", never_cache(factor.code_page), name="sign_in_code"),
            path("login/pasang-kode/", never_cache(factor.enrol_page), name="sign_in_enrol"),
            path("login/batal/", door.cancel, name="sign_in_cancel"),
            path("login/oidc/", never_cache(oidc.start), name="oidc_start"),
            path("login/oidc/kembali/", never_cache(oidc.back), name="oidc_back"),
            path("akun/", view(account.page), name="account"),
            path("akun/kode/", view(factor.own_enrol_page), name="account_enrol"),
            path("akun/kode/hapus/", view(factor.remove_page), name="account_factor_remove"),
            path("akun/kode/pemulihan/", view(factor.renew_page), name="account_recovery"),
            path("akun/sesi/akhiri/", view(account.end), name="account_end_session"),
            path("akun/<int:user_id>/sesi/", view(account.others_page), name="staff_sessions"),
            path("akun/<int:user_id>/sesi/akhiri/", view(account.end_others), name="staff_end_session"),
            path("kanal/", view(channels.page), name="channels"),
            path("wilayah/<str:code>/batas/", view(boundaries.page), name="area_boundary"),
            path("lapangan/", view(field.page), name="field"),
            path("lapangan/data.json", field_api.data, name="field_data"),
            path("lapangan/foto/", field_api.photo, name="field_photo"),
            path("lapangan/kirim/", field_api.send, name="field_send"),
            path("lapangan/luring/<slug:language>/", field.shell, name="field_shell"),
            path("lapangan/sw.js", field.service_worker, name="field_worker"),
            path("catatan/", view(audit.page), name="audit"),
            path("catatan/unduh/", view(audit.download), name="audit_export"),
            path("catatan/buka-kunci/", view(audit.unlock), name="audit_unlock"),
        ]

    def login(self, request, extra_context=None):
        """Name and password; a second factor may follow (dispatch.admin.door)."""
        from dispatch.admin import door

        if request.method == "GET" and self.has_permission(request):
            return HttpResponseRedirect(reverse("admin:index", current_app=self.name))
        context = {
            **self.each_context(request),
            "title": _("Log in"),
            "subtitle": None,
            "app_path": request.get_full_path(),
            "username": request.user.get_username(),
            **(extra_context or {}),
        }
        if REDIRECT_FIELD_NAME not in request.GET and REDIRECT_FIELD_NAME not in request.POST:
            context[REDIRECT_FIELD_NAME] = reverse("admin:index", current_app=self.name)
        request.current_app = self.name
        return door.PasswordView.as_view(extra_context=context, template_name=self.login_template)(request)

    def password_change(self, request, extra_context=None):
        response = super().password_change(request, extra_context)
        if request.method == "POST" and response.status_code == 302:
            sessions.password_changed(request, request.user, now=timezone.now())
        return response
