"""The requirement of a QR code: whose code it is, and where it leads."""

from __future__ import annotations

import pytest

from support.pages import code, link, page, said
from support.requirements import RESOLVING, RIGHT_CODE, SHORT, WECHAT, WEIBO, led, outcome
from ycaudit.model import BlindSpot, Image, Outcome, QrCode, Sense, Visibility, Where
from ycaudit.reasons import Reason
from ycaudit.rules.matchers import Accept
from ycaudit.rules.qr import OTHER, QrRequirement


def test_a_requirement_without_a_verified_payload_neither_passes_nor_fails() -> None:
    unpinned = WECHAT.model_copy(update={"accept": ()})
    unverified = WECHAT.model_copy(
        update={"accept": (Accept(payload="http://weixin.qq.com/r/RIGHT", verified=False),)}
    )
    for requirement in (unpinned, unverified):
        assert outcome(requirement, RIGHT_CODE) == "undetermined"


def test_the_evidence_says_by_which_charset_a_payload_was_read_if_that_is_a_guess() -> None:
    guessed = RIGHT_CODE.model_copy(update={"guessed_charset": "GB 18030"})
    for shown, charset in ((RIGHT_CODE, None), (guessed, "GB 18030")):
        verdict = WECHAT.judge(page(shown))
        assert verdict.outcome is Outcome.PASS
        (evidence,) = verdict.evidence
        assert (evidence.note.params["charset"] if evidence.note else None) == charset


def test_a_page_seen_whole_without_any_code_fails_also_what_nobody_has_pinned() -> None:
    unpinned = WECHAT.model_copy(update={"accept": ()})
    assert outcome(unpinned) == "fail"
    lost = BlindSpot(
        hides=frozenset({Sense.QR_CODE}), why=said("lost"), where=Where(origin="markup", url="u")
    )
    verdict = unpinned.judge(page(lost))
    assert verdict.outcome is Outcome.UNDETERMINED
    assert verdict.reason.startswith("no verified payload"), "that nobody has pinned it comes first"
    assert outcome(unpinned.model_copy(update={"expect": "absent"})) == "pass"


def test_a_partly_pinned_requirement_passes_but_does_not_fail_beside_another_code() -> None:
    partly = WECHAT.model_copy(update={"exhaustive": False})
    assert outcome(partly, RIGHT_CODE) == "pass"
    assert outcome(partly, code("http://qr.weibo.cn/g/short")) == "undetermined"
    assert outcome(partly) == "fail"


def test_an_address_that_was_not_followed_casts_doubt_where_the_rule_asks_to_follow() -> None:
    follows = WECHAT.model_copy(update={"resolve": True})
    assert outcome(follows, code("http://qr.weibo.cn/g/short")) == "undetermined"
    led = code("http://qr.weibo.cn/g/short").model_copy(
        update={"leads_to": ("http://weixin.qq.com/r/RIGHT",)}
    )
    assert outcome(follows, led) == "pass"
    assert outcome(WECHAT, led) == "fail"


@pytest.mark.parametrize(
    "payload",
    [
        "http://weibo.com/u/1999404300?is_all=1",
        "https://weibo.cn/qr/userinfo?uid=1999404300",
        "https://m.weibo.cn/u/1999404300?uid=6666666666",  # the path is the account
        "HTTP://M.Weibo.CN:80/u/1999404300/",
        "https://weibo.com/1999404300",
        "https://weibo.com/p/1005051999404300",
        "https://m.weibo.cn/profile/1999404300",
        "URL:https://weibo.com/u/1999404300",
        "\ufeffhttps://weibo.com/u/1999404300",
        "MEBKM:TITLE:宜昌发布;URL:https://weibo.com/u/1999404300;;",
        "MEBKM:URL:https\\://weibo.com/u/1999404300;TITLE:a\\;URL;;",
        "URL:weibo.com/u/1999404300",
        "URLTO:宜昌发布:https://weibo.com/u/1999404300",
        "https://weibo.com/u/1999404300#wechat_redirect",
    ],
)
def test_an_account_of_weibo_is_known_by_every_form_that_names_it(payload: str) -> None:
    assert outcome(WEIBO, code(payload)) == "pass"


@pytest.mark.parametrize(
    "payload",
    [
        "http://weibo.com/u/6666666666",
        "https://m.weibo.cn/u/6666666666?uid=1999404300",
        "http://weixin.qq.com/r/Lx3fx5PEi870rdek90g9",
        "https://a.app.qq.com/o/simple.jsp?pkgname=x",
    ],
)
def test_a_code_that_names_another_account_is_no_doubt(payload: str) -> None:
    assert outcome(WEIBO, code(payload)) == "fail"


@pytest.mark.parametrize(
    "payload",
    [
        "http://qr.weibo.cn/g/5aBcDe",
        "http://t.cn/Rabcdef",
        "https://weibo.cn/qr/userinfo?uid=6666666666&uid=1999404300",
    ],
)
def test_a_code_that_does_not_say_whose_it_is_stays_in_doubt(payload: str) -> None:
    assert outcome(WEIBO, code(payload)) == "undetermined"


def by_default(*accept: dict[str, object], **more: object) -> QrRequirement:
    """A requirement that does not say whether its forms are all there are."""
    return QrRequirement.model_validate(
        {"id": "w", "name": "账号", "kind": "qr", "accept": accept, **more}
    )


WEIBO_ACCOUNT = {"weibo": {"uid": "1999404300"}}


@pytest.mark.parametrize(
    "payload",
    [
        "http://qr.weibo.cn/g/5aBcDe",
        "http://t.cn/Rabcdef",
        "https://weibo.com/yichangfabu",
        "https://passport.weibo.com/visitor",
        "https://m.weibo.cn/1999404300",  # known of weibo.com alone
    ],
)
def test_an_unknown_form_on_the_platforms_own_host_is_doubt_unless_the_rule_denies_it(
    payload: str,
) -> None:
    verdict = by_default(WEIBO_ACCOUNT).judge(page(code(payload)))
    assert verdict.outcome is Outcome.UNDETERMINED
    assert verdict.why.code == "other_form"
    assert payload in verdict.reason
    assert outcome(by_default(WEIBO_ACCOUNT, exhaustive=True), code(payload)) == "fail"
    known = by_default(WEIBO_ACCOUNT, mistakes=[{"payload": payload, "note": "旧号"}])
    assert outcome(known, code(payload)) == "fail"


@pytest.mark.parametrize(
    "payload",
    [
        "https://weibo.com/u/6666666666",
        "http://shop.test/",
        "http://not-weibo.com/g/x",
        "http://weixin.qq.com/r/OTHER",
        "欢迎关注",
    ],
)
def test_elsewhere_than_on_the_platform_another_code_is_another_code(payload: str) -> None:
    assert outcome(by_default(WEIBO_ACCOUNT), code(payload)) == "fail"


def test_another_code_of_wechat_is_a_mistake_and_an_unknown_form_of_wechat_is_doubt() -> None:
    wechat = by_default({"payload": "http://weixin.qq.com/r/RIGHT"})
    assert outcome(wechat, code("http://weixin.qq.com/r/OTHER")) == "fail"
    assert outcome(wechat, code("https://mp.weixin.qq.com/mp/profile_ext?action=home")) == (
        "undetermined"
    )
    assert outcome(wechat, code("http://weixin.qq.com/r/RIGHT#wechat_redirect")) == "pass"


def test_a_pinned_address_of_weibo_stands_for_its_account_and_a_short_link_for_any() -> None:
    pinned = by_default({"payload": "https://weibo.com/u/1999404300"})
    assert outcome(pinned, code("https://m.weibo.cn/profile/1999404300")) == "pass"
    assert outcome(pinned, code("https://m.weibo.cn/profile/6666666666")) == "fail"
    short = by_default({"payload": "http://qr.weibo.cn/g/RIGHT"})
    assert outcome(short, code("https://weibo.com/u/1999404300")) == "undetermined"
    assert outcome(short, code("http://app.test/")) == "fail"


def test_a_redirect_that_ends_on_the_platform_without_a_name_is_doubt() -> None:
    follows = by_default(WEIBO_ACCOUNT, resolve=True)
    assert outcome(follows, led(SHORT, SHORT, "https://weibo.com/yichangfabu")) == "undetermined"
    assert outcome(follows, led(SHORT, SHORT, "http://shop.test/")) == "fail"


@pytest.mark.parametrize("hop", ["https://weibo.com/u/1999404300", "https://m.weibo.cn/u/6666666"])
def test_a_hop_that_names_an_account_settles_it_even_if_it_cannot_be_reached(hop: str) -> None:
    follows = by_default(WEIBO_ACCOUNT, resolve=True)
    expected = "pass" if "1999404300" in hop else "fail"
    assert outcome(follows, led(SHORT, SHORT, hop, unresolved=said("it timed out"))) == expected


@pytest.mark.parametrize("pinned", ["http://app.test/get", "URL:http://app.test/get"])
@pytest.mark.parametrize(
    "seen", ["http://app.test/get", "url: http://app.test/get", "MEBKM:URL:http://app.test/get;;"]
)
def test_prefixes_for_phones_make_no_difference_on_either_side(pinned: str, seen: str) -> None:
    assert outcome(by_default({"payload": pinned}), code(seen)) == "pass"


def test_behind_a_prefix_what_nearly_agrees_is_doubt_and_short_links_are_followed() -> None:
    app = by_default({"payload": "https://app.test/get"})
    assert outcome(app, code("URL:app.test/get")) == "undetermined"
    follows = by_default(WEIBO_ACCOUNT, resolve=True)
    wrapped = code(f"URL:{SHORT}")
    assert list(follows.to_follow(page(wrapped))) == [f"URL:{SHORT}"]
    assert follows.judge(page(wrapped)).why.code == "codes_not_followed"


def test_a_code_of_wechat_is_the_same_by_http_and_https_and_other_codes_prove_nothing() -> None:
    accept = [{"wechat": {"code": "r/RIGHT"}}]
    wechat = QrRequirement(id="w", name="微信", kind="qr", exhaustive=False, accept=accept)
    assert outcome(wechat, code("https://weixin.qq.com/r/RIGHT")) == "pass"
    assert outcome(wechat, code("http://weixin.qq.com/q/RIGHT")) == "undetermined"
    assert outcome(wechat, code("http://weibo.com/u/1999404300")) == "fail"
    with pytest.raises(ValueError, match=r"r/… or q/…"):
        Accept(wechat={"code": "x y"})


@pytest.mark.parametrize(
    ("seen", "why"),
    [
        ("https://app.test/d?from=qr", "http or https"),
        ("http://app.test/d/?from=qr", "the slash at its end"),
        ("http://app.test/D?from=qr", "upper and lower case"),
        ("http://app.test/d?FROM=qr", "upper and lower case"),
        ("https://app.test/d/?from=qr", "http or https and the slash at its end"),
        ("HTTPS://APP.TEST/D?FROM=QR", "http or https and upper and lower case"),
        ("http://app.test/d?from=qr&utm_source=portal", "what stands behind the ?"),
        ("http://app.test/d?from=qr#rd", "what stands behind the #"),
        ("http://app.test/d?from=qr#/", "what stands behind the #"),
        ("http://www.app.test/d?from=qr", "www."),
        ("http://app.test//d?from=qr", "the number of slashes"),
        ("http://app.test/d/index.html?from=qr", "the name of the index page at its end"),
        ("app.test/d?from=qr", "http:// in front"),
        ("APP.TEST/d/?from=qr", "http:// in front and the slash at its end"),
    ],
)
def test_what_differs_in_next_to_nothing_is_neither_pass_nor_fail(seen: str, why: str) -> None:
    app = QrRequirement(
        id="a", name="应用", kind="qr", accept=[{"payload": "http://app.test/d?from=qr"}]
    )
    verdict = app.judge(page(code(seen)))
    assert verdict.outcome is Outcome.UNDETERMINED
    assert why in verdict.reason


@pytest.mark.parametrize(
    "seen",
    [
        *("http://app.test/d", "http://app.test/d?from=app", "http://app.test/d/e?from=qr"),
        *("http://app.test:8080/d?from=qr", "http://m.app.test/d?from=qr", "app.test"),
        *("ftp://app.test/d?from=qr", "http://app.test/?from=qr", "from=qr"),
    ],
)
def test_what_differs_in_more_is_another_code(seen: str) -> None:
    app = QrRequirement(
        id="a", name="应用", kind="qr", accept=[{"payload": "http://app.test/d?from=qr"}]
    )
    assert outcome(app, code(seen)) == "fail"


def test_a_page_that_a_script_chooses_is_another_page() -> None:
    accept = [{"payload": "http://app.test/#/city"}]
    app = QrRequirement(id="a", name="应用", kind="qr", accept=accept)
    assert outcome(app, code("http://app.test/#/school")) == "fail"
    assert outcome(app, code("http://app.test/#/City")) == "undetermined"


@pytest.mark.parametrize(
    ("accept", "seen", "expected"),
    [
        ({"payload": "app.test/d"}, "http://app.test/d", "undetermined"),
        ({"payload": "app.test/d"}, "http://app.test/e", "fail"),
        ({"host": "app.test", "path": "/d"}, "HTTP://APP.TEST/D", "undetermined"),
        ({"host": "app.test", "path": "/d"}, "https://app.test/d/", "undetermined"),
        ({"host": "app.test", "path": "/d/*"}, "http://app.test//D/x", "undetermined"),
        ({"host": "app.test", "path": "/d"}, "app.test/d", "undetermined"),
        ({"host": "app.test"}, "app.test/d", "undetermined"),
        ({"host": "app.test", "path": "/d"}, "http://app.test/e", "fail"),
        ({"host": "app.test", "path": "/d"}, "http://www.app.test/d", "fail"),
        ({"host": "app.test", "path": "root"}, "http://app.test/d", "fail"),
        ({"host": "app.test", "path": "/d", "scheme": "https"}, "http://app.test/d/", "fail"),
    ],
)
def test_of_each_form_of_an_address_a_small_difference_is_doubt(
    accept: dict[str, str], seen: str, expected: str
) -> None:
    app = QrRequirement(id="a", name="应用", kind="qr", accept=[accept])
    assert outcome(app, code(seen)) == expected


def test_a_short_link_counts_by_where_it_leads_where_the_rules_say_so() -> None:
    right = led(SHORT, SHORT, "https://m.weibo.cn/u/1999404300")
    assert outcome(RESOLVING, right) == "pass"
    assert outcome(WEIBO, right) == "undetermined"


def test_a_short_link_that_leads_elsewhere_is_an_answer() -> None:
    assert outcome(RESOLVING, led(SHORT, SHORT, "https://m.weibo.cn/u/6666666666")) == "fail"
    all_known = QrRequirement.model_validate({**RESOLVING.model_dump(), "exhaustive": None})
    assert outcome(all_known, led(SHORT, SHORT, "http://shop.test/")) == "fail"


@pytest.mark.parametrize(
    "seen",
    [
        led(SHORT, SHORT, "http://shop.test/"),
        led("http://shop.test/", "http://shop.test/"),
        led("微博：宜昌发布", "微博：宜昌发布"),
    ],
)
def test_what_was_followed_and_names_no_account_is_doubt_where_the_account_has_other_codes(
    seen: QrCode,
) -> None:
    assert outcome(RESOLVING, seen) == "undetermined"


def test_a_code_that_leads_phones_and_computers_apart_is_no_answer() -> None:
    hops = (SHORT, "https://weibo.com/u/6666666666", SHORT, "http://shop.test/")
    apart = Reason.of("url_by_device", url=SHORT, phone=hops[3], computer=hops[1])
    seen = code(SHORT).model_copy(update={"leads_to": hops, "unresolved": apart})
    assert outcome(RESOLVING, seen) == "undetermined"


@pytest.mark.parametrize(
    ("phone", "computer", "expected"),
    [
        ("http://shop.test/", "https://weibo.com/u/1999404300", "undetermined"),
        ("https://weibo.com/u/1999404300", "http://shop.test/", "pass"),
    ],
)
def test_where_phones_and_computers_come_apart_only_the_phone_counts(
    phone: str, computer: str, expected: str
) -> None:
    apart = Reason.of("url_by_device", url=SHORT, phone=phone, computer=computer)
    hops = {"leads_to": (computer, SHORT, phone), "unresolved": apart}
    seen = code(SHORT).model_copy(update=hops)
    assert outcome(RESOLVING, seen) == expected
    unwanted = RESOLVING.model_copy(update={"expect": "absent"})
    assert outcome(unwanted, seen) == {"pass": "fail"}.get(expected, expected)


def test_what_could_not_be_followed_or_was_not_asked_is_doubt() -> None:
    assert outcome(RESOLVING, code(SHORT)) == "undetermined"
    verdict = RESOLVING.judge(page(led(SHORT, SHORT, unresolved=said("it timed out"))))
    assert verdict.outcome is Outcome.UNDETERMINED
    assert "it timed out" in verdict.reason


def test_nothing_is_said_to_differ_from_a_code_that_nobody_knows() -> None:
    unknown = QrRequirement(id="q", name="微信", kind="qr", accept=[{"host": "weixin.qq.com"}])
    unpinned = unknown.model_copy(
        update={"accept": tuple(a.model_copy(update={"verified": False}) for a in unknown.accept)}
    )
    (near,) = unpinned.judge(page(code("http://a.test/", label="微信"))).near
    assert near.note == Reason.of("code_labelled_so")
    (near,) = unknown.judge(page(code("http://a.test/", label="微信"))).near
    assert near.note == Reason.of("other_code_labelled")


@pytest.mark.parametrize(
    ("payload", "note"),
    [(SHORT, "code_of_unknown_owner"), ("https://weibo.com/u/6666666666", "other_code_labelled")],
)
def test_a_code_is_told_to_be_of_somebody_else_only_where_that_is_known(
    payload: str, note: str
) -> None:
    for rule in (WEIBO, RESOLVING):
        (near,) = rule.judge(page(code(payload, "宜昌发布微博"))).near
        assert near.note == Reason.of(note)


def test_a_link_to_the_account_is_told_where_its_code_is_asked_for() -> None:
    verdict = WEIBO.judge(page(link("https://weibo.com/u/1999404300", "微博")))
    assert verdict.outcome is Outcome.FAIL
    assert [e.note.code for e in verdict.near if e.note] == ["link_in_place_of_code"]


def test_a_picture_that_cannot_be_had_is_not_said_to_hold_no_code() -> None:
    src = "http://unit.test/wechat.png"
    where = Where(origin="markup", url="http://unit.test/")
    why = Reason.of("image_lost", src=src, because=Reason.of("http_status", status=404))
    lost = BlindSpot(hides=frozenset({Sense.QR_CODE}), why=why, where=where)
    shown = page(lost).model_copy(update={"images": (Image(src=src, alt="微信", where=where),)})
    assert [e.note.code for e in WECHAT.judge(shown).near if e.note] == ["picture_lost"]


def test_of_several_lost_pictures_the_one_that_is_called_so_comes_first_each_once() -> None:
    def lost(name: str, code: str = "image_lost") -> BlindSpot:
        why = Reason.of(code, src=name, because=Reason.of("http_status", status=404))
        where = Where(origin="markup", url="http://unit.test/")
        return BlindSpot(hides=frozenset({Sense.QR_CODE}), why=why, where=where)

    where = Where(origin="markup", url="http://unit.test/")
    images = (
        Image(src="a.png", alt="云上宜昌", where=where),
        Image(src="b.png", alt="微信", where=where),
    )
    spots = (lost("a.png"), lost("b.png"), lost("b.png", "image_unopened"))
    verdict = WECHAT.judge(page(*spots).model_copy(update={"images": images}))
    assert "image b.png was lost" in verdict.reason
    assert verdict.reason.endswith("(and 1 more)")


@pytest.mark.parametrize(
    ("side", "visible", "is_told"),
    [(24, "hidden", True), (24, "shown", False), (160, "hidden", False), (0, "hidden", False)],
)
def test_of_a_code_that_is_too_small_to_be_seen_its_size_is_told(
    side: int, visible: str, is_told: bool
) -> None:
    where = RIGHT_CODE.where.model_copy(update={"box": (9, 9, side, side)})
    shown = RIGHT_CODE.model_copy(update={"where": where, "visible": Visibility(visible)})
    (evidence,) = WECHAT.judge(page(shown)).evidence
    assert ("24 × 24 pixels" in str(evidence.note)) is is_told


def test_candidates_are_counted_in_words() -> None:
    unpinned = WECHAT.model_copy(update={"accept": ()})
    for payloads, told in ((["a"], "1 candidate seen"), (["a", "b", "b"], "2 candidates seen")):
        assert told in unpinned.judge(page(*map(code, payloads))).reason


def test_an_address_of_weibo_that_is_no_account_says_nothing() -> None:
    assert outcome(WEIBO, code("http://weibo.com/login?url=x")) == "undetermined"


def test_a_code_of_an_accepted_host_is_listed_before_other_codes() -> None:
    rule = WECHAT.model_copy(update={"accept": (Accept(payload="http://app.test/get?id=7"),)})
    verdict = rule.judge(page(code("http://a.test/"), code("http://app.test/get?id=8")))
    assert [e.value for e in verdict.near] == ["http://app.test/get?id=8", "http://a.test/"]
    assert [e.note.code for e in verdict.near if e.note] == ["other_code_of_host", "other_code"]


def test_the_code_of_another_account_is_not_told_as_one_of_the_same_site() -> None:
    for rule, other in ((WECHAT, "http://weixin.qq.com/r/OTHER"), (WEIBO, "https://weibo.com/x")):
        assert [str(e.note) for e in rule.judge(page(code(other))).near] == [str(OTHER)]


def test_a_fail_names_the_picture_that_should_be_the_code_and_why_it_is_none() -> None:
    def called(alt: str, src: str) -> Image:
        return Image(src=src, alt=alt, where=Where(origin="markup", url="http://unit.test/"))

    damaged = called("微信二维码", "http://unit.test/half.png")
    own = called("宜昌发布", "file:///C:/li/qr.png")
    other = called("校园风光", "http://unit.test/view.png")
    two = WECHAT.model_copy(update={"labels": ("发布", "微信")})
    seen = page(code("http://other.test/", "云上宜昌")).model_copy(
        update={"images": (damaged, own, other)}
    )
    near = WECHAT.judge(seen).near
    assert [(e.value, e.note.code if e.note else "") for e in near] == [
        ("file:///C:/li/qr.png", "picture_on_own_disk"),
        ("http://unit.test/half.png", "picture_without_code"),
        ("http://other.test/", "other_code"),
    ]
    assert "http://unit.test/half.png" not in [e.value for e in two.judge(seen).near]
    whole = called("宜昌发布微信", "http://unit.test/half.png")
    seen = seen.model_copy(update={"images": (whole,)})
    assert two.judge(seen).near[0].note == Reason.of("picture_without_code")
    read = code("http://other.test/").model_copy(update={"src": whole.src})
    seen = seen.model_copy(update={"qr_codes": (read,)})
    assert [e.note.code for e in two.judge(seen).near if e.note] == ["other_code"]
