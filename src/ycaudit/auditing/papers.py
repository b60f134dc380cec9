"""What official papers say beside the run, gathered for whoever writes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from ycaudit.auditing.pin_images import official_image
from ycaudit.auditing.questions import calls_of
from ycaudit.errors import AuditError, why_of
from ycaudit.i18n import Message
from ycaudit.inputs.plan import load_rules, rules_files
from ycaudit.model import ScanRun, Sense
from ycaudit.report.formats import Background
from ycaudit.report.letterhead import Letterhead
from ycaudit.report.models import Model, Words
from ycaudit.rules import Requirement
from ycaudit.rules.text import TextRequirement
from ycaudit.runs.availability import Availability
from ycaudit.runs.cases import Known, cases_of
from ycaudit.runs.decisions import decided
from ycaudit.runs.diff import is_unseen
from ycaudit.runs.hearings import unheard
from ycaudit.runs.history import History
from ycaudit.runs.office_settings import Hearing, Threshold
from ycaudit.runs.rounds import as_stated, failed_twice, round_before


@dataclass(frozen=True, slots=True)
class Office:
    """What an office has set about its papers."""

    letterhead: Letterhead = field(default_factory=Letterhead)
    hearing: Hearing = field(default_factory=Hearing)
    threshold: Threshold | None = None
    template: Path | None = None
    """A Word document of its own for circulars."""
    rules: Sequence[Path] = ()
    """Where what is official stands."""


def background_of(
    run: ScanRun, history: History | None, office: Office, *, today: date
) -> Background:
    """What papers about this run need. Raises AuditError where the template cannot be read."""
    previous, repeated = _round_before(run, history, office.hearing.persons)
    rules = [path for path in office.rules if path.exists()]
    requirements = _asked_for(run, rules)
    return Background(
        letterhead=office.letterhead,
        previous=previous,
        repeated=repeated,
        template=None
        if office.template is None
        else (str(office.template), template_of(office.template)),
        official=_official(requirements, rules),
        words=_words(requirements),
        availability=availability_of(run, history, office.threshold),
        hearing=office.hearing,
        unheard=unheard_of(run, history, office.hearing, today),
        calls=calls_of(run, history),
    )


def unheard_of(
    run: ScanRun, history: History | None, hearing: Hearing, today: date
) -> tuple[Message, ...]:
    """Which failing units are still to be heard, and why."""
    known = Known() if history is None else history.known()
    cases = cases_of(run, known, hearing, today)
    return tuple(unheard(run, cases, hearing, today))


def availability_of(
    run: ScanRun, history: History | None, threshold: Threshold | None
) -> Mapping[str, Availability]:
    """Up to the end of the run, of the sites that it could not see."""
    unseen = [report.target for report in run.reports.briefs() if is_unseen(report)]
    if history is None or not unseen:
        return {}
    return history.availability(unseen, until=run.finished_at, threshold=threshold)


def template_of(template: Path) -> bytes:
    """The office's own document. Raises AuditError where it cannot be read."""
    try:
        return template.read_bytes()
    except OSError as error:
        raise AuditError("{0}: cannot be read: {1}", template, why_of(error)) from error


def _round_before(
    run: ScanRun, history: History | None, persons: int
) -> tuple[ScanRun | None, frozenset[str]]:
    """The round before as it was stated, and which sites failed in it, too, as is known now."""
    before = None if history is None else round_before(history, run)
    if history is None or before is None:
        return None, frozenset()
    known = decided(before, history.decisions())
    notified = history.past(before=run).notified
    return as_stated(history, before, run), failed_twice(run, known, notified, persons)


def _asked_for(run: ScanRun, rules: Sequence[Path]) -> Sequence[Requirement]:
    """What must be there by the rules, where they are those by which the run was judged."""
    if not rules:
        return ()
    requirements, policy = load_rules(list(rules))
    is_same = policy.sha256 == run.rules.sha256
    return [r for r in requirements if is_same and r.expect == "present"]


def _official(requirements: Sequence[Requirement], rules: Sequence[Path]) -> Mapping[str, Model]:
    """What the rules name as official."""
    folders = list(dict.fromkeys(file.parent for file in rules_files(rules)))
    found = {r.id: model_of(r, folders) for r in requirements}
    return {key: model for key, model in found.items() if model is not None}


def _words(requirements: Sequence[Requirement]) -> Mapping[str, Words]:
    """The texts that the rules ask for: one that the rules write, else an example of a pattern."""
    found: dict[str, Words] = {}
    for requirement in requirements:
        if isinstance(requirement, TextRequirement):
            forms = [form for form in requirement.accept if form.is_proof and form.example()]
            best = next(iter(sorted(forms, key=lambda form: form.text is None)), None)
            if best is not None:
                found[requirement.id] = Words(best.example() or "", best.text is None)
    return found


def model_of(requirement: Requirement, folders: Sequence[Path]) -> Model | None:
    """What the rules name as official for it, with the picture in one of these folders of rules."""
    value = requirement.example()
    if value is None or Sense.TEXT in requirement.needs:  # words are each unit's own
        return None
    is_code = Sense.QR_CODE in requirement.needs
    pictures = (official_image(folder, requirement.id, value) for folder in folders)
    return Model(value, is_code, next(filter(None, pictures), None) if is_code else None)
