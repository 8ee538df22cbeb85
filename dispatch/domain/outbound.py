"""Addresses of other systems that staff type in."""

from urllib.parse import urlsplit

NOT_AN_ADDRESS = "not_an_address"
NOT_HTTPS = "not_https"
HAS_PASSWORD = "has_password"  # noqa: S105 - a code of a fault
HAS_FRAGMENT = "has_fragment"


def fault(url: str, *, is_own_network: bool = False) -> str:
    """What is wrong with an address that the portal is to write to; empty if nothing is. Without TLS only
    inside our own network."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return NOT_AN_ADDRESS
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0 or " " in url:
        return NOT_AN_ADDRESS
    if "@" in parts.netloc:
        return HAS_PASSWORD
    if parts.fragment:
        return HAS_FRAGMENT
    return NOT_HTTPS if parts.scheme == "http" and not is_own_network else ""
