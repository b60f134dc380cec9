"""Only the public internet is connected to, whatever notation hides another address."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ycaudit.net.addresses import is_public

PRIVATE = "10.0.0.1"
PUBLIC = "219.139.130.120"


def isatap(v4: str) -> str:
    return f"2400:da00:1:2:0:5efe:{v4}"


def unique_isatap(v4: str) -> str:
    return f"2400:da00:1:2:200:5efe:{v4}"


def six_to_four(v4: str) -> str:
    return str(IPv6Address(0x2002 << 112 | int(IPv4Address(v4)) << 80 | 1))


TRANSLATED = ("::ffff:{}", "::ffff:0:{}", "64:ff9b::{}", "64:ff9b:1::{}")
EMBEDDINGS = (*(form.format for form in TRANSLATED), isatap, unique_isatap, six_to_four)


@pytest.mark.parametrize(
    "ip",
    [
        "127.0.0.1", "10.0.0.1", "192.168.1.1", "172.16.0.1", "169.254.169.254", "0.0.0.0",
        "100.64.0.1", "100.100.100.200", "198.18.0.1", "240.0.0.1", "255.255.255.255",
        "192.0.0.192", "168.63.129.16", "192.88.99.1", "224.0.0.1", "224.0.1.1",
    ],
)  # fmt: skip
def test_of_ipv4_only_what_is_routed_everywhere_is_public(ip: str) -> None:
    assert not is_public(ip)


@pytest.mark.parametrize(
    "ip",
    [
        "::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "fec0::1", "ff0e::1",
        "5f00::1", "4000::1", "1fff::1", "100::1", "2001:db8::1", "3fff::1",
        f"::{PUBLIC}",  # IPv4-compatible: nothing speaks it any more
        "2001:0:4136:e378:8000:63bf:245c:757f",  # Teredo: whatever it embeds
        "64:ff9b:1:0a00:0:100::",  # NAT64 with a prefix of 48 bits: 10.0.0.1
        "64:ff9b:1:a00:0:100:808:808",  # the same, with a public address for who reads the end
    ],
)  # fmt: skip
def test_of_ipv6_only_global_unicast_is_public(ip: str) -> None:
    assert not is_public(ip)


@pytest.mark.parametrize("ip", [PUBLIC, "8.8.8.8", "168.63.129.17", "2400:da00::6666"])
def test_addresses_of_the_public_internet(ip: str) -> None:
    assert is_public(ip)


@pytest.mark.parametrize("embed", EMBEDDINGS)
def test_an_ipv4_within_an_ipv6_is_judged_by_the_rules_of_ipv4(embed: object) -> None:
    assert callable(embed)
    for private in (PRIVATE, "127.0.0.1", "169.254.169.254", "168.63.129.16", "192.88.99.1"):
        assert not is_public(embed(private)), embed(private)
    assert is_public(embed(PUBLIC)), embed(PUBLIC)


@given(st.ip_addresses(v=4))
def test_no_embedding_is_wider_or_narrower_than_the_address_itself(v4: IPv4Address) -> None:
    for embed in EMBEDDINGS:
        assert is_public(embed(str(v4))) == is_public(str(v4))
