"""SARIF 2.1.0 for code scanning: each failure is located at its unit in the list of units."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import IO, Any
from urllib.parse import quote

from ycaudit.model import Listed, Outcome, ScanRun, Target
from ycaudit.report.rows import Row, clean, columns, rows, suspicion_lines

Object = dict[str, Any]

SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
UNKNOWN = Listed(file="targets.yaml")
"""The place of a unit that is in no list: code scanning refuses a result without a file."""

_DRIVE = re.compile(r"[A-Za-z]:/")


def render(run: ScanRun, out: IO[bytes]) -> None:
    """Write a log with one run, its two long lists piece by piece."""
    names = columns(run)
    order = {requirement: index for index, requirement in enumerate(names)}
    frame = _text({"$schema": SCHEMA, "version": "2.1.0", "runs": [_run(run, names)]})
    before, between, after = frame.rsplit("[]", 2)
    out.write(before.encode())
    out.writelines(_listed(_notifications(run, order), "      "))
    out.write(between.encode())
    out.writelines(_listed(_results(rows(run), order), "    "))
    out.write(f"{after}\n".encode())


def _text(part: Object) -> str:
    return json.dumps(part, ensure_ascii=False, indent=1, allow_nan=False)


def _listed(items: Iterable[Object], margin: str) -> Iterator[bytes]:
    """The items of an array, each behind this margin."""
    begin = "["
    for item in items:
        yield f"{begin}\n{margin}".encode() + _text(item).replace("\n", f"\n{margin}").encode()
        begin = ","
    yield b"[]" if begin == "[" else f"\n{margin[:-1]}]".encode()


def _run(run: ScanRun, names: Mapping[str, str]) -> Object:
    """The run, but for what is in its two long lists: they are the last that are empty."""
    return {
        "tool": {"driver": _driver(run, names)},
        "invocations": [_invocation(run)],
        "columnKind": "unicodeCodePoints",
        "results": [],
    }


def _driver(run: ScanRun, names: Mapping[str, str]) -> Object:
    rules = [_rule(requirement, name) for requirement, name in names.items()]
    return {"name": clean(run.tool.name), "version": clean(run.tool.version), "rules": rules}


def _rule(requirement: str, name: str) -> Object:
    return {
        "id": clean(requirement),
        "name": clean(name),
        "shortDescription": {"text": _inert(clean(name))},
    }


def _invocation(run: ScanRun) -> Object:
    return {
        "executionSuccessful": run.complete and not run.is_suspect,
        "startTimeUtc": _utc(run.started_at),
        "endTimeUtc": _utc(run.finished_at),
        "toolExecutionNotifications": [],
    }


def _notifications(run: ScanRun, order: dict[str, int]) -> Iterator[Object]:
    """Undetermined verdicts are notifications, as they are no findings."""
    for text in suspicion_lines(run):
        yield {"level": "error", "message": {"text": _inert(text)}}
    for row in rows(run):
        if row.verdict.outcome is Outcome.UNDETERMINED:
            yield _notification(row, order)


def _notification(row: Row, order: dict[str, int]) -> Object:
    requirement = row.verdict.requirement
    return {
        "level": "warning",
        "message": {"text": _message(row)},
        "locations": [_location(row.report.target)],
        "associatedRule": {"id": clean(requirement), "index": order[requirement]},
    }


def _results(verdicts: Iterable[Row], order: dict[str, int]) -> Iterator[Object]:
    for row in verdicts:
        # Waived verdicts are left out: code hosts show every result as an open alert.
        if row.verdict.outcome is Outcome.FAIL:
            yield _result(row, order, "error" if row.verdict.level == "must" else "warning")


def _result(row: Row, order: dict[str, int], level: str) -> Object:
    requirement = row.verdict.requirement
    return {
        "ruleId": clean(requirement),
        "ruleIndex": order[requirement],
        "kind": "fail",
        "level": level,
        "message": {"text": _message(row)},
        "locations": [_location(row.report.target)],
        "partialFingerprints": {"unitRequirement/v1": _fingerprint(row)},
    }


def _message(row: Row) -> str:
    target = row.report.target
    who = f"{clean(target.name, 80)} ({clean(target.url, 200)})"
    return _inert(f"{who}: {clean(row.verdict.reason)}")


def _inert(text: str) -> str:
    """Text in which no [words](address) becomes a link (SARIF 3.11.6)."""
    return re.sub(r"([\\\[\]])", r"\\\1", text)


def _location(target: Target) -> Object:
    listed = target.listed or UNKNOWN
    region = {"startLine": max(1, listed.line or 1)}
    return {"physicalLocation": {"artifactLocation": {"uri": uri(listed.file)}, "region": region}}


def uri(file: str) -> str:
    """The file as a relative or file: reference, never a web address."""
    path = file.replace("\\", "/").removeprefix("./")
    if _DRIVE.match(path):
        return f"file:///{path[:2]}{_quoted(path[2:])}"
    if path.startswith("/"):
        return f"file:///{_quoted(path.lstrip('/'))}"  # two slashes would start a host name
    return _quoted(path) or UNKNOWN.file


def _quoted(path: str) -> str:
    return quote(path, safe="/", errors="replace")


def _fingerprint(row: Row) -> str:
    """Identifies the finding in every run, wherever its unit is in the list."""
    key = f"{row.report.target.id}\0{row.verdict.requirement}"
    return sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
