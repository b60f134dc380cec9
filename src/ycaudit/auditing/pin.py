"""Writes verified payloads into rules files."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from ycaudit.errors import AuditError, InvalidValueError, why_of
from ycaudit.inputs.file_models import RulesFile
from ycaudit.inputs.plan import load_rules, rules_files
from ycaudit.rules import Requirement
from ycaudit.rules.qr import QrRequirement
from ycaudit.rules.spelling import check_payload
from ycaudit.runs.evidence import write_whole

MAX_PAYLOAD = 3000
TURNING = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""What turns the order in which a line is read: YAML does not escape it by itself."""


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


def write_pin(pin: Pin, rules: Iterable[Path]) -> Pinned:
    """Write the payload into the file that holds the requirement; comments and order stay.

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
        document = _round_trip().load(path.read_text(encoding="utf-8-sig"))
        entry = next((r for r in document["requirements"] if r.get("id") == requirement.id), None)
        if entry is not None:
            known = _write_into(entry, pin)
            _save(path, document)
            exhaustive = requirement.exhaustive if pin.exhaustive is None else pin.exhaustive
            return Pinned(path, requirement.id, known, exhaustive is False)
    raise AssertionError("a loaded requirement is in one of the files")


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


def _round_trip() -> Any:
    """A YAML reader and writer that keeps comments, order, quotes and the usual indentation.

    A quoted text that would be read in another order than it stands in is written in escapes.
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.emitter import Emitter

    class ShowingEmitter(Emitter):
        def write_double_quoted(self, text: Any, split: Any = True) -> None:
            self.allow_unicode = not TURNING.search(text)
            super().write_double_quoted(text, split)
            self.allow_unicode = True

    yaml = YAML()
    yaml.Emitter = ShowingEmitter
    yaml.preserve_quotes = True
    yaml.width = 1_000_000  # long lines stay lines
    yaml.indent(mapping=2, sequence=4, offset=2)
    return yaml


def _write_into(entry: Any, pin: Pin) -> bool:
    """Add the payload to the requirement; returns whether it was there already."""
    accepted = entry.setdefault("accept", [])
    same = next((a for a in accepted if a.get("payload") == pin.payload), None)
    if same is None:
        first = not accepted
        accepted.append(_entry(pin))
        if first:
            _move_blank_line(entry, accepted[0])
    else:
        same["source"], same["verified"] = _text(pin.source), pin.verified
    if pin.exhaustive not in (None, entry.get("exhaustive")):
        entry["exhaustive"] = pin.exhaustive
    return same is not None


def _entry(pin: Pin) -> Any:
    from ruamel.yaml.comments import CommentedMap

    return CommentedMap(payload=_text(pin.payload), source=_text(pin.source), verified=pin.verified)


def _text(text: str) -> str:
    """As ruamel.yaml takes it, which refuses subclasses of str, such as a Message."""
    from ruamel.yaml.scalarstring import DoubleQuotedScalarString

    return DoubleQuotedScalarString(text) if TURNING.search(text) else str(text)


def _move_blank_line(entry: Any, added: Any) -> None:
    """Move the blank line after `accept: []  # comment` behind the added entry."""
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
        raise AuditError("{0}: cannot be written: {1}", path, why_of(error)) from error


def _plain(value: Any) -> Any:
    """The lists and mappings of ruamel.yaml as plain ones."""
    if isinstance(value, Mapping):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return value
