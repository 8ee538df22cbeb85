"""Settings of staff's sign-in, read from the environment (see .env.example and docs/operations.md)."""

from django.core.exceptions import ImproperlyConfigured

_HOUR_S = 3600


def read(env, *, production: bool) -> dict:
    """The settings by name; raises ImproperlyConfigured where a value would quietly weaken the door."""
    values = {
        "STAFF_SECOND_FACTOR": env("STAFF_SECOND_FACTOR", default="required" if production else "optional"),
        "SIGN_IN_FAILURES": env.int("SIGN_IN_FAILURES", default=5),
        "SIGN_IN_ADDRESS_FAILURES": env.int("SIGN_IN_ADDRESS_FAILURES", default=100),
        "SIGN_IN_WINDOW_S": env.int("SIGN_IN_WINDOW_S", default=900),
        "SIGN_IN_LOCK_S": env.int("SIGN_IN_LOCK_S", default=900),
        "STAFF_SESSION_S": env.int("STAFF_SESSION_S", default=12 * _HOUR_S),  # a working day
        "STAFF_IDLE_S": env.int("STAFF_IDLE_S", default=2 * _HOUR_S),
        "OIDC_ISSUER": env("OIDC_ISSUER", default="").rstrip("/"),
        "OIDC_CLIENT_ID": env("OIDC_CLIENT_ID", default=""),
        "OIDC_CLIENT_SECRET": env("OIDC_CLIENT_SECRET", default=""),
        "OIDC_NAME": env("OIDC_NAME", default="SSO"),
        "OIDC_CLAIM": env("OIDC_CLAIM", default="email"),
        "OIDC_TRUST_AMR": env.bool("OIDC_TRUST_AMR", default=False),
        # Other programs' sessions end by their own rules; the cookie of staff's lasts as long as they may.
        "SESSION_COOKIE_AGE": env.int("STAFF_SESSION_S", default=12 * _HOUR_S),
    }
    _check(values, production)
    return values


def _check(values: dict, production: bool) -> None:
    if values["STAFF_SECOND_FACTOR"] not in ("required", "optional"):
        raise ImproperlyConfigured("STAFF_SECOND_FACTOR is `required` or `optional`.")
    if values["OIDC_CLAIM"] not in ("email", "preferred_username"):
        raise ImproperlyConfigured("OIDC_CLAIM is `email` or `preferred_username`.")
    numbers = [name for name, value in values.items() if isinstance(value, int) and name.endswith("_S")]
    numbers += ["SIGN_IN_FAILURES", "SIGN_IN_ADDRESS_FAILURES"]
    if wrong := [name for name in numbers if values[name] < 1]:
        raise ImproperlyConfigured(f"{', '.join(wrong)}: at least 1.")
    if values["OIDC_ISSUER"]:
        if not (values["OIDC_CLIENT_ID"] and values["OIDC_CLIENT_SECRET"]):
            raise ImproperlyConfigured("OIDC_ISSUER needs OIDC_CLIENT_ID and OIDC_CLIENT_SECRET.")
        if production and not values["OIDC_ISSUER"].startswith("https://"):
            raise ImproperlyConfigured("OIDC_ISSUER must begin with https://.")
