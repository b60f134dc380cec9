"""Which addresses are of the public internet: what nobody opened is never connected to."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

Network = IPv4Network | IPv6Network

# Closed whatever a Python's own table says: IANA's registries grow, and clouds have their own.
_CLOSED_V4 = (
    IPv4Network("168.63.129.16/32"),  # Azure's host, which answers its guests only
    IPv4Network("192.0.0.0/24"),  # protocol assignments (RFC 6890), Oracle's metadata among them
    IPv4Network("192.88.99.0/24"),  # relays of 6to4 (RFC 7526, deprecated)
)
_CLOSED_V6 = (
    IPv6Network("2001::/23"),  # protocol assignments (RFC 2928), Teredo among them
    IPv6Network("3fff::/20"),  # documentation (RFC 9637)
)
_UNICAST = IPv6Network("2000::/3")
"""All of IPv6 that IANA has given out for the internet."""
_TRANSLATED = (  # outside of it, and yet a way to the internet: IPv4 in the last 32 bits
    IPv6Network("::ffff:0:0/96"),  # IPv4-mapped (RFC 4291): the system connects by IPv4
    IPv6Network("::ffff:0:0:0/96"),  # IPv4-translated (SIIT, RFC 2765)
    IPv6Network("64:ff9b::/96"),  # NAT64 (RFC 6052)
    # NAT64 of a local network (RFC 8215). Not all of its /48: translators with a shorter prefix
    # read the IPv4 in other bits, which are empty here.
    IPv6Network("64:ff9b:1::/96"),
)
_6TO4 = IPv6Network("2002::/16")
_ISATAP = 0x5EFE
_UNIVERSAL = 0x02000000
"""The bit by which ISATAP tells an IPv4 that is unique in the world (RFC 5214)."""


def is_public(text: str) -> bool:
    """Whether an IP address is of the public internet, also through any IPv4 that it embeds."""
    ip = ip_address(text.partition("%")[0])
    if isinstance(ip, IPv4Address):
        return _is_public_v4(ip)
    if not all(map(_is_public_v4, _embedded(ip))):
        return False
    return any(ip in network for network in _TRANSLATED) or _is_public_v6(ip)


def is_loopback(host: str) -> bool:
    """Whether the host of an address is this machine itself."""
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def _is_public_v4(ip: IPv4Address) -> bool:
    return ip.is_global and not ip.is_multicast and not any(ip in closed for closed in _CLOSED_V4)


def _is_public_v6(ip: IPv6Address) -> bool:
    return ip in _UNICAST and ip.is_global and not any(ip in closed for closed in _CLOSED_V6)


def _embedded(ip: IPv6Address) -> Iterator[IPv4Address]:
    """Every IPv4 to which a translator or a tunnel may take a packet for this address."""
    number = int(ip)
    if any(ip in network for network in _TRANSLATED) or _is_isatap(number):
        yield _v4(number)
    if ip in _6TO4:
        yield _v4(number >> 80)


def _is_isatap(number: int) -> bool:
    return (number >> 32) & 0xFFFFFFFF & ~_UNIVERSAL == _ISATAP


def _v4(number: int) -> IPv4Address:
    return IPv4Address(number & 0xFFFFFFFF)
