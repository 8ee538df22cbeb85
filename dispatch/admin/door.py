"""Staff's way in: name and password, and who stands between that and the second factor."""

from datetime import timedelta

from django.contrib import messages
from django.contrib.auth import get_user_model, login
from django.contrib.auth.views import LoginView
from django.http import HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.formats import date_format
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST
from unfold.forms import AuthenticationForm

from city.services import lockout, second_factor, sessions, signin
from dispatch.admin import oidc_client

_PENDING = "sign_in_pending"  # in the session: who gave the password and owes the second factor
_PENDING_S = 600
_BACKEND = "django.contrib.auth.backends.ModelBackend"


def locked_sentence(locked: lockout.Locked, now) -> str:
    """When to try again; the same for accounts that exist and for others."""
    minutes = max(1, -(-int((locked.until - now).total_seconds()) // 60))
    clock = date_format(timezone.localtime(locked.until + timedelta(seconds=59)), "H:i")
    sentence = ngettext(
        "Too many tries that failed. Please try again at %(clock)s, in %(minutes)d minute, or ask an "
        "administrator to lift the lock.",
        "Too many tries that failed. Please try again at %(clock)s, in %(minutes)d minutes, or ask an "
        "administrator to lift the lock.",
        minutes,
    )
    return sentence % {"clock": clock, "minutes": minutes}


class PasswordForm(AuthenticationForm):
    """Checks name and password by our own service, which counts failures."""

    locked: lockout.Locked | None = None

    def clean(self):
        name, password = self.cleaned_data.get("username"), self.cleaned_data.get("password")
        if name is None or not password:
            return self.cleaned_data
        now = timezone.now()
        try:
            self.user_cache = signin.check_password(self.request, name, password, now=now)
        except lockout.Locked as locked:
            self.locked = locked
            self.add_error(None, locked_sentence(locked, now))
            return self.cleaned_data
        if self.user_cache is None:
            raise self.get_invalid_login_error()
        return self.cleaned_data


class PasswordView(LoginView):
    """The first step; form_valid decides whether it was the last."""

    authentication_form = PasswordForm

    def get_context_data(self, **kwargs):
        name = oidc_client.shown_name()
        return super().get_context_data(**kwargs) | {"oidc_name": name}

    def form_valid(self, form):
        return begin(self.request, form.get_user(), self.get_redirect_url())

    def form_invalid(self, form):
        response = super().form_invalid(form)
        if form.locked:
            wait_s = (form.locked.until - timezone.now()).total_seconds()
            response.status_code = 429
            response["Retry-After"] = str(max(1, int(wait_s) + 1))
        return response


def safe_next(request, wanted: str) -> str:
    """Where to go after signing in: an address of ours, else the first page."""
    hosts = {request.get_host()}
    if wanted and url_has_allowed_host_and_scheme(wanted, hosts, require_https=request.is_secure()):
        return wanted
    return reverse("admin:index")


def begin(request, user, wanted: str, *, via: str = "password", has_factor: bool = False):
    """After the first step: in, or on to the second factor (to give it, or to set it up first).

    `has_factor`: whoever vouched for the account has asked for a second factor already.
    """
    wanted = safe_next(request, wanted)
    if has_factor or not second_factor.is_asked_of(user):
        return finish(request, user, wanted, via=via, has_factor=has_factor)
    sessions.replaced(request.session)
    sessions.forget(request.session)
    request.session.cycle_key()
    request.session[_PENDING] = {
        "user": user.pk,
        "hash": user.get_session_auth_hash(),
        "at": int(timezone.now().timestamp()),
        "next": wanted,
        "via": via,
    }
    return redirect("admin:sign_in_code" if user.second_factor_since else "admin:sign_in_enrol")


def finish(request, user, wanted: str, *, via: str = "password", has_factor: bool = False):
    """Sign in for good."""
    request.session.pop(_PENDING, None)
    sessions.replaced(request.session)
    request.sign_in_via = via
    login(request, user, backend=_BACKEND)
    if has_factor:
        sessions.factor_passed(request.session)
    return HttpResponseRedirect(wanted)


def pending(request):
    """Who gave the first step in this session within the last ten minutes, and what was noted then; else
    (None, {}). A new password or a switched-off account ends it."""
    noted = request.session.get(_PENDING) or {}
    if not noted or timezone.now().timestamp() - noted["at"] > _PENDING_S:
        return None, {}
    user = get_user_model().objects.filter(pk=noted["user"], is_active=True, is_staff=True).first()
    if user is None or not constant_time_compare(noted["hash"], user.get_session_auth_hash()):
        return None, {}
    return user, noted


def finish_pending(request, user, noted: dict):
    return finish(request, user, noted["next"], via=noted["via"], has_factor=True)


@require_POST
def cancel(request):
    """Back to the first step."""
    request.session.pop(_PENDING, None)
    return redirect("admin:login")


def too_late(request):
    """The first step is over or was never made."""
    messages.warning(request, _("Please sign in again: that took too long."))
    return redirect("admin:login")
