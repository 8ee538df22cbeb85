"""Whose share of a limit a network address uses up."""

import ipaddress


def household(text: str) -> str:
    """An IPv4 address as it is, an IPv6 address as its /64 (one household has that many), else "unknown"."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return "unknown"
    if address.version == 4:
        return str(address)
    if address.ipv4_mapped is not None:  # a socket for both versions writes IPv4 addresses so
        return str(address.ipv4_mapped)
    return str(ipaddress.ip_network((address, 64), strict=False).network_address)
