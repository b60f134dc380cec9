"""Writes verified payloads into rules files."""

from __future__ import annotations

import codecs
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from ycaudit.auditing.pin_text import NotInPlaceError, RulesText
from ycaudit.errors import AuditError, InvalidValueError, why_of
from ycaudit.inputs.plan import load_rules, rules_files
from ycaudit.rules import Requirement
from ycaudit.rules.qr import QrRequirement
from ycaudit.rules.spelling import check_payload
from ycaudit.runs.evidence import write_whole

MAX_PAYLOAD = 3000


@dataclass(frozen=True, slots=True)
class Pin:
    """A payload to write into a rules file."""

    requirement: str
    """Its id, or its name where no other has it."""
    payload: str
    source: str
    verified: date
    exhaustive: bool | None = None
    """Whether all codes of the requirement are known now; None keeps the value in the file."""
    keeps_source: bool = False
    """Whether the source of a payload that the file has already as verified stays."""


@dataclass(frozen=True, slots=True)
class Pinned:
    """The result of `write_pin`."""

    file: Path
    requirement: str
    """Its id."""
    known: bool
    """Whether the file had the payload already, so that only source and date changed."""
    partly: bool
    """Whether the file still has `exhaustive: false`: other codes stay undetermined."""
    replaced: str = ""
    """The source that stood there and was replaced."""


def write_pin(pin: Pin, rules: Iterable[Path]) -> Pinned:
    """Write the payload into the file that holds the requirement; all else stays as it was.

    Raises AuditError where no file holds it, where it is of another kind, or where the file cannot
    be written.
    """
    paths = list(rules)
    requirements, _ = load_rules(paths)  # raises for every problem of the files first
    requirement = _of_kind_qr(pin.requirement, requirements)
    if len(pin.payload) > MAX_PAYLOAD or not pin.payload.strip():
        raise AuditError("a payload has 1 to {0} characters", MAX_PAYLOAD)
    try:
        check_payload(pin.payload)
    except InvalidValueError as error:
        raise AuditError(error.message) from error
    for path in rules_files(paths):
        data = path.read_bytes()
        rules_text = RulesText(data.decode("utf-8-sig"), requirement.id)
        if rules_text.holds_it:
            known, replaced = _write_into(rules_text, pin)
            mark = codecs.BOM_UTF8 if data.startswith(codecs.BOM_UTF8) else b""
            _save(path, rules_text, mark)
            exhaustive = requirement.exhaustive if pin.exhaustive is None else pin.exhaustive
            return Pinned(path, requirement.id, known, exhaustive is False, replaced)
    raise AssertionError("a loaded requirement is in one of the files")


def _write_into(rules_text: RulesText, pin: Pin) -> tuple[bool, str]:
    """Add the payload, or renew it; returns whether it was there, and the source replaced."""
    source, verified = str(pin.source), pin.verified.isoformat()
    known = rules_text.form(pin.payload)
    former = known.get("source", "") if known is not None else ""
    if known is None:
        rules_text.add({"payload": pin.payload, "source": source, "verified": verified})
    elif pin.keeps_source and former and known.get("verified", "").lower() not in _UNVERIFIED:
        source = former
        rules_text.renew(pin.payload, {"verified": verified})
    else:
        rules_text.renew(pin.payload, {"source": source, "verified": verified})
    if pin.exhaustive is not None:
        rules_text.set_exhaustive(exhaustive=pin.exhaustive)
    return known is not None, former if former != source else ""


_UNVERIFIED = ("false", "no")


def _save(path: Path, rules_text: RulesText, mark: bytes) -> None:
    try:
        rules_text.check()
    except NotInPlaceError as error:
        raise AuditError(
            "{0}: & and * share what this requirement accepts with another place; write it out "
            "there, then pin again",
            path,
        ) from error
    try:
        write_whole(path, mark + rules_text.text.encode())
    except OSError as error:
        raise AuditError("{0}: cannot be written: {1}", path, why_of(error)) from error


def _of_kind_qr(wanted: str, requirements: Iterable[Requirement]) -> QrRequirement:
    known = list(requirements)
    fitting = [r for r in known if r.id == wanted] or [r for r in known if r.name == wanted]
    if not fitting:
        ids = ", ".join(each.id for each in known)
        raise AuditError("no requirement {0!r}; the rules have {1}", wanted, ids)
    if len(fitting) > 1:
        raise AuditError("{0!r} may be several: write the id", wanted)
    (found,) = fitting
    if not isinstance(found, QrRequirement):
        raise AuditError("{0!r} asks for a {1}, not for a code: nothing to pin", wanted, found.kind)
    return found
