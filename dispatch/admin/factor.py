"""Pages of the second factor: giving it, setting it up, new recovery codes, taking it away."""

from dataclasses import dataclass

from django.contrib import admin, messages
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters

from city.domain import one_time
from city.services import lockout, second_factor, sessions
from complaints.web import qr
from complaints.web import site as portal_site
from dispatch.admin import door

_IN_SESSION = "new_factor"  # in the session, sealed, until a code confirms it
_OUTSIDE = "unfold/layouts/unauthenticated.html"
_INSIDE = "admin/base_site.html"


@dataclass(frozen=True, slots=True)
class Refusal:
    """A sentence for the form, and the status that says so to programmes."""

    sentence: str
    status: int = 200


def _try(act) -> Refusal | None:
    """None after `act`, else why it was refused."""
    now = timezone.now()
    try:
        act(now)
    except lockout.Locked as locked:
        return Refusal(door.locked_sentence(locked, now), 429)
    except second_factor.WrongCode:
        return Refusal(
            _("That code is not right, or it was used already. Please wait for the next one and type it.")
        )
    except second_factor.Unreadable:
        return Refusal(
            _("Your second factor can no longer be read. Please ask an administrator to reset it.")
        )
    return None


def _address(request) -> str:
    return request.META.get("REMOTE_ADDR", "")


def _page(request, template: str, refusal: Refusal | None = None, **context):
    context = {**admin.site.each_context(request), "refusal": refusal, **context}
    response = TemplateResponse(request, f"dispatch/admin/{template}", context)
    response.status_code = refusal.status if refusal else 200
    response["Cache-Control"] = "no-store"
    return response


@sensitive_post_parameters("code")
def code_page(request):
    """The second step of signing in."""
    user, noted = door.pending(request)
    if user is None or user.second_factor_since is None:
        return door.too_late(request)
    refusal = None
    if request.method == "POST":
        typed = request.POST.get("code", "")
        refusal = _try(lambda now: second_factor.check_code(user, typed, now=now, address=_address(request)))
        if refusal is None:
            return door.finish_pending(request, user, noted)
    return _page(request, "sign_in_code.html", refusal, title=_("Second step"), account=user)


# --- Setting up ------------------------------------------------------------------------------------------


@sensitive_post_parameters("code")
def enrol_page(request):
    """Setting up the second factor on the way in: whoever must have one gets nowhere else before."""
    user, noted = door.pending(request)
    if user is None or user.second_factor_since is not None:
        return door.too_late(request)

    def enrolled(codes):
        door.finish_pending(request, user, noted)
        return _codes_page(request, codes, noted["next"])

    return _enrol(request, user, _OUTSIDE, enrolled)


@sensitive_post_parameters("code", "password")
def own_enrol_page(request):
    """Setting up the second factor by one's own wish; the password shows that it is oneself."""
    user = request.user
    if user.second_factor_since is not None:
        return redirect("admin:account")

    def enrolled(codes):
        sessions.factor_passed(request.session)
        sessions.end_all(user, by=user, now=timezone.now(), but=request.session)
        return _codes_page(request, codes, reverse("admin:account"))

    return _enrol(request, user, _INSIDE, enrolled)


def _enrol(request, user, layout: str, enrolled):
    secret, refusal = _secret(request), None
    asks_password = layout == _INSIDE and user.has_usable_password()
    if request.method == "POST":
        codes: list[str] = []
        if asks_password:
            refusal = _wrong_password(request, user)
        if refusal is None:
            typed = request.POST.get("code", "")
            refusal = _try(
                lambda now: codes.extend(
                    second_factor.enrol(user, secret, typed, now=now, address=_address(request))
                )
            )
        if refusal is None:
            request.session.pop(_IN_SESSION, None)
            return enrolled(codes)
    title = portal_site.current().title
    address = one_time.address(secret, account=user.get_username(), issuer=title)
    return _page(
        request,
        "factor_enrol.html",
        refusal,
        layout=layout,
        is_outside=layout == _OUTSIDE,
        title=_("Set up the second factor"),
        account=user,
        picture=qr.svg(address, _("Code for the authenticator app")),
        secret=" ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
        asks_password=asks_password,
    )


def _secret(request) -> str:
    """The secret being set up in this session: the same after a typing error."""
    sealed = request.session.get(_IN_SESSION)
    if sealed:
        try:
            return second_factor.unseal(sealed)
        except second_factor.Unreadable:
            pass
    secret = one_time.new_secret()
    request.session[_IN_SESSION] = second_factor.seal(secret)
    return secret


def _codes_page(request, codes: list[str], wanted: str):
    return _page(request, "factor_codes.html", title=_("Recovery codes"), codes=codes, go_on=wanted)


# --- One's own -------------------------------------------------------------------------------------------


def _wrong_password(request, user) -> Refusal | None:
    """Counted like codes: a stolen session must not become a stolen password."""
    now, doors = timezone.now(), lockout.code_doors(user)
    try:
        lockout.spend(doors, now=now)
    except lockout.Locked as locked:
        return Refusal(door.locked_sentence(locked, now), 429)
    if not user.check_password(request.POST.get("password", "")):
        return Refusal(_("The password is not right."))
    lockout.succeeded(doors)
    return None


def _confirmed(request, *, with_password: bool) -> Refusal | None:
    """Whether the form's code (and password) are right; accounts without a password give the code alone."""
    user = request.user
    if with_password and user.has_usable_password() and (refusal := _wrong_password(request, user)):
        return refusal
    typed = request.POST.get("code", "")
    return _try(lambda now: second_factor.check_code(user, typed, now=now, address=_address(request)))


@sensitive_post_parameters("code", "password")
def remove_page(request):
    """Take one's own factor away, with password and code. Who must have one sets up another at once."""
    user = request.user
    if user.second_factor_since is None:
        return redirect("admin:account")
    refusal = None
    if request.method == "POST":
        refusal = _confirmed(request, with_password=True)
        if refusal is None:
            second_factor.remove(user, now=timezone.now(), address=_address(request))
            messages.success(request, _("The second factor was removed."))
            return redirect("admin:account")
    return _page(
        request,
        "factor_confirm.html",
        refusal,
        title=_("Remove the second factor"),
        asks_password=user.has_usable_password(),
        must_have=second_factor.must_have(user),
        is_removal=True,
    )


@sensitive_post_parameters("code")
def renew_page(request):
    """New recovery codes in place of the old ones."""
    user = request.user
    if user.second_factor_since is None:
        return redirect("admin:account")
    refusal = None
    if request.method == "POST":
        refusal = _confirmed(request, with_password=False)
        if refusal is None:
            codes = second_factor.renew_codes(user, now=timezone.now(), address=_address(request))
            return _codes_page(request, codes, reverse("admin:account"))
    return _page(request, "factor_confirm.html", refusal, title=_("New recovery codes"))
