"""What people read is in their language: whole catalogues, and nothing that bypasses them."""

from __future__ import annotations

import io
import pickle
import re
from functools import cache
from html import unescape

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import messages
from support.cli import ycaudit
from support.pages import blind, code, link, page, unseen
from support.runs import run_of
from ycaudit import i18n
from ycaudit.cli.app import tree
from ycaudit.cli.commands import COMMANDS
from ycaudit.model import Outcome, Sense
from ycaudit.reason_table import REASONS
from ycaudit.reasons import Reason
from ycaudit.report.formats import FORMATS
from ycaudit.rules.link import LinkRequirement
from ycaudit.rules.qr import QrRequirement

HOLES = re.compile(r"\{([^{}!:]*)[^{}]*\}")


def holes(text: str) -> set[str]:
    return set(HOLES.findall(text))


def said(text: str, *values: object, language: str) -> str:
    with i18n.in_language(language):
        return i18n.translate(text, *values)


def told(reason: Reason, language: str = "zh") -> str:
    with i18n.in_language(language):
        return reason.translated()


def test_every_message_is_translated_and_none_is_there_for_nothing() -> None:
    """To mend: python tests/messages.py, then translate what is empty in the .po, then again."""
    for language in i18n.LANGUAGES:
        known = messages.catalogue(language, "po")
        wanted = set(messages.wanted(language))
        assert {text for text in wanted if not known.get(text)} == set(), language
        assert set(known) - wanted == set(), language


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_what_is_compiled_is_what_was_translated(language: str) -> None:
    written, compiled = (messages.catalogue(language, suffix) for suffix in ("po", "mo"))
    assert compiled == {text: told for text, told in written.items() if told}


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_a_translation_has_the_holes_of_its_message(language: str) -> None:
    for message, translation in messages.catalogue(language, "po").items():
        code = message.removeprefix("reason.")
        source = REASONS[code].text if code != message and code in REASONS else message
        plurals = set(re.findall(r"\{(\w+):[^{}?]*\|", source))  # English alone bends by number
        assert holes(source) ^ holes(translation) <= plurals, message


def test_a_message_is_its_own_sentence_and_knows_what_it_is_made_of() -> None:
    message = i18n.Message("{0} unit{0:|s} in {1!r}", 1, "a")
    assert message == "1 unit in 'a'"
    assert (message.template, message.values) == ("{0} unit{0:|s} in {1!r}", (1, "a"))
    assert pickle.loads(pickle.dumps(message)).template == message.template


def test_a_number_and_an_emptiness_choose_words() -> None:
    assert i18n.fill("{n} {n:code|codes}{more:? (and # more)}", {"n": 2, "more": 0}) == "2 codes"
    assert i18n.fill("{n:code|codes}{more:? (and # more)}", {"n": 1, "more": 3}) == (
        "code (and 3 more)"
    )
    assert i18n.fill("{0} {unknown} {1}", {"0": "{1}", "1": "x"}) == "{1} {unknown} x"


def test_what_fills_a_hole_is_translated_only_if_it_is_a_message_itself() -> None:
    """What was seen is proof, also where it happens to be a word that the program uses itself."""
    assert said("mail", language="zh") == "邮件"
    assert said("sent to {0}", "mail", language="zh").endswith("mail")
    assert said("sent to {0}", i18n.Message("mail"), language="zh").endswith("邮件")


# --- reasons ---

COMPOSED = {
    Reason.of("not_among", things=Reason.of("qr_codes", count=4)): (
        "首页的 4 个二维码中没有符合要求的"
    ),
    Reason.of(
        "not_seen", because=Reason.of("timeout", seconds=4.0)
    ): "未能打开：4 秒内没有完整的响应",
    Reason.of("found", value="http://p.test/", more=2): "展示了 http://p.test/（另有 2 处）",
    Reason.of(
        "not_all_seen",
        more=3,
        because=Reason.of("image_lost", src="a.png", because=Reason.of("http_status", status=404)),
    ): "未发现，但有内容未能看到：图片 a.png 未能取得：服务器返回 404（另有 3 处）",
    Reason.of("unpinned", count=0): "尚无经核实的二维码可供比对：首页看到 0 个二维码；请先核定",
}


@pytest.mark.parametrize(("reason", "chinese"), COMPOSED.items(), ids=lambda r: str(r)[:30])
def test_a_composed_reason_is_whole_in_chinese(reason: Reason, chinese: str) -> None:
    assert told(reason) == chinese


def any_reason() -> st.SearchStrategy[Reason]:
    """Each reason of the table with all its parameters, composed three deep."""
    value = st.sampled_from(["甲", "乙"])

    def of(code: str, inner: st.SearchStrategy[Reason]) -> st.SearchStrategy[Reason]:
        names = holes(REASONS[code].text) - {"because"}
        shapes = dict(re.findall(r"\{(\w+):([^{}]*)\}", REASONS[code].text))
        number = st.integers(0, 9)
        filled = {n: number if shapes.get(n) or n == "count" else value | inner for n in names}
        return st.builds(
            lambda params, because: Reason(code=code, params=params, because=because),
            st.fixed_dictionaries(filled),
            inner,
        )

    def layer(inner: st.SearchStrategy[Reason]) -> st.SearchStrategy[Reason]:
        return st.sampled_from(sorted(REASONS)).flatmap(lambda code: of(code, inner))

    base = st.builds(Reason, code=st.just("a_file"))
    return layer(layer(base))


TERMS = re.compile(
    r"TLS|HTTP|MB|IP|JPEG XL|JPEG|PNG|HEIC|Chromium|pip install|jxl|ycaudit|intranet|"
    r"--allow-private|document\.write|www|"
    r"http|https|g|data"
)
"""Words that Chinese offices write in Latin letters, too, and names of settings."""


@settings(max_examples=400, deadline=None)
@given(any_reason())
def test_no_reason_holds_an_english_word_in_chinese(reason: Reason) -> None:
    left = TERMS.sub("", told(reason))
    assert not re.search(r"[A-Za-z]{2,}", left), (reason.code, left)
    assert "{" not in left, reason.code


OWN_SENTENCES = st.sampled_from(
    [
        *(kind.text for kind in REASONS.values()),
        "interrupted; unknown",
        "Notice: interrupted; unknown",
        "not seen: answered 404",
        "1 unit",
        "mail",
        "; ",
        "⟦mail⟧ {0} {value}",
    ]
)


@settings(max_examples=300, deadline=None)
@given(
    st.text(max_size=60) | OWN_SENTENCES | st.tuples(OWN_SENTENCES, OWN_SENTENCES).map("; ".join)
)
def test_the_words_of_a_page_are_never_altered(text: str) -> None:
    for reason in (
        Reason.of("found", value=text, more=0),
        Reason.of("unverified_code", value=text),
        Reason.of("rule_says", text=text),
        Reason.of("not_seen", because=Reason.of("not_html", type=text)),
    ):
        for language in ("zh", "en", i18n.PSEUDO):
            assert text in told(reason, language)
        assert text in reason.sentence
    assert text in said("{0}: {1}", "x", text, language="zh")


@cache
def uses() -> list[tuple[str, str, frozenset[str]]]:
    """Where a reason is made, its code, and the names of its parameters."""
    return [
        (f"{path}:{line}", code, names)
        for path in messages.SOURCE.rglob("*.py")
        for line, code, names in messages.uses(path)
    ]


def test_a_reason_is_made_with_the_parameters_of_its_sentence() -> None:
    for place, made, names in uses():
        assert made in REASONS, place
        optional = set(re.findall(r"\{(\w+):\?", REASONS[made].text))
        assert holes(REASONS[made].text) - optional <= names, place


def test_the_table_holds_no_reason_that_nobody_gives() -> None:
    given_ = {code for _, code, _ in uses()}
    outside = (p for p in messages.SOURCE.rglob("*.py") if p.name != "reason_table.py")
    sources = "".join(p.read_text("utf-8") for p in outside)
    unused = {code for code in REASONS if code not in given_ and f'"{code}"' not in sources}
    made = {f"{head}{sense}{tail}" for sense in Sense for head, tail in (("no_", ""), ("", "s"))}
    assert unused - made - {f"outcome_{o}" for o in Outcome} <= {
        "observer_static",
        "observer_browser",
    }


def test_a_reason_of_a_newer_program_is_still_readable() -> None:
    assert Reason.model_validate({"code": "from_the_future", "sentence": "x", "new": 1}).sentence


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({}, "en"),
        ({"LANG": "zh_CN.GBK"}, "zh"),
        ({"LC_MESSAGES": "en_US", "LANG": "zh_CN"}, "en"),
        ({"LC_ALL": "zh_TW", "LC_MESSAGES": "en_US"}, "zh"),
        ({"LC_ALL": "", "LANG": "zh"}, "zh"),
        ({"LC_ALL": "C", "LANG": "zh_CN"}, "en"),
        ({"YCAUDIT_LANG": "zh", "LANG": "en_US"}, "zh"),
    ],
)
def test_the_language_is_that_of_the_locale(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], language: str
) -> None:
    monkeypatch.setattr(i18n, "_system_locale", lambda: "")
    assert i18n.wanted(environment) == language


@pytest.mark.parametrize(("system", "language"), [("zh-Hans-CN", "zh"), ("en-CN", "en")])
def test_without_a_locale_the_system_is_asked(
    monkeypatch: pytest.MonkeyPatch, system: str, language: str
) -> None:
    monkeypatch.setattr(i18n, "_system_locale", lambda: system)
    assert i18n.wanted({}) == language
    assert i18n.wanted({"LANG": "C"}) == "en"


def test_papers_for_offices_are_in_chinese_unless_another_language_is_asked_for() -> None:
    assert i18n.official({"LANG": "en_US"}) == "zh"
    assert i18n.official({"LANG": "zh_CN", "YCAUDIT_LANG": "en"}) == "en"


def test_the_program_speaks_both_languages() -> None:
    chinese = ycaudit("show", "/nowhere", "--lang", "zh").stderr
    english = ycaudit("--lang", "en", "show", "/nowhere").stderr
    assert "没有这个文件" in chinese
    assert "no such file" in english
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
        update={"suspicions": (Reason.of("many_unreachable", count=3, units=3),)}
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
    with i18n.in_language(i18n.PSEUDO):
        for observation in observations:
            for rule in rules:
                why = rule.judge(observation).why
                assert why.translated().startswith("⟦"), why


def test_what_is_to_be_done_at_a_terminal_stands_apart_and_can_be_left_out() -> None:
    hint = i18n.Message("run `{0}`", "ycaudit doctor")
    message = i18n.Message("{0}: broken", "a.yaml", hint=hint)
    whole = i18n.Message("{0}: {1}", "b", message)
    assert message == "a.yaml: broken; run `ycaudit doctor`"
    assert pickle.loads(pickle.dumps(message)).hint == hint
    assert said(message, language="en").endswith("broken; run `ycaudit doctor`")
    with i18n.away_from_terminal():
        assert said(message, language="en") == "a.yaml: broken"
        assert said(whole, language="en") == "b: a.yaml: broken"
