"""Pinning: an official code becomes a rule, and the rules file stays as its author wrote it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from support.pins import RIGHT, RULES, write_rules
from ycaudit.auditing.pin import Pin, write_pin
from ycaudit.errors import AuditError
from ycaudit.i18n import Message
from ycaudit.inputs.plan import load_rules

DAY = date(2026, 11, 23)


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    return write_rules(tmp_path)


def test_a_pinned_payload_stands_in_the_file_and_all_else_stays_as_it_was(rules: Path) -> None:
    pinned = write_pin(Pin("wechat", RIGHT, "官方海报", DAY), [rules])
    assert (pinned.file, pinned.known, pinned.partly) == (rules, False, False)
    expected = RULES.replace(
        "    accept: []   # 待核定\n",
        "    accept:      # 待核定\n"
        f"      - payload: {RIGHT}\n"
        "        source: 官方海报\n"
        "        verified: 2026-11-23\n",
    )
    assert rules.read_text(encoding="utf-8") == expected


def test_a_second_payload_stands_below_the_first(rules: Path) -> None:
    pinned = write_pin(Pin("weibo", "http://qr.weibo.cn/g/x", "海报", DAY), [rules])
    assert pinned.partly
    (_, _, weibo), _ = load_rules([rules])
    assert [a.payload for a in weibo.accept] == [None, "http://qr.weibo.cn/g/x"]
    assert weibo.accept[1].verified == DAY
    assert "      # 名单\n" in rules.read_text(encoding="utf-8")


def test_pinning_again_renews_source_and_date_only(rules: Path) -> None:
    write_pin(Pin("wechat", RIGHT, "甲", date(2026, 1, 1)), [rules])
    pinned = write_pin(Pin("wechat", RIGHT, "乙", DAY), [rules])
    assert (pinned.known, pinned.replaced) == (True, "甲")
    (_, wechat, _), _ = load_rules([rules])
    (accept,) = wechat.accept
    assert (accept.source, accept.verified) == ("乙", DAY)


def test_a_source_that_nobody_named_does_not_replace_a_good_one(rules: Path) -> None:
    write_pin(Pin("wechat", RIGHT, "市大数据局2026年11月海报", date(2026, 1, 1)), [rules])
    pinned = write_pin(Pin("wechat", RIGHT, "image a.png", DAY, keeps_source=True), [rules])
    assert (pinned.known, pinned.replaced) == (True, "")
    (_, wechat, _), _ = load_rules([rules])
    assert (wechat.accept[0].source, wechat.accept[0].verified) == ("市大数据局2026年11月海报", DAY)


def test_the_source_of_what_was_not_verified_does_not_stay(rules: Path) -> None:
    unsure = f"accept: [{{payload: '{RIGHT}', source: 传闻, verified: false}}]"
    rules.write_text(RULES.replace("accept: []", unsure), encoding="utf-8")
    pinned = write_pin(Pin("wechat", RIGHT, "image a.png", DAY, keeps_source=True), [rules])
    assert pinned.replaced == "传闻"
    (_, wechat, _), _ = load_rules([rules])
    assert (wechat.accept[0].source, wechat.accept[0].verified) == ("image a.png", DAY)


BESIDE = """\
  - id: old   # 停用
    name: 'It''s old'
    kind: link
    expect: absent
    accept: [domain: old.test]
    note: "一行很长%s"

  - {id: flow, name: "门户", kind: link,   accept: [ {host: [a.test , b.test]} ],}
""" % ("，很长" * 60)  # fmt: skip
"""What a program that writes the file anew would write otherwise."""
BLOCK = "      - payload: {0}\n        source: 海报\n        verified: 2026-11-23\n"
FLOW = "{{payload: {0}, source: 海报, verified: 2026-11-23}}"
SHAPES = {
    "an empty list": ("    accept: []\n", f"    accept:\n{BLOCK}"),
    "an empty list and a comment": (
        "    accept: [ ]   # 待核定\n\n",
        f"    accept:       # 待核定\n{BLOCK}\n",
    ),
    "an empty list of several lines": (
        "    accept: [   # 待核定\n    ]\n",
        f"    accept: [{FLOW}   # 待核定\n    ]\n",
    ),
    "an empty list with an anchor": ("    accept: &x []\n", f"    accept: &x [{FLOW}]\n"),
    "no key": (
        "    note: |\n      一\n\n      二\n\n# 完\n",
        f"    note: |\n      一\n\n      二\n    accept:\n{BLOCK}\n# 完\n",
    ),
    "a block": (
        "    accept:\n      - payload: x   # 旧\n\n    # 完\n    labels: [甲]\n",
        f"    accept:\n      - payload: x   # 旧\n{BLOCK}\n    # 完\n    labels: [甲]\n",
    ),
    "a block whose dashes do not stand in": (
        "    accept:\n    - payload: x\n    labels: [甲]\n",
        f"    accept:\n    - payload: x\n{BLOCK.replace('      ', '    ', 1)}".replace(
            "        ", "      "
        )
        + "    labels: [甲]\n",
    ),
    "a block that ends in a long text": (
        "    accept:\n      - payload: x\n        note: >\n          一\n          二\n",
        "    accept:\n      - payload: x\n        note: >\n          一\n          二\n" + BLOCK,
    ),
    "brackets": (
        "    accept: [{{payload: x}}, ]   # 旧\n",
        f"    accept: [{{{{payload: x}}}}, {FLOW}, ]   # 旧\n",
    ),
    "brackets of several lines": (
        "    accept: [\n      {{payload: x}},   # 旧\n    ]\n",
        f"    accept: [\n      {{{{payload: x}}}}, {FLOW},   # 旧\n    ]\n",
    ),
    "aliases": (
        "    labels: &words [甲]\n    accept:\n      - payload: &x x\n        note: *x\n",
        f"    labels: &words [甲]\n    accept:\n      - payload: &x x\n        note: *x\n{BLOCK}",
    ),
}


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
@pytest.mark.parametrize(("shape", "pinned"), SHAPES.values(), ids=SHAPES)
def test_all_else_stays_byte_for_byte(
    tmp_path: Path, shape: str, pinned: str, line_end: str
) -> None:
    path = tmp_path / "rules.yaml"
    asked = "  - id: w\n    name: 甲\n    kind: qr\n"
    for before, after in ((BESIDE, ""), ("", BESIDE)):
        around = f"\ufeffname:  规则\nrequirements:   # 全部\n{before}{asked}", after
        as_written, expected = (
            each.format(RIGHT).join(around).replace("\n", line_end).encode()
            for each in (shape, pinned)
        )
        path.write_bytes(as_written)
        write_pin(Pin("w", RIGHT, "海报", DAY), [path])
        assert path.read_bytes().decode() == expected.decode()


def test_a_dash_stands_as_the_others_of_the_file_do(tmp_path: Path) -> None:
    path = tmp_path / "rules.yaml"
    text = (
        "name: 规则\nrequirements:\n- id: w\n  name: 甲\n  kind: qr\n  accept: []\n  labels: [甲]"
    )
    path.write_text(text, encoding="utf-8")
    write_pin(Pin("w", RIGHT, "海报", DAY), [path])
    added = f"  accept:\n  - payload: {RIGHT}\n    source: 海报\n    verified: 2026-11-23"
    assert path.read_text(encoding="utf-8") == text.replace("  accept: []", added)


def test_what_an_alias_shares_is_not_pinned_for_another_requirement(rules: Path) -> None:
    text = RULES.replace("accept: []", "accept: &codes [{payload: x}]")
    text += "  - {id: other, name: 其他, kind: qr, accept: *codes}\n"
    rules.write_text(text, encoding="utf-8")
    for wanted in ("wechat", "other"):
        with pytest.raises(AuditError, match="share what this requirement accepts"):
            write_pin(Pin(wanted, RIGHT, "海报", DAY), [rules])
    assert rules.read_text(encoding="utf-8") == text


def test_a_renewed_form_changes_its_own_values_only(rules: Path) -> None:
    first = write_pin(Pin("wechat", RIGHT, "甲", date(2026, 1, 1)), [rules])
    before = rules.read_text(encoding="utf-8")
    write_pin(Pin("wechat", RIGHT, "乙 # 丙", DAY, exhaustive=True), [first.file])
    expected = before.replace("source: 甲", 'source: "乙 # 丙"').replace(
        "2026-01-01", "2026-11-23", 1
    )
    assert rules.read_text(encoding="utf-8") == expected.replace(
        "verified: 2026-11-23\n", "verified: 2026-11-23\n    exhaustive: true\n", 1
    )


def test_a_requirement_may_be_named_as_it_is_called(rules: Path) -> None:
    (_, wechat, _), _ = load_rules([rules])
    assert write_pin(Pin(wechat.name, RIGHT, "海报", DAY), [rules]).requirement == "wechat"
    assert f"payload: {RIGHT}" in rules.read_text(encoding="utf-8")


def test_a_message_as_source_is_written_as_text(rules: Path) -> None:
    for name in ("a.png", "b.png"):  # first a new payload, then a known one
        write_pin(Pin("wechat", RIGHT, Message("image {0}", name), DAY), [rules])
        assert f"source: image {name}" in rules.read_text(encoding="utf-8")


def test_a_person_may_say_that_all_codes_are_known_now(rules: Path) -> None:
    assert not write_pin(Pin("weibo", "x", "海报", DAY, True), [rules]).partly
    (_, _, weibo), _ = load_rules([rules])
    assert weibo.exhaustive


@pytest.mark.parametrize("payload", ["a: b # c", "\"'\n\t{x}", "云\u202e应用", "- [", "true"])
def test_any_payload_comes_back_as_it_went_in(rules: Path, payload: str) -> None:
    write_pin(Pin("wechat", payload, payload, DAY), [rules])
    (_, wechat, _), _ = load_rules([rules])
    assert wechat.accept[0].payload == payload


@pytest.mark.parametrize(
    ("order", "why"),
    [
        (Pin("nope", "x", "s", DAY), "no requirement 'nope'; the rules have portal, wechat, weibo"),
        (Pin("portal", "x", "s", DAY), "asks for a link"),
        (Pin("wechat", " ", "s", DAY), "1 to 3000 characters"),
        (Pin("wechat", "x" * 3001, "s", DAY), "1 to 3000 characters"),
        (Pin("wechat", "http://weixin.qq.com/r/A B", "s", DAY), "has a blank inside; take it out"),
        (Pin("wechat", "http：//weixin.qq.com/r/A", "s", DAY), "has full-width signs; write http:"),
    ],
)
def test_what_cannot_be_pinned_leaves_the_file_alone(rules: Path, order: Pin, why: str) -> None:
    with pytest.raises(AuditError, match=why):
        write_pin(order, [rules])
    assert rules.read_text(encoding="utf-8") == RULES


def test_the_file_among_many_that_has_the_requirement_is_written(
    tmp_path: Path, rules: Path
) -> None:
    other = tmp_path / "more.yaml"
    other.write_text(
        "name: 更多\nrequirements:\n  - {id: app, name: 应用, kind: qr}\n", encoding="utf-8"
    )
    assert write_pin(Pin("app", "http://app.test/", "海报", DAY), [tmp_path]).file == other
    assert rules.read_text(encoding="utf-8") == RULES
    assert "payload: http://app.test/" in other.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "payload", ["BEGIN:VCARD\r\nN:x\r\nEND:VCARD", "a\u202egpj.exe甲", "\ufeffx"]
)
def test_a_payload_of_odd_characters_is_read_back_as_it_was_and_shows_them(
    rules: Path, payload: str
) -> None:
    for _ in range(2):  # what stands there is written anew, too
        write_pin(Pin("wechat", payload, "\u2066海报", DAY), [rules])
        (_, wechat, _), _ = load_rules([rules])
        assert [(a.payload, a.source) for a in wechat.accept] == [(payload, "\u2066海报")]
        text = rules.read_bytes().decode()
        assert not set(text) & set("\r\ufeff\u202e\u2066")
