"""The accepted forms: how a text is compared with them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from ycaudit.rules.matchers import Accept


def test_path_and_query_name_the_account_together() -> None:
    accept = Accept(host=["m.weibo.cn"], path="/u/1999404300")
    assert accept.matches("https://m.weibo.cn/u/1999404300?from=x")
    assert not accept.matches("https://m.weibo.cn/u/7?uid=1999404300")
    subset = Accept(host=["weibo.cn"], path="/qr/userinfo", query={"uid": "1"})
    assert subset.matches("http://weibo.cn/qr/userinfo?featurecode=newtitle&uid=1")
    assert not subset.matches("http://weibo.cn/qr/userinfo?uid=12")


def test_globs_ports_and_schemes_narrow_what_is_accepted() -> None:
    assert Accept(host=["a.test"], path="/app/*").matches("http://a.test/app/x/y")
    assert not Accept(host=["a.test"], path="/app/*").matches("http://a.test/app")
    assert Accept(host=["a.test"], port=80).matches("http://a.test/")
    assert not Accept(host=["a.test"], port=80).matches("http://a.test:8080/")
    assert not Accept(host=["a.test"], scheme=["https"]).matches("http://a.test/")


@given(st.text(max_size=200))
def test_no_text_can_break_the_comparison(text: str) -> None:
    assert Accept(host=["a.test"], path="root", query={"q": "1"}).matches(text) in (True, False)
    near = Accept(payload="http://a.test/")
    assert near.matches(text) in (True, False)
    assert not (near.matches(text) and near.all_but(text))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("http://App.Test:80/%7Ea/%e4%ba%91?x=%41", "http://app.test/~a/云?x=A", True),
        ("http://app.test", "http://app.test/", True),
        ("http://app.test/a%2Fb", "http://app.test/a/b", False),
        ("http://app.test/a#x", "http://app.test/a#y", False),
        ("http://app.test/a?x=1%262", "http://app.test/a?x=1&2", False),
        ("http://app.test:8080/", "http://app.test/", False),
    ],
)
def test_addresses_are_compared_as_what_they_are(one: str, other: str, same: bool) -> None:
    assert Accept(payload=one).matches(other) is same
    assert Accept(payload=other).matches(one) is same


def test_forms_without_a_host_are_matched_by_their_other_parts() -> None:
    form = Accept(payload="http://a.test/x", path="/x")
    assert form.matches("http://a.test/x")
    assert not form.matches("http://a.test/y")
    assert Accept(weibo={"uid": "1234567890"}).bare_hosts is None
    assert Accept(wechat={"code": "r/RIGHT"}).example() == "https://weixin.qq.com/r/RIGHT"
    assert Accept(host=["a.test"], path="/x/*", query={"q": "1"}, port=8080).example() == (
        "http://a.test:8080/x/x?q=1"
    )


def test_a_domain_is_its_host_and_all_below_it() -> None:
    form = Accept(domain="Old.test", path="/gov/*")
    assert form.matches("https://old.test/gov/x")
    assert form.matches("http://a.bbs.old.test:8080/gov/x")
    assert not form.matches("http://bold.test/gov/x")
    assert not form.matches("http://old.test/")
    assert form.bare_hosts is None  # any host may be one below it
    assert form.example() == "http://Old.test/gov/x"


def test_brackets_in_a_path_are_brackets() -> None:
    form = Accept(host="a.test", path="/[2026]/*")
    assert form.matches("http://a.test/[2026]/x")
    assert not form.matches("http://a.test/2/x")


def test_a_port_that_is_the_usual_one_is_met_by_addresses_that_leave_it_out() -> None:
    form = Accept(host="a.test:443")
    assert form.matches("https://a.test/")
    assert not form.matches("http://a.test/")
    plain = Accept(host="A.test:80")
    assert plain.matches("http://a.test/")
    assert not plain.matches("http://a.test:8080/")
    assert not plain.matches("https://a.test/")
    assert plain.bare_hosts == {"a.test"}


@given(
    host=st.from_regex(r"[a-z][a-z0-9-]{0,8}[a-z0-9]\.test(:[1-9][0-9]{0,3})?", fullmatch=True),
    path=st.from_regex(r"(/[\w?*.\[\]（）-]{1,8}){1,3}", fullmatch=True),
    query=st.dictionaries(st.text(max_size=4), st.text(max_size=4), max_size=2),
)
def test_a_form_that_is_taken_is_met_by_its_own_example(
    host: str, path: str, query: dict[str, str]
) -> None:
    try:
        form = Accept(host=host, path=path, query=query)
    except ValidationError:
        return
    assert form.matches(form.example() or "")
