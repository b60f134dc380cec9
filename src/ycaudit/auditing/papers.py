"""What official papers say beside the run, gathered for whoever writes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from ycaudit.auditing.pin_images import official_image
from ycaudit.errors import AuditError
from ycaudit.inputs.plan import load_rules, rules_files
from ycaudit.model import ScanRun, Sense
from ycaudit.report.formats import Background
from ycaudit.report.letterhead import Letterhead
from ycaudit.report.models import Model
from ycaudit.rules import Requirement
from ycaudit.runs.decisions import decided
from ycaudit.runs.history import History
from ycaudit.runs.rounds import round_before


def background_of(
    run: ScanRun,
    history: History | None,
    *,
    letterhead: Letterhead,
    template: Path | None = None,
    rules: Sequence[Path] = (),
) -> Background:
    """What papers about this run need. Raises AuditError where the template cannot be read."""
    return Background(
        letterhead=letterhead,
        previous=None if history is None else _previous(run, history),
        template=None if template is None else (str(template), _read(template)),
        official=_official(run, [path for path in rules if path.exists()]),
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
