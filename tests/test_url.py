"""Addresses: taken apart as the standard says, whoever wrote them."""

from __future__ import annotations

import pytest
from ada_url import URL
from hypothesis import given
from hypothesis import strategies as st

from ycaudit.url import (
    canonical_host,
    host_of,
    parse_url,
    parse_web_url,
    readable_host,
    resolve_href,
    same_site,
    unquote_unreserved,
    without_credentials,
)

WORDS = (
    "http: https: // / \\ @ : 80 443 8080 ? # [::1] %2e %41 %zz a.test b.html 宜昌 Ｗ . .. ./ ../ "
    "user:pw@ 1.2 255 0x7f a=b&c index a-b xn-- xn--a A.test ' ( ;"
)
PIECES = st.lists(st.sampled_from([*WORDS.split(), " ", "\t"])).map("".join)
BASES = ["http://u.test:81/a/b?c#d/e", "https://u.test/", "http://[::1]/x", "http://1.2.3.4/a/b/"]


@given(st.one_of(PIECES, st.text()), st.sampled_from([None, "http://u.test:81/a/b?c#d"]))
def test_an_address_is_taken_apart_as_by_the_standard(text: str, base: str | None) -> None:
    found = parse_url(text, base)
    try:
        url = URL(text, base=base)
    except (ValueError, UnicodeEncodeError):
        assert found is None
        return
    assert found is not None
    assert found.href == url.href
    assert found.scheme == url.protocol.removesuffix(":")
    assert found.host == url.hostname.rstrip(".")
    assert found.port == url.port
    assert found.path == unquote_unreserved(url.pathname)
    assert found.query == url.search.removeprefix("?")
    assert found.fragment == url.hash.removeprefix("#")


@pytest.mark.parametrize(
    ("href", "host"),
    [
        ("http://www.a.test:81/b?c=//d", "www.a.test"),
        ("https://u:p@a.test.:8443/", "a.test"),
        ("http://ＷＷＷ.a.test", "www.a.test"),
        ("http://0x7f.1/", "127.0.0.1"),
        ("http://127.0.0.1:81/", "127.0.0.1"),
        ("http://010.0.0.1/", "8.0.0.1"),
        ("http://1.2.3/", "1.2.0.3"),
        ("mailto:a@b.test", ""),
    ],
)
def test_the_host_of_a_link_is_read_without_taking_it_apart(href: str, host: str) -> None:
    assert host_of(href) == host


@given(PIECES)
def test_the_quick_host_is_the_host(text: str) -> None:
    found = parse_web_url(text)
    assert host_of(text) == (found.host if found else "")


@given(st.one_of(PIECES, st.text()), st.sampled_from(BASES))
def test_a_link_is_joined_to_its_page_as_by_the_standard(text: str, base: str) -> None:
    found = parse_web_url(text, base)
    assert resolve_href(text, base) == (found.href if found else None)


def test_what_is_no_base_and_what_is_no_host_is_none() -> None:
    assert resolve_href("x", "mailto:a@b.test") is None
    assert canonical_host("a b.test") is None
    assert canonical_host("%") is None


def test_a_host_in_punycode_is_told_with_what_it_stands_for() -> None:
    punycode = "xn--fiq16ag4xv53a.xn--fiqs8s"
    assert readable_host(punycode) == f"示例中学.中国 ({punycode})"
    assert [readable_host(host) for host in ("a.test", "示例.中国", "::1", "xn--zzzzzz")] == [
        *("a.test", "示例.中国", "::1", "xn--zzzzzz")
    ]


def test_an_address_of_very_many_parameters_has_its_first() -> None:
    query = "&".join(f"a{n}=1" for n in range(1001))
    found = parse_web_url(f"http://a.test/?{query}")
    assert found is not None
    assert len(found.parameters) == 1000
    assert ("a0", "1") in found.parameters


@pytest.mark.parametrize("said", ["user:pass@", "u:p@ss@", "u:@@@", "name@"])
def test_no_part_of_a_password_is_left_of_an_address(said: str) -> None:
    assert without_credentials(f"http://{said}a.test/b@c?d=e@f") == "http://a.test/b@c?d=e@f"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("x.cn", "www.x.cn", True),
        ("www.x.cn", "m.x.cn", True),
        ("a.b.x.cn", "x.cn", True),
        ("x.cn", "y.cn", False),
        ("x.cn", "ax.cn", False),
        ("a.x.gov.cn", "b.x.gov.cn", False),
    ],
)
def test_hosts_are_of_one_site_where_one_is_below_the_other(
    one: str, other: str, same: bool
) -> None:
    assert same_site(one, other) is same_site(other, one) is same
