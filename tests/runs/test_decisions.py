"""Human decisions: marked as such, and gone when the page shows something else."""

from __future__ import annotations

import io
from datetime import timedelta
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook
from pydantic import ValidationError

from support.history import run
from support.pages import NOON, link, page, unseen
from ycaudit.cli import review
from ycaudit.errors import AuditError
from ycaudit.model import Decision, MemoryReports, Outcome, ScanRun
from ycaudit.report.formats import FORMATS
from ycaudit.report.outputs import Naming, Outputs
from ycaudit.report.review_sheet import read_reviews
from ycaudit.report.rows import REVIEW_SHEET
from ycaudit.rules.judge import Unit
from ycaudit.rules.link import LinkRequirement
from ycaudit.rules.matchers import Accept
from ycaudit.runs.decisions import decided, fingerprint, page_of, unconfirmed
from ycaudit.runs.history import opened


def decision(whole: ScanRun, outcome: Outcome, note: str = "看过") -> Decision:
    return Decision(
        outcome=outcome, by="王敏", at=NOON, note=note, page=fingerprint(whole.reports[0])
    )


def test_a_decision_settles_what_was_undetermined_and_says_whose_it_is() -> None:
    whole = run(0, a="?", b="?")
    told = decided(whole, {("a", "p"): [decision(whole, Outcome.PASS)]})
    (verdict,) = told.reports[0].verdicts
    assert verdict.outcome is Outcome.PASS
    assert verdict.why.code == "decided"
    assert verdict.reason.startswith("decided by 王敏 on 2026-06-15: 看过; the machine said: ")
    assert "no address" in verdict.reason
    assert verdict.decision is not None
    assert verdict.decision.machine is Outcome.UNDETERMINED
    assert told.reports[1] == whole.reports[1]
    assert decided(told, {("a", "p"): [decision(whole, Outcome.FAIL)]}) == told  # once is enough


def test_one_decision_about_a_homepage_that_nobody_saw_does_not_accuse_of_what_must_be_absent() -> (
    None
):
    sold = LinkRequirement(
        id="s", name="旧网址", kind="link", expect="absent", accept=[{"host": "s.test"}]
    )
    whole = run(0, a="?")
    report = whole.reports[0]
    (verdict,) = Unit(target=report.target, requirements=(sold,)).judge(unseen())
    both = report.model_copy(update={"verdicts": (*report.verdicts, verdict)})
    asked = whole.header.with_reports(MemoryReports([both]))
    together = decision(asked, Outcome.FAIL)
    by_itself = together.model_copy(update={"page": page_of(verdict, together.page)})
    for made, outcome in ((together, Outcome.UNDETERMINED), (by_itself, Outcome.FAIL)):
        (told,) = decided(asked, {("a", "p"): [together], ("a", "s"): [made]}).reports
        assert [v.outcome for v in told.verdicts] == [Outcome.FAIL, outcome]


def test_a_decision_bears_the_day_of_the_office() -> None:
    whole = run(0, a="?")
    late = decision(whole, Outcome.PASS).model_copy(update={"at": NOON.replace(hour=20)})
    assert "on 2026-06-16" in decided(whole, {("a", "p"): [late]}).reports[0].verdicts[0].reason


def test_a_decision_falls_away_when_the_page_shows_something_else() -> None:
    before, after = run(0, a="-"), run(1, a="-")
    known = {("a", "p"): [decision(before, Outcome.PASS)]}
    assert decided(after, known).reports[0].outcome is Outcome.PASS
    report = after.reports[0]
    other = report.model_copy(update={"observations": (page(link("http://new.test/")),)})
    assert decided(after.header.with_reports(MemoryReports([other])), known).reports[0] == other


def test_dates_and_tokens_of_the_markup_do_not_undo_a_decision() -> None:
    report = run(0, a="-").reports[0]
    later = NOON + timedelta(days=9)
    again = report.observations[0].model_copy(update={"sha256": "another", "taken_at": later})
    assert fingerprint(report) == fingerprint(report.model_copy(update={"observations": (again,)}))


def test_only_pass_and_fail_can_be_decided() -> None:
    with pytest.raises(ValidationError, match="pass or fail"):
        decision(run(0, a="?"), Outcome.UNDETERMINED)


def written(run: ScanRun, file: Path, **naming: bool) -> None:
    Outputs.of("json", [file]).write(run, io.TextIOWrapper(io.BytesIO()), naming=Naming(**naming))


def test_a_circular_names_nobody_whose_fail_no_person_has_confirmed(tmp_path: Path) -> None:
    whole = run(0, a="-", b="+")
    assert [report.target.id for report in unconfirmed(whole.reports)] == ["a"]
    with pytest.raises(AuditError, match="no person has confirmed that 1 unit fails "):
        written(whole, tmp_path / "通报.docx")
    assert not (tmp_path / "通报.docx").exists()
    written(whole, tmp_path / "通报.docx", unreviewed=True)
    confirmed = decided(whole, {("a", "p"): [decision(whole, Outcome.FAIL)]})
    assert unconfirmed(confirmed.reports) == []
    written(confirmed, tmp_path / "通报.docx")
    assert (tmp_path / "通报.docx").read_bytes().startswith(b"PK")


# --- the sheet that goes out and comes back ---


def sheet(tmp_path: Path, whole: ScanRun, **cells: dict[str, str]) -> Path:
    """The workbook of a run, filled in: unit to column to text."""
    path = tmp_path / "table.xlsx"
    with path.open("wb") as out:
        FORMATS["xlsx"].render(whole, out)
    book = load_workbook(path)
    rows = book[REVIEW_SHEET]
    head = [cell.value for cell in rows[1]]
    for row in rows.iter_rows(min_row=2):
        unit = row[head.index("编号")].value
        for title, text in cells.get(str(unit), {}).items():
            row[head.index(title)].value = text
    book.save(path)
    return path


def test_a_filled_sheet_comes_back_as_decisions(tmp_path: Path) -> None:
    whole, file = run(0, a="?", b="-", c="+", d="?"), tmp_path / "history.sqlite3"
    with opened(file) as history:
        history.save(whole)
    filled = sheet(
        tmp_path,
        whole,
        a={"人工核定": "合格", "核定人": "王敏", "备注": "手机可见"},
        b={"人工核定": "不合格", "核定人": "李"},
    )
    review.command(sheet=filled, history=file)
    with opened(file) as history:
        told = decided(history.load("last"), history.decisions())
    assert [r.outcome for r in told.reports] == ["pass", "fail", "pass", "undetermined"]
    assert unconfirmed(told.reports) == []
    made = next(iter(told.reports)).verdicts[0].decision
    assert made is not None
    assert (made.by, made.note) == ("王敏", "手机可见")


@pytest.mark.parametrize(
    ("cells", "why"),
    [
        ({"人工核定": "好"}, "write 合格, 不合格 or 待电话核实"),
        ({"人工核定": "合格"}, "核定人 is empty"),
        ({"人工核定": "合格", "核定人": "王", "要求编号": "nope"}, "no verdict on a"),
        ({"人工核定": "合格", "核定人": "王", "要求编号": ""}, "要求编号 is missing"),
    ],
)
def test_a_row_that_is_wrong_records_nothing(
    tmp_path: Path, cells: dict[str, str], why: str
) -> None:
    whole, file = run(0, a="?", b="?"), tmp_path / "history.sqlite3"
    with opened(file) as history:
        history.save(whole)
    filled = sheet(tmp_path, whole, a=cells, b={"人工核定": "合格", "核定人": "王"})
    with pytest.raises(AuditError, match=why) as caught:
        review.command(sheet=filled, history=file)
    wrong, end = map(str, caught.value.messages)
    assert "table.xlsx:2: sheet 人工核定: " in wrong
    assert end == "nothing was recorded: mend this, and hand the sheet in again"
    with opened(file) as history:
        assert history.decisions() == {}


def test_what_is_no_such_workbook_is_one_sentence(tmp_path: Path) -> None:
    other = tmp_path / "other.xlsx"
    other.write_bytes(b"PK nothing")
    with pytest.raises(AuditError, match="not an Excel workbook"):
        read_reviews(other)
    Workbook().save(other)
    with pytest.raises(AuditError, match="no sheet “人工核定”"):
        read_reviews(other)
    with pytest.raises(AuditError, match="no such file"):
        read_reviews(tmp_path / "none.xlsx")


def test_a_decision_falls_away_when_the_rule_asks_for_something_else() -> None:
    rule = LinkRequirement(id="p", name="门户", kind="link", accept=[{"host": "p.test"}])
    other = rule.model_copy(update={"accept": (Accept(host="q.test"),)})
    shown = rule.model_copy(update={"visible": "any"})
    retitled = rule.model_copy(update={"name": "门户网站", "clause": "三", "note": "见通知"})
    whole = _judged_by(rule)
    (verdict,) = whole.reports[0].verdicts
    made = decision(whole, Outcome.PASS).model_copy(update={"asked": verdict.asked})
    for asks, outcome in ((rule, "pass"), (retitled, "pass"), (other, "fail"), (shown, "fail")):
        told = decided(_judged_by(asks), {("a", "p"): [made]})
        assert told.reports[0].outcome == outcome, asks
    earlier = decision(whole, Outcome.PASS)  # of a version that did not note it
    assert decided(_judged_by(other), {("a", "p"): [earlier]}).reports[0].outcome == "pass"


def _judged_by(rule: LinkRequirement) -> ScanRun:
    """A run of one unit that lacks what is asked for."""
    whole = run(0, a="-")
    report = whole.reports[0]
    verdicts = tuple(rule.judge(seen) for seen in report.observations)
    return whole.header.with_reports(
        MemoryReports([report.model_copy(update={"verdicts": verdicts})])
    )
