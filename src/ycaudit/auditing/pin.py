"""From a code to a verified rule: writes payloads into rules files; finds candidates in a run."""

from __future__ import annotations

import io
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from ycaudit.errors import AuditError
from ycaudit.i18n import Message
from ycaudit.inputs.file_models import RulesFile
from ycaudit.inputs.plan import load_rules, rules_files
from ycaudit.model import (
    Page,
    QrCode,
    ScanRun,
    UnitReport,
)
from ycaudit.rules import Requirement
from ycaudit.rules.platforms import WECHAT_HOST, WEIBO_HOSTS
from ycaudit.rules.qr import QrRequirement
from ycaudit.runs.evidence import write_whole
from ycaudit.url import parse_web_url

MAX_PAYLOAD = 3000
MAX_CANDIDATES = 5

# Words of a caption or a name, and the hosts of the codes that usually stand under them. For the
# order of candidates only: nothing is proven by it.
_PLATFORMS = (
    ("微信", frozenset({WECHAT_HOST})),
    ("wechat", frozenset({WECHAT_HOST})),
    ("微博", WEIBO_HOSTS | {"qr.weibo.cn"}),
    ("weibo", WEIBO_HOSTS | {"qr.weibo.cn"}),
)


@dataclass(frozen=True, slots=True)
class Pin:
    """What is written into a rules file."""

    requirement: str
    payload: str
    source: str
    verified: date
    exhaustive: bool | None = None
    """Whether the requirement's codes are all known now; None leaves what the file says."""


@dataclass(frozen=True, slots=True)
class Pinned:
    """What came of it."""

    file: Path
    known: bool
    """The file had the payload already; only source and date are new."""
    partly: bool
    """The file still says `exhaustive: false`: other codes stay in doubt."""


def pin(order: Pin, rules: Iterable[Path]) -> Pinned:
    """Write the payload into the file that holds the requirement, comments and order kept.

    Raises AuditError where no file holds it, where it is of another kind, or where the file cannot
    be written.
    """
    paths = list(rules)
    requirements, _ = load_rules(paths)  # every problem of the files is told first
    requirement = _of_kind_qr(order.requirement, requirements)
    if len(order.payload) > MAX_PAYLOAD or not order.payload.strip():
        raise AuditError("a payload has 1 to {0} characters", MAX_PAYLOAD)
    for path in rules_files(paths):
        document = _round_trip().load(path.read_text(encoding="utf-8-sig"))
        entry = next(
            (r for r in document["requirements"] if r.get("id") == order.requirement), None
        )
        if entry is not None:
            known = _write_into(entry, order)
            _save(path, document)
            exhaustive = requirement.exhaustive if order.exhaustive is None else order.exhaustive
            return Pinned(path, known, not exhaustive)
    raise AssertionError(Message("a requirement that was loaded stands in one of the files"))


def _of_kind_qr(wanted: str, requirements: Iterable[Requirement]) -> QrRequirement:
    known = {requirement.id: requirement for requirement in requirements}
    found = known.get(wanted)
    if found is None:
        raise AuditError("no requirement {0!r}; the rules have {1}", wanted, ", ".join(known))
    if not isinstance(found, QrRequirement):
        raise AuditError("{0!r} asks for a {1}, not for a code: nothing to pin", wanted, found.kind)
    return found


def _round_trip() -> Any:
    """A YAML reader and writer that keeps comments, order, quotes and the usual indentation."""
    from ruamel.yaml import YAML

    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 1_000_000  # long lines stay lines
    yaml.indent(mapping=2, sequence=4, offset=2)
    return yaml


def _write_into(entry: Any, order: Pin) -> bool:
    """Add the payload to the requirement; whether it was there already."""
    accepted = entry.setdefault("accept", [])
    same = next((a for a in accepted if a.get("payload") == order.payload), None)
    if same is None:
        first = not accepted
        accepted.append(_entry(order))
        if first:
            _move_blank_line(entry, accepted[0])
    else:
        same["source"], same["verified"] = order.source, order.verified
    if order.exhaustive not in (None, entry.get("exhaustive", True)):
        entry["exhaustive"] = order.exhaustive
    return same is not None


def _entry(order: Pin) -> Any:
    from ruamel.yaml.comments import CommentedMap

    return CommentedMap(payload=order.payload, source=order.source, verified=order.verified)


def _move_blank_line(entry: Any, added: Any) -> None:
    """A blank line after `accept: []  # comment` belongs behind what now stands below it."""
    comment = (entry.ca.items.get("accept") or [None] * 3)[2]
    if comment is not None and comment.value.endswith("\n\n"):
        comment.value = comment.value.rstrip("\n") + "\n"
        added.yaml_add_eol_comment("\n", "verified")
        added.ca.items["verified"][2].value = "\n\n"


def _save(path: Path, document: Any) -> None:
    out = io.StringIO()
    _round_trip().dump(document, out)
    RulesFile.model_validate(_plain(document))  # never leave a broken file behind
    try:
        write_whole(path, out.getvalue().encode())
    except OSError as error:
        raise AuditError("{0}: cannot be written: {1}", path, error.strerror) from error


def _plain(value: Any) -> Any:
    """Lists and mappings of the writer as plain ones."""
    if isinstance(value, Mapping):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return value


# --- candidates ----------------------------------------------------------------------------------


@dataclass(slots=True)
class Candidate:
    """A payload that units show, and how well it fits the requirement."""

    payload: str
    units: list[str] = field(default_factory=list)
    """Names of the independent units that show it: those of one host count once."""
    labelled: int = 0
    """How many of them show it under a caption that the requirement expects."""
    fits: bool = False
    """Whether it is of the platform that the requirement names."""
    captions: list[str] = field(default_factory=list)
    file: str | None = None
    """The code cut out of a page, in the evidence folder."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What a person may choose from, the likeliest first."""

    requirement: QrRequirement
    candidates: tuple[Candidate, ...]


def unpinned(requirement: Requirement) -> str | None:
    """Why a requirement cannot pass or fail every unit; None where it can."""
    if not isinstance(requirement, QrRequirement):
        return None
    if not any(accept.is_proof for accept in requirement.accept):
        return Message("has no verified payload, so it stays undetermined until it is pinned")
    if not requirement.exhaustive:
        return Message("not all forms of its code are known, so it can pass, but hardly fail")
    return None


def suggest(run: ScanRun, requirements: Iterable[Requirement]) -> Iterator[Suggestion]:
    """For every unpinned requirement the payloads that were seen, by how many units."""
    known = list(requirements)
    shown = list(_shown(run))
    for requirement in known:
        if not isinstance(requirement, QrRequirement) or unpinned(requirement) is None:
            continue
        taken = [a for other in known if other.id != requirement.id for a in other.accept]
        free = [s for s in shown if not any(a.matches(s.code.payload) for a in taken)]
        candidates = _candidates(requirement, free)
        yield Suggestion(requirement, tuple(candidates[:MAX_CANDIDATES]))


@dataclass(frozen=True, slots=True)
class _Shown:
    """One code on one unit's page."""

    report: UnitReport
    code: QrCode
    file: str | None

    @property
    def host(self) -> str:
        found = parse_web_url(self.report.target.url)
        return found.host if found else self.report.target.url


def _shown(run: ScanRun) -> Iterator[_Shown]:
    for report in run.reports:
        files = {
            evidence.value: evidence.file
            for verdict in report.verdicts
            for evidence in (*verdict.evidence, *verdict.near)
        }
        pages = (
            observation for observation in report.observations if isinstance(observation, Page)
        )
        codes = {code.payload: code for page in pages for code in page.qr_codes}
        for payload, code in codes.items():
            if code.visible.counts and not code.where.in_comment and not _is_own(report, payload):
                yield _Shown(report, code, files.get(payload))


def _is_own(report: UnitReport, payload: str) -> bool:
    """Whether it is the address of the page itself, as share widgets draw it."""
    here, there = parse_web_url(report.target.url), parse_web_url(payload)
    return here is not None and there is not None and here.host == there.host


def _candidates(requirement: QrRequirement, shown: Iterable[_Shown]) -> list[Candidate]:
    words = (requirement.name, *requirement.labels)
    found: dict[str, Candidate] = {}
    hosts: dict[str, set[str]] = defaultdict(set)
    for one in shown:
        payload = one.code.payload
        candidate = found.setdefault(payload, Candidate(payload, fits=_fits(words, payload)))
        if one.host in hosts[payload]:
            continue
        hosts[payload].add(one.host)
        candidate.units.append(one.report.target.name)
        candidate.labelled += any(word in one.code.label for word in words)
        candidate.file = candidate.file or one.file
        if one.code.label and one.code.label not in candidate.captions:
            candidate.captions.append(one.code.label)
    likely = (c for c in found.values() if c.fits or c.labelled)
    return sorted(likely, key=lambda c: (-c.fits, -c.labelled, -len(c.units), c.payload))


def _fits(words: Iterable[str], payload: str) -> bool:
    """Whether the payload is of the platform that the words name; of none named, any other."""
    text = " ".join(words).lower()
    found = parse_web_url(payload)
    host = found.host if found else ""
    named = [hosts for word, hosts in _PLATFORMS if word in text]
    if not named:
        return not any(host in hosts for _, hosts in _PLATFORMS)
    return any(host in hosts for hosts in named)
