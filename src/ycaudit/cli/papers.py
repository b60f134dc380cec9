"""What official papers say beside the run, gathered for the commands that write them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path

from ycaudit import office_time
from ycaudit.auditing.pin_images import official_image
from ycaudit.cli import console, office_tables
from ycaudit.errors import AuditError
from ycaudit.i18n import Message
from ycaudit.inputs.plan import load_rules, rules_files
from ycaudit.model import ScanRun, Sense
from ycaudit.report.formats import NO_BACKGROUND, Background
from ycaudit.report.letterhead import Letterhead
from ycaudit.report.models import Model
from ycaudit.report.outputs import Outputs
from ycaudit.rules import Requirement
from ycaudit.runs.availability import Availability
from ycaudit.runs.cases import Known, cases_of
from ycaudit.runs.decisions import decided
from ycaudit.runs.diff import is_unseen
from ycaudit.runs.hearings import unheard
from ycaudit.runs.history import History, opened
from ycaudit.runs.rounds import round_before


def background(
    run: ScanRun,
    outputs: Outputs,
    *,
    history: Path,
    template: Path | None = None,
    rules: Sequence[Path] = (),
) -> Background:
    """What the outputs need beside the run; nothing is read where they need nothing.

    Raises AuditError where the template cannot be read.
    """
    if not outputs.looks_back:
        return NO_BACKGROUND
    # The history is not made for this.
    with opened(history) if history.exists() else nullcontext(None) as kept:
        if not outputs.has_papers:
            return Background(availability=_availability(run, kept))
        return gathered(run, kept, template=template, rules=rules)


def gathered(
    run: ScanRun,
    history: History | None,
    *,
    template: Path | None = None,
    rules: Sequence[Path] = (),
) -> Background:
    """What papers about this run need. Raises AuditError where the template cannot be read."""
    head = office_tables.letterhead()
    _tell_of_deadline(head, run)
    return Background(
        letterhead=head,
        previous=None if history is None else _previous(run, history),
        template=None if template is None else (str(template), _read(template)),
        official=_official(run, [path for path in rules if path.exists()]),
        availability=_availability(run, history),
        hearing=office_tables.hearing(),
        unheard=_unheard(run, history),
    )


def _unheard(run: ScanRun, history: History | None) -> tuple[Message, ...]:
    """Which failing units are still to be heard, as of today."""
    hearing, today = office_tables.hearing(), office_time.today()
    known = Known() if history is None else history.known()
    cases = cases_of(run, known, hearing, today)
    return tuple(unheard(run, cases, hearing, today))


def _availability(run: ScanRun, history: History | None) -> Mapping[str, Availability]:
    """Up to the end of the run, of the sites that it could not see."""
    unseen = [report.target for report in run.reports.briefs() if is_unseen(report)]
    if history is None or not unseen:
        return {}
    threshold = office_tables.threshold()
    return history.availability(unseen, until=run.finished_at, threshold=threshold)


def _tell_of_deadline(head: Letterhead, run: ScanRun) -> None:
    if head.deadline and head.deadline <= office_time.today(run.finished_at):
        console.notice(
            "the deadline {0} of [letter] is not after this check: it is left blank in the papers",
            head.deadline,
        )


def _read(template: Path) -> bytes:
    try:
        return template.read_bytes()
    except OSError as error:
        raise AuditError("{0}: cannot be read: {1}", template, error.strerror) from error


def _previous(run: ScanRun, history: History) -> ScanRun | None:
    """The run of the round before, with what people decided."""
    found = round_before(history, run)
    return None if found is None else decided(found, history.decisions())


def _official(run: ScanRun, rules: Sequence[Path]) -> Mapping[str, Model]:
    """What the rules name as official, where they are those by which the run was judged."""
    if not rules:
        return {}
    requirements, policy = load_rules(list(rules))
    if policy.sha256 != run.rules.sha256:
        return {}
    folders = list(dict.fromkeys(file.parent for file in rules_files(rules)))
    found = {r.id: _model(r, folders) for r in requirements if r.expect == "present"}
    return {key: model for key, model in found.items() if model is not None}


def _model(requirement: Requirement, folders: Sequence[Path]) -> Model | None:
    forms = (a.example() for a in requirement.accept if a.is_proof)
    value = next(filter(None, forms), None)
    if value is None:
        return None
    is_code = Sense.QR_CODE in requirement.needs
    pictures = (official_image(folder, requirement.id, value) for folder in folders)
    return Model(value, is_code, next(filter(None, pictures), None) if is_code else None)
