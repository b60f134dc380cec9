"""What people read is in their language: whole catalogues, and nothing that bypasses them."""

from __future__ import annotations

import io
import re
import string
from html import unescape

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import messages
from support.cli import ycaudit
from support.pages import blind, code, link, page, unseen
from support.runs import run_of
from ycaudit import i18n
from ycaudit.cli.app import COMMANDS, tree
from ycaudit.model import Sense
from ycaudit.report.formats import FORMATS
from ycaudit.rules.requirements import LinkRequirement, QrRequirement

HOLES = re.compile(r"\{[^{}]*\}")


def holes(text: str) -> list[str]:
    return sorted(hole.partition(":")[0].strip("{}") for hole in HOLES.findall(text))


def said(text: str, language: str) -> str:
    with i18n.speaking(language):
        return i18n.told(text)


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_every_message_is_translated_and_none_is_there_for_nothing(language: str) -> None:
    """To mend: python tests/messages.py, then translate what is empty in the .po, then again."""
    known = messages.catalogue(language, "po")
    wanted = set(messages.wanted(language))
    assert {text for text in wanted if not known.get(text)} == set()
    assert set(known) - wanted == set()


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_what_is_compiled_is_what_was_translated(language: str) -> None:
    written, compiled = (messages.catalogue(language, suffix) for suffix in ("po", "mo"))
    assert compiled == {text: told for text, told in written.items() if told}


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_a_translation_has_the_holes_of_its_message(language: str) -> None:
    for message, translation in messages.catalogue(language, "po").items():
        may_lack = set(re.findall(r"[a-z]\{(\d)", message))  # the endings of English plurals
        assert set(holes(message)) ^ set(holes(translation)) <= may_lack, message


REASONS = {
    "1 unit": "1 家",
    "e.yaml:1: units: at least one entry is needed": "e.yaml:1: units: 至少需要一项",
    "1,204 units in order": "合格的 1,204 家",
    "every unit": "every unit",  # not ours: a rule may be called so
    "2 unit tests": "2 unit tests",
    "not among 4 QR codes of the homepage": "首页的 4 个二维码中没有",
    "not seen: no whole answer within 4 s": "未能打开：4 秒内没有完整的响应",
    "shows http://p.test/ (and 2 more)": "展示了 http://p.test/（另有 2 处）",
    "not found, but not everything could be seen: image http://x.test/a.png was lost: the server "
    "answered 404 (and 3 more)": "未发现，但有内容未能看到：图片 http://x.test/a.png 未能取得："
    "服务器返回 404（另有 3 处）",
    "no verified payload to compare with: 0 candidates seen; pin it first": "尚无经核实的内容可供"
    "比对：看到 0 个候选；请先核定",
    "targets.yaml:3: unknown key 'nme'; did you mean 'name'?": "targets.yaml:3: 不认识的键 'nme'"
    "；是否应为 'name'？",
}


@pytest.mark.parametrize(("reason", "chinese"), REASONS.items())
def test_a_reason_is_told_whole_in_chinese(reason: str, chinese: str) -> None:
    assert said(reason, "zh") == chinese
    assert said(reason, "en") == reason


def test_a_word_of_a_page_is_never_put_into_another_language() -> None:
    """What was seen is proof, also where it happens to be a word that the program uses itself."""
    assert said("mail", "zh") == "邮件"
    assert said("shows mail", "zh") == "展示了 mail"


def test_what_is_no_sentence_of_ours_stays_as_it_is() -> None:
    for text in ("宜昌市教育局", "https://x.test/not-seen", "Hello", "", "3 apples in a box"):
        assert said(text, "zh") == said(text, "source") == text


@given(st.text(alphabet=string.printable + "；：，“”中文", max_size=300))
def test_no_text_breaks_the_telling(text: str) -> None:
    assert isinstance(said(text, "zh"), str)
    assert said(text, "source") == text


def test_a_hostile_text_costs_linear_time() -> None:
    hostile = " is " * 900 + " here and " * 10
    assert said(f"{hostile}x", "zh")


def test_the_language_is_what_was_asked_for_else_the_locale_s() -> None:
    assert i18n.wanted({"YCAUDIT_LANG": "zh", "LANG": "en_US.UTF-8"}) == "zh"
    assert i18n.wanted({"LANG": "zh_CN.UTF-8"}) == "zh"
    assert i18n.wanted({"LC_ALL": "en_GB", "LANG": "zh_CN"}) == "en"
    assert i18n.wanted({}) == i18n.wanted({"LANG": "C"}) == "en"
    assert i18n.official({"LANG": "en_US"}) == "zh"  # papers for offices
    assert i18n.official({"LANG": "zh_CN", "YCAUDIT_LANG": "en"}) == "en"


def test_the_program_speaks_both_languages() -> None:
    chinese = ycaudit("verify", "/nowhere", "--lang", "zh").stderr
    english = ycaudit("--lang", "en", "verify", "/nowhere").stderr
    assert "无法读取" in chinese
    assert "cannot be read" in english
    assert "检查名单中的每个首页" in ycaudit("scan", "--help", "--lang", "zh").stdout
    assert "Look at every homepage" in ycaudit("scan", "--help", "--lang=en").stdout


# --- what bypasses the catalogues: in a pseudo-language every message stands in ⟦…⟧ ---


def outside(text: str) -> str:
    """What does not stand in ⟦…⟧, however deep those are nested."""
    kept, depth = [], 0
    for character in text:
        depth += character == "⟦"
        if depth == 0:
            kept.append(character)
        depth -= character == "⟧"
    return "".join(kept)


DATA = ("门户", "微信", "规则", "ycaudit")


def bypassing(text: str, *data: str) -> list[str]:
    """Words of the program that no catalogue knows, in what people get to read."""
    left = outside(text)
    for known in (*DATA, *data):
        left = left.replace(known, "")
    lines = (line.strip() for line in re.split(r"[\n\t]|  +", left))
    return [line for line in lines if messages.CHINESE.search(line)]


def shown(name: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("YCAUDIT_LANG", i18n.PSEUDO)
    run = run_of("Unit A").model_copy(
        update={"suspicions": ("3 家单位中有 3 家打不开：更可能是我方网络的问题",)}
    )
    out = io.BytesIO()
    FORMATS[name].render(run, out)
    if name != "xlsx":
        return out.getvalue().decode("utf-8-sig")
    book = openpyxl.load_workbook(out)
    cells = [str(c.value) for sheet in book for row in sheet for c in row if c.value is not None]
    return "\n".join([*book.sheetnames, *cells])


@pytest.mark.parametrize("name", ["table", "markdown", "csv", "xlsx", "github"])
def test_no_word_of_a_report_bypasses_the_catalogues(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = shown(name, monkeypatch)
    assert "⟦" in text
    assert bypassing(text) == []


def test_no_word_of_the_page_bypasses_the_catalogues(monkeypatch: pytest.MonkeyPatch) -> None:
    html = shown("html", monkeypatch)
    body = re.sub(r"<(script|style).*?</\1>", "", html, flags=re.DOTALL)
    attributes = re.findall(r'(?:alt|aria-label|placeholder|data-said)="([^"]*)"', body)
    text = re.sub(r"<[^>]+>", "\n", body)
    for part in (text, *attributes):
        assert bypassing(unescape(part)) == [], part[:200]


def test_no_help_bypasses_the_catalogues(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YCAUDIT_LANG", i18n.PSEUDO)
    program = tree(*COMMANDS)
    for command in (program, *program.commands.values()):
        assert command.help.startswith("⟦"), command.name
        for option in command.params:
            told = getattr(option, "help", None)
            builtin = option.name in ("install_completion", "show_completion")
            assert told is None or told.startswith("⟦") or builtin, (command.name, option.name)


def test_no_reason_bypasses_the_catalogues() -> None:
    rules = (
        LinkRequirement(id="p", name="门户", kind="link", accept=[{"host": "p.test"}]),
        QrRequirement(id="q", name="微信", kind="qr", accept=[{"payload": "x"}]),
        QrRequirement(id="o", name="微博", kind="qr", accept=[{"payload": "x", "verified": False}]),
    )
    observations = (
        page(),
        page(link("http://p.test/"), code("x")),
        page(link("http://q.test/", "门户"), code("y"), code("z")),
        page(blind(Sense.LINK, Sense.QR_CODE, why="too many scripts")),
        unseen(),
    )
    with i18n.speaking(i18n.PSEUDO):
        for observation in observations:
            for rule in rules:
                reason = rule.judge(observation).reason
                assert i18n.told(reason).startswith("⟦"), reason
