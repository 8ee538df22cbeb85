"""The sign-on service of the city, by OpenID Connect (Authlib): discovery, code flow with PKCE and nonce."""

from functools import lru_cache

from django.conf import settings

_TIMEOUT_S = 10
# By the provider's public key only; never `none`, never a shared secret.
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]


def shown_name() -> str:
    """What the button says; empty where there is no such service."""
    return settings.OIDC_NAME if settings.OIDC_ISSUER else ""


def client():
    """The client of the service named in the settings. Discovery and keys are fetched when first needed."""
    return _client(settings.OIDC_ISSUER, settings.OIDC_CLIENT_ID, settings.OIDC_CLIENT_SECRET)


@lru_cache(maxsize=4)
def _client(issuer: str, client_id: str, client_secret: str):
    from authlib.integrations.django_client import OAuth  # 40 ms that most processes never need

    return OAuth().register(
        "staff",
        overwrite=True,
        client_id=client_id,
        client_secret=client_secret,
        server_metadata_url=f"{issuer}/.well-known/openid-configuration",
        client_kwargs={
            "scope": "openid profile email",
            "code_challenge_method": "S256",
            "timeout": _TIMEOUT_S,
            "default_timeout": _TIMEOUT_S,
        },
    )


def claims_options() -> dict:
    """What an ID token must say: our issuer, as configured, and us as its audience."""
    return {
        "iss": {"essential": True, "values": [settings.OIDC_ISSUER, f"{settings.OIDC_ISSUER}/"]},
        "aud": {"essential": True, "value": settings.OIDC_CLIENT_ID},
        "sub": {"essential": True},
    }
