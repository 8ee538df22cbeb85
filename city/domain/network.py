"""Network addresses: whose share of a limit one uses up, and how one is shown."""

import ipaddress


def household(text: str) -> str:
    """An IPv4 address as it is, an IPv6 address as its /64 (one household has that many), else "unknown"."""
    address = _read(text)
    if address is None:
        return "unknown"
    if address.version == 4:
        return str(address)
    return str(ipaddress.ip_network((address, 64), strict=False).network_address)


def shortened(text: str) -> str:
    """Enough of an address to recognise one's own by: 103.28.12.*, 2001:db8:1:*; empty for what is none."""
    address = _read(text)
    if address is None:
        return ""
    if address.version == 4:
        return ".".join([*str(address).split(".")[:3], "*"])
    network = ipaddress.ip_network((address, 48), strict=False).network_address
    return f"{str(network).rstrip(':')}:*"


def _read(text: str):
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    # A socket for both versions writes IPv4 addresses as ::ffff:….
    return getattr(address, "ipv4_mapped", None) or address
