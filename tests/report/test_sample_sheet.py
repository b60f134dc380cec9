"""The sheet of a sample: blind when it goes out, checked cell by cell when it comes back."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from support.pages import page
from support.reports import report, run, verdict
from support.workbooks import png, seen
from ycaudit import i18n
from ycaudit.errors import AuditError
from ycaudit.model import EvidenceFile, Outcome, ScanRun, Sense, Tool
from ycaudit.report import sample_sheet
from ycaudit.report.sample_text import lines, quotable
from ycaudit.runs.sampling import (
    Bounds,
    Error,
    Seal,
    checked,
    decided_before,
    digest,
    drawn,
    errors,
    seed_of,
)

SHOT = EvidenceFile(kind="screenshot", file="aa/shot.png")
STATE = EvidenceFile(kind="state", file="aa/state.png")


def city() -> ScanRun:
    """Four units; those that fail have pictures that those that pass have not."""
    looked = page().model_copy(update={"evidence_files": (STATE, SHOT)})
    return run(
        report(
            "甲", verdict(Outcome.PASS, sense=Sense.QR_CODE, evidence=(seen("http://w.test/"),))
        ),
        report(
            "=乙()",
            verdict(
                Outcome.FAIL, sense=Sense.QR_CODE, near=(seen("http://x.test/", "aa/crop.png"),)
            ),
            observations=(looked,),
        ),
        report("丙", verdict(Outcome.FAIL, sense=Sense.QR_CODE)),
        report("丁", verdict(Outcome.PASS, sense=Sense.QR_CODE, expect="present")),
    )


def sealed(whole: ScanRun, seed: int | None = None) -> Seal:
    verdicts, left_out = digest(whole), decided_before(whole)
    seed = seed_of(verdicts) if seed is None else seed
    rows = drawn(whole, dict.fromkeys(Outcome, 20), seed, left_out=left_out)
    return Seal(
        tool=Tool(version="0"), run=whole.id, verdicts=verdicts, seed=seed, passes=20, fails=20,
        left_out=left_out, rows=rows,
        questions={"q": sample_sheet.question("微信公众号", Sense.QR_CODE, ("http://w.test/",))},
    )  # fmt: skip


def sheet(folder: Path, whole: ScanRun, read_evidence: Any = lambda _: None) -> Path:
    path = folder / "sheet.xlsx"
    with path.open("wb") as out:
        sample_sheet.write(whole, sealed(whole), out, read_evidence)
    return path


@dataclass
class Filled:
    """The sheet as a person opens it: columns by heading, rows by the id of the unit."""

    cells: Any

    def place(self, unit: str, title: str) -> Any:
        heads = [cell.value for cell in self.cells[1]]
        row = next(
            r for r in self.cells.iter_rows(min_row=2) if r[heads.index("编号")].value == unit
        )
        return row[heads.index(title)]

    def answer(self, **answers: str) -> None:
        for unit, answer in answers.items():
            self.place(f"id-{unit}", "人工所见").value = answer
            self.place(f"id-{unit}", "查看人").value = "李"

    def answer_all(self) -> None:
        self.answer(**{"甲": "有", "=乙()": "没有", "丙": "没有", "丁": "有"})


def fill(path: Path, work: Callable[[Filled], None]) -> Path:
    book = load_workbook(path)
    work(Filled(book["抽查"]))
    book.save(path)
    return path


def texts(path: Path) -> list[str]:
    book = load_workbook(path)
    return [str(c.value) for s in book for row in s.iter_rows() for c in row if c.value is not None]


def test_the_sheet_does_not_tell_what_the_machine_said(tmp_path: Path) -> None:
    path = sheet(tmp_path, city())
    table = load_workbook(path)["抽查"]
    shown = [str(cell.value) for row in table.iter_rows() for cell in row]
    told = ("合格", "because", "未能", "x.test", "crop", "state")
    assert [text for text in shown if any(word in text for word in told)] == []
    assert sum(text == "首页上有没有“微信公众号”的二维码？" for text in shown) == 4


def test_rows_of_passes_and_fails_look_alike(tmp_path: Path) -> None:
    """The same fields are empty, and the same styles are used, whatever was said."""
    table = load_workbook(sheet(tmp_path, city()))["抽查"]
    rows = [
        [(c.style, c.value is None) for c in row if c.column != 9] for row in table.iter_rows(2)
    ]
    assert len(rows) == 4
    assert all(row == rows[0] for row in rows)


def test_what_is_expected_to_be_absent_is_asked_like_all_else(tmp_path: Path) -> None:
    asked = sample_sheet.question("竞品", None, ())
    assert asked.text == "首页上有没有“竞品”的链接或二维码？"


def test_of_the_evidence_only_the_page_as_it_came_is_shown(tmp_path: Path) -> None:
    asked: list[str] = []

    def read(file: str) -> bytes:
        asked.append(file)
        return png(1200, 3000)

    table = load_workbook(sheet(tmp_path, city(), read))["抽查"]
    assert asked == ["aa/shot.png"]
    (image,) = table._images
    assert Filled(table).place("id-=乙()", "截图文件").row == image.anchor._from.row + 1
    assert (image.width, image.height) == (990, 2475)


def test_pictures_stop_where_the_sheet_would_be_too_large_to_come_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sample_sheet, "MAX_PICTURE_BYTES", 10)
    assert not load_workbook(sheet(tmp_path, city(), lambda _: png()))["抽查"]._images


def test_what_a_list_says_is_no_formula(tmp_path: Path) -> None:
    table = load_workbook(sheet(tmp_path, city()))["抽查"]
    assert Filled(table).place("id-=乙()", "单位").data_type == "s"


def test_the_same_seal_gives_the_same_bytes(tmp_path: Path) -> None:
    one, other = io.BytesIO(), io.BytesIO()
    for out in (one, other):
        sample_sheet.write(city(), sealed(city()), out)
    assert one.getvalue() == other.getvalue()
    assert any(sealed(city()).sha256 in text for text in texts(sheet(tmp_path, city())))


def test_answers_come_back_in_any_order_and_language(tmp_path: Path) -> None:
    whole, path = city(), tmp_path / "sheet.xlsx"
    with i18n.in_language("en"):
        seal = sealed(whole)
        with path.open("wb") as out:
            sample_sheet.write(whole, seal, out)
    turn_over(path)
    with i18n.in_language("zh"):
        replies = sample_sheet.read(path, whole, seal)
    assert {reply.unit[3:]: reply.answer for reply in replies} == {
        "甲": "there", "=乙()": "there", "丙": "unclear", "丁": "there"
    }  # fmt: skip


def turn_over(path: Path) -> None:
    """Fill the sheet in, in Chinese, and write its rows and columns in reverse order."""
    book = load_workbook(path)
    head, *rows = ([cell.value for cell in row] for row in book.worksheets[0].iter_rows())
    for row in rows:
        row[4:6] = ("看不清" if row[0] == "丙" else "有"), "李"
    other = Workbook()
    for row in (head, *reversed(rows)):
        other.active.append(row[::-1])
        for cell in other.active[other.active.max_row]:
            cell.data_type = "s" if cell.value else cell.data_type
    other.active.title = book.sheetnames[0]
    other.save(path)


WRONG: dict[str, tuple[Callable[[Filled], None], str]] = {
    "a cell was changed": (
        lambda f: setattr(f.place("id-丙", "网址"), "value", "http://other.test/"),
        r"B\d \(网址\) was changed; it read 'http://www.edu.test/'",
    ),
    "the question was changed": (
        lambda f: setattr(f.place("id-丙", "要核对的问题"), "value", "?"),
        r"C\d \(要核对的问题\) was changed",
    ),
    "no answer": (
        lambda f: setattr(f.place("id-丙", "人工所见"), "value", None),
        r"E\d \(人工所见\) is ''; write 有 / 没有 / 看不清",
    ),
    "another word": (
        lambda f: setattr(f.place("id-丙", "人工所见"), "value", "合格"),
        r"E\d \(人工所见\) is '合格'",
    ),
    "nobody": (
        lambda f: setattr(f.place("id-丙", "查看人"), "value", None),
        r"F\d \(查看人\) is empty",
    ),
    "a row of another unit": (
        lambda f: setattr(f.place("id-丙", "编号"), "value", "id-戊"),
        r"J\d \(编号\) id-戊 / q was not drawn",
    ),
    "a row twice": (
        lambda f: setattr(f.place("id-丙", "编号"), "value", "id-丁"),
        r"J\d \(编号\) this row is there twice",
    ),
    "a row that was taken out": (
        lambda f: f.cells.delete_rows(f.place("id-丙", "编号").row),
        "the row of 丙, q is missing; put it back",
    ),
}


@pytest.mark.parametrize(("change", "told"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_in_a_sheet_is_told_with_its_cell(
    tmp_path: Path, change: Callable[[Filled], None], told: str
) -> None:
    path = fill(sheet(tmp_path, city()), Filled.answer_all)
    assert len(sample_sheet.read(path, city(), sealed(city()))) == 4
    with pytest.raises(AuditError, match=told):
        sample_sheet.read(fill(path, change), city(), sealed(city()))


def test_a_sheet_of_another_draw_is_one_sentence(tmp_path: Path) -> None:
    path = fill(sheet(tmp_path, city()), Filled.answer_all)
    other = run(report("戊", verdict(Outcome.FAIL)))
    with pytest.raises(AuditError, match="no row of this sheet was drawn under this seal"):
        sample_sheet.read(path, other, sealed(other))


def test_a_workbook_without_the_sheet_is_one_sentence(tmp_path: Path) -> None:
    book = load_workbook(sheet(tmp_path, city()))
    book["抽查"].title = "另"
    book.save(tmp_path / "sheet.xlsx")
    with pytest.raises(AuditError, match="has no sheet “抽查”"):
        sample_sheet.read(tmp_path / "sheet.xlsx", city(), sealed(city()))


# --- sentences -----------------------------------------------------------------------------------


def error(
    outcome: Outcome, population: int, drawn_: int, wrong: int = 0, unclear: int = 0
) -> Error:
    return Error(
        outcome=outcome, population=population, drawn=drawn_, wrong=wrong, unclear=unclear,
        worst=Bounds(wrong=wrong + unclear, drawn=drawn_, population=population),
        clear=Bounds(wrong=wrong, drawn=drawn_ - unclear, population=population),
    )  # fmt: skip


def test_a_circular_may_quote_how_often_the_machine_is_wrong_at_most() -> None:
    assert quotable(error(Outcome.FAIL, 100, 20)) == (
        "从判为不合格的 100 项中随机抽取 20 项由人工复核，均属实；"
        "据此推算误判率不超过 12%（95% 置信度）。"
    )
    assert quotable(error(Outcome.PASS, 3000, 20, wrong=1)) == (
        "从判为合格的 3000 项中随机抽取 20 项由人工复核，其中 1 项有误；"
        "据此推算漏判率不超过 21.6%（95% 置信度）。"
    )


def test_what_could_not_be_seen_is_named_and_counts_as_wrong() -> None:
    assert "其中 1 项有误，2 项无法看清（按有误计）" in quotable(error(Outcome.FAIL, 100, 20, 1, 2))
    one, other = quotable(error(Outcome.FAIL, 100, 20, 0, 3)), error(Outcome.FAIL, 100, 20, 3)
    assert "其中 3 项无法看清（按有误计），其余均属实" in one
    assert one.split("超过")[1] == quotable(other).split("超过")[1]


def test_who_looked_at_all_infers_nothing() -> None:
    assert quotable(error(Outcome.FAIL, 7, 7)) == "判为不合格的 7 项全部由人工复核，均属实。"


def test_a_bound_is_never_rounded_down() -> None:
    told = error(Outcome.FAIL, 3000, 20)
    assert told.worst.at_most_share > 0.138
    assert "不超过 13.9%" in quotable(told)


def test_what_was_wrong_is_listed_and_json_holds_the_numbers(tmp_path: Path) -> None:
    whole = city()
    path = fill(sheet(tmp_path, whole), Filled.answer_all)
    fill(path, lambda f: f.answer(丙="有"))
    fill(path, lambda f: f.answer(丁="看不清"))
    found = checked(whole, sample_sheet.read(path, whole, sealed(whole)))
    told = errors(whole, sealed(whole), found)
    text = "\n".join(lines(told, found))
    assert "合格: 2 of 2 drawn; 0 wrong, 1 unclear" in text
    assert "丁  微信公众号  the machine: 合格; 李 saw: 看不清" in text
    assert "不合格: 2 of 2 drawn; 1 wrong, 0 unclear" in text
    assert "丙  微信公众号  the machine: 不合格; 李 saw: 有" in text
    assert "甲" not in text
    bounds = json.loads(told[1].model_dump_json())["worst"]
    assert (bounds["share"], bounds["at_most"], bounds["interval"]) == (0.5, 1, [1, 1])
