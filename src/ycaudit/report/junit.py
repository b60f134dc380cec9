"""JUnit XML for the test reports of CI servers: a suite per unit, a case per requirement."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from datetime import UTC
from typing import IO
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from ycaudit.i18n import Message
from ycaudit.model import Outcome, ScanRun, UnitReport, Verdict
from ycaudit.report.rows import clean, described, suspicion_lines

# `clean` keeps them as they are no controls, but XML 1.0 cannot represent them.
_NOT_XML = re.compile("[\ufffe\uffff]")
_TAG = {Outcome.FAIL: "failure", Outcome.UNDETERMINED: "error", Outcome.WAIVED: "skipped"}


def render(run: ScanRun, out: IO[bytes]) -> None:
    """Write the elements and attributes of Jenkins' junit-10.xsd, which other servers read, too."""
    root = Element("testsuites", name=_text(run.rules.name))
    _count(root, (verdict for report in run.reports.briefs() for verdict in report.verdicts))
    lines = suspicion_lines(run)
    if lines:
        root.set("tests", str(int(root.get("tests", 0)) + 1))
        root.set("errors", str(int(root.get("errors", 0)) + 1))
    root.set("time", _seconds(sum(report.seconds for report in run.reports.briefs())))
    root.text = "\n"
    head, tail = tostring(root, encoding="unicode").rsplit("</", 1)
    out.write(f"<?xml version='1.0' encoding='utf-8'?>\n{head}".encode())
    # Suite by suite: the tree of a hundred thousand units would not fit into memory.
    if lines:
        _write(_suspect(lines), out)
    for report in run.reports.briefs():
        _write(_suite(run, report), out)
    out.write(f"</{tail}".encode())


def _write(suite: Element, out: IO[bytes]) -> None:
    indent(suite, level=1)
    out.write(b"  " + tostring(suite, encoding="utf-8") + b"\n")


def _suspect(lines: list[str]) -> Element:
    """A suite with an error where the self-test of the auditor failed."""
    suite = Element("testsuite", name="ycaudit", tests="1", failures="0", errors="1", skipped="0")
    case = SubElement(suite, "testcase", classname="ycaudit", name="control")
    error = SubElement(case, "error", message=_text(lines[0]), type="suspect")
    error.text = "\n".join(map(_text, lines))
    return suite


def _suite(run: ScanRun, report: UnitReport) -> Element:
    target = report.target
    suite = Element("testsuite", name=_text(target.name))
    _count(suite, report.verdicts)
    suite.set("skipped", str(sum(_tag(verdict) == "skipped" for verdict in report.verdicts)))
    suite.set("time", _seconds(report.seconds))
    # In UTC without an offset: the schema of Ant refuses time zones.
    suite.set("timestamp", run.started_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S"))
    properties = SubElement(suite, "properties")
    SubElement(properties, "property", name="url", value=_text(target.url))
    suite.extend(_case(target.id, verdict) for verdict in report.verdicts)
    return suite


def _count(element: Element, verdicts: Iterable[Verdict]) -> None:
    tags = Counter(map(_tag, verdicts))
    element.set("tests", str(tags.total()))
    element.set("failures", str(tags["failure"]))
    element.set("errors", str(tags["error"]))


def _case(unit: str, verdict: Verdict) -> Element:
    case = Element("testcase", classname=_text(unit), name=_text(verdict.name))
    tag = _tag(verdict)
    if tag is not None:
        _explain(SubElement(case, tag, message=_text(verdict.reason)), verdict)
    elif verdict.outcome is not Outcome.PASS:
        SubElement(case, "system-out").text = _detail(verdict)
    return case


def _tag(verdict: Verdict) -> str | None:
    """The elements of a case; only duties fail a build, as only they decide the outcome."""
    advice = verdict.level == "should" and verdict.outcome is not Outcome.WAIVED
    return None if advice else _TAG.get(verdict.outcome)


def _explain(element: Element, verdict: Verdict) -> None:
    if verdict.outcome is Outcome.WAIVED:
        return
    element.set("type", verdict.outcome)
    element.text = _detail(verdict)


def _detail(verdict: Verdict) -> str:
    """The reason, the near misses and the evidence, a line each."""
    near = [Message("near: {0}", described(evidence)) for evidence in verdict.near]
    found = [Message("evidence: {0}", described(evidence)) for evidence in verdict.evidence]
    return "\n".join(map(_text, [f"{verdict.outcome}: {verdict.reason}", *near, *found]))


def _text(text: str) -> str:
    return _NOT_XML.sub("", clean(text))


def _seconds(seconds: float) -> str:
    return f"{seconds:.3f}"
