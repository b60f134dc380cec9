"""Runs and histories of version 0.1 are read: their sentences stay, their names are today's."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from ycaudit.model import BlindSpot, Evidence, Outcome, Page
from ycaudit.runs.format_1 import read_report, read_run
from ycaudit.runs.history import LAST, opened

FILE = Path(__file__).parent / "format_1.json"


def document() -> Any:
    return json.loads(FILE.read_text(encoding="utf-8"))


def test_a_run_keeps_its_outcomes_and_its_sentences() -> None:
    run = read_run(FILE.read_bytes())
    old = document()
    assert run.format == 2
    assert [r.outcome for r in run.reports] == [r["outcome"] for r in old["reports"]]
    for report, before in zip(run.reports, old["reports"], strict=True):
        assert [v.reason for v in report.verdicts] == [v["reason"] for v in before["verdicts"]]
        assert {v.reason_code for v in report.verdicts} == {"legacy"}


def with_files(report: Any) -> Any:
    """The report as a run with an evidence folder had it."""
    for number, item in enumerate(report["verdicts"][0]["evidence"]):
        item["proof"] = f"{number}.png"
    for spot in report["sights"][0]["blind_spots"]:
        spot["proof"] = "spot.png"
    return report


def test_what_was_called_proof_is_the_file_of_the_evidence_and_of_the_blind_spot() -> None:
    report = read_report(json.dumps(with_files(document()["reports"][3])))
    (observation,) = report.observations
    assert isinstance(observation, Page)
    assert [e.file for e in report.verdicts[0].evidence] == ["0.png"]
    assert [spot.file for spot in observation.blind_spots] == ["spot.png"]
    assert not {"proof", "exhibits"} & (Evidence.model_fields.keys() | BlindSpot.model_fields)


def test_exhibits_are_evidence_files() -> None:
    old = document()["reports"][0]
    old["sights"][0]["exhibits"] = [{"kind": "html", "file": "a.html.txt", "of": None}]
    (observation,) = read_report(json.dumps(old)).observations
    assert isinstance(observation, Page)
    assert [e.file for e in observation.evidence_files] == ["a.html.txt"]


def test_a_decision_of_a_person_stays() -> None:
    decisions = [v.decision for r in read_run(FILE.read_bytes()).reports for v in r.verdicts]
    (decision,) = filter(None, decisions)
    assert (decision.outcome, decision.machine) == (Outcome.FAIL, Outcome.UNDETERMINED)


@pytest.mark.parametrize("change", [{"format": 3}, {"reports": None}, {"id": None}])
def test_what_is_of_no_format_is_refused_by_todays(change: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        read_run(json.dumps(document() | change))


def test_a_history_that_0_1_wrote_is_read_and_goes_on(tmp_path: Path) -> None:
    file = tmp_path / "history.sqlite3"
    shutil.copy(FILE.with_suffix(".sqlite3"), file)
    old = document()
    with opened(file) as history:
        run = history.load(LAST)
        assert run.id == old["id"]
        for report, before in zip(run.reports, old["reports"], strict=True):
            assert [v.reason for v in report.verdicts] == [v["reason"] for v in before["verdicts"]]
        assert [r.outcome for r in run.reports.briefs()] == [r["outcome"] for r in old["reports"]]
        history.save(run.model_copy(update={"id": "20260616T120000.000000Z"}))
        assert len(list(history.entries())) == 2
