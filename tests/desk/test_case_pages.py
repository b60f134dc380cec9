"""整改 at the desk: what `ycaudit cases` knows and records."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import openpyxl
import pytest

from support.history import run as history_run
from support.windows import Window, opened_desk
from ycaudit import office_time
from ycaudit.auditing.papers import Office
from ycaudit.reasons import Reason
from ycaudit.report.case_text import KIND
from ycaudit.runs.cases import Kind, State, cases_of
from ycaudit.runs.history import opened
from ycaudit.runs.office_settings import Hearing

RUN = history_run(0, a="-", b="-", c="+")
PATH = f"/run/{RUN.id}/cases"
HEARING = Hearing(days=10, source="《通报办法》第六条")


@pytest.fixture
def window(tmp_path: Path) -> Iterator[Window]:
    with opened_desk(tmp_path, RUN, office=Office(hearing=HEARING)) as opened_one:
        yield opened_one


def states(folder: Path) -> dict[str, State]:
    with opened(folder / "history.sqlite3") as kept:
        found = cases_of(kept.load(RUN.id), kept.known(), HEARING, office_time.today())
    return {case.unit: case.state for case in found}


def record(window: Window, unit: str, kind: Kind, **more: str) -> str:
    done = window.post(PATH, unit=unit, kind=kind, by="王敏", **more)
    assert done.status_code == 303, unescape(done.text)
    return window.text(done.headers["location"])


def test_every_unit_that_fails_has_a_case(window: Window) -> None:
    page = window.text(PATH)
    assert re.findall(r"<summary><b>([^<]*)</b>", page) == ["a局", "b局"]
    assert "被告知后 10 天内提出异议" in page
    assert "《通报办法》第六条" in page
    assert "a局" not in window.text(f"{PATH}?state=told")


def test_what_happens_to_a_unit_is_recorded_where_cases_keeps_it(
    window: Window, tmp_path: Path
) -> None:
    page = record(window, "a", Kind.TOLD, on="2026-06-03", note="电话")
    assert "2026-06-03 <b>告知</b> 王敏" in page
    assert "异议期至 2026-06-13 已满" in page
    assert states(tmp_path) == {"a局": State.DUE, "b局": State.FOUND}
    record(window, "a", Kind.OBJECTED, on="2026-06-05")
    assert states(tmp_path)["a局"] is State.OBJECTED


def test_what_cannot_have_happened_is_refused(window: Window, tmp_path: Path) -> None:
    for kind, on in (("objected", "2026-06-05"), ("told", "2999-01-01"), ("told", "x"),
                     ("found", "2026-06-03"), ("told", "2026-05-01")):  # fmt: skip
        assert window.post(PATH, unit="a", kind=kind, on=on, by="王敏").status_code == 400
    assert window.post(PATH, unit="z", kind="told", on="2026-06-03", by="王").status_code == 400
    assert window.post(PATH, unit="a", kind="told", on="2026-06-03", by="").status_code == 400
    assert states(tmp_path) == {"a局": State.FOUND, "b局": State.FOUND}


def test_an_event_recorded_by_mistake_is_taken_back_and_stays_on_record(
    window: Window, tmp_path: Path
) -> None:
    page = record(window, "a", Kind.TOLD, on="2026-06-03")
    (number,) = re.findall(r'name="event" value="(\d+)"', page)
    page = record(window, "a", Kind.WITHDRAWN, event=number)
    assert "（误记，已撤回）" in page
    assert states(tmp_path)["a局"] is State.FOUND


def test_slips_go_out_and_come_back_by_sheet(window: Window, tmp_path: Path) -> None:
    book = openpyxl.load_workbook(io.BytesIO(window.get(f"{PATH}/slips").content))
    sheet = book.active
    heads = {cell.value: cell.column for cell in next(sheet.iter_rows(min_row=1, max_row=1))}
    sheet.cell(2, heads["告知日期"], "2026-06-03")
    back = io.BytesIO()
    book.save(back)
    files = {"sheet": ("回执.xlsx", back.getvalue())}
    done = window.post(f"{PATH}/slips", files=files, by="王敏")
    assert done.status_code == 303, unescape(done.text)
    assert sorted(states(tmp_path).values()) == [State.DUE, State.FOUND]
    assert KIND[Kind.TOLD] in window.text(PATH)
    assert "已按回执登记 1 条。" in window.text(done.headers["location"])
    again = window.post(f"{PATH}/slips", files=files, by="王敏")
    assert "回执中没有尚未登记的内容。" in window.text(again.headers["location"])
    wrong = window.post(f"{PATH}/slips", files={"sheet": ("a.xlsx", b"x")}, by="王敏")
    assert wrong.status_code == 400
    assert "<li>a.xlsx: not an Excel workbook" in wrong.text


def test_the_circular_waits_until_units_are_heard(window: Window) -> None:
    path = f"/run/{RUN.id}/review"
    for _ in range(2):
        card = window.form(window.text(f"{path}?what=fail"), path)
        window.post(path, **card, all="fail", by="王敏")
    assert "通报暂不能出" in window.text(f"/run/{RUN.id}/papers")
    assert window.post(f"/run/{RUN.id}/papers/docx").status_code == 400
    assert window.post(f"/run/{RUN.id}/papers/notice").status_code == 200
    for unit in "ab":
        record(window, unit, Kind.TOLD, on="2026-06-03")
    assert window.post(f"/run/{RUN.id}/papers/docx").status_code == 200


def test_a_second_person_is_asked_for_what_the_first_has_confirmed(tmp_path: Path) -> None:
    path = f"/run/{RUN.id}/review"
    office = Office(hearing=Hearing(persons=2))
    with opened_desk(tmp_path, RUN, office=office) as window:
        for by, left in (("王敏", True), ("李强", False)):
            for _ in range(2):
                card = window.form(window.text(f"{path}?what=fail&by={by}"), path)
                window.post(path, **card, all="fail", by=by)
            assert "没有需要复核的单位了" in window.text(f"{path}?what=fail&by={by}")
            page = window.text(f"/run/{RUN.id}/papers")
            assert ("通报和整改通知书暂不能出" in page) is left
    with opened(tmp_path / "history.sqlite3") as kept:
        assert {d.by for made in kept.decisions().values() for d in made} == {"王敏", "李强"}


def confirmed(window: Window, run_id: str, units: int) -> None:
    path = f"/run/{run_id}/review"
    for _ in range(units):
        card = window.form(window.text(f"{path}?what=fail"), path)
        window.post(path, **card, all="fail", by="王敏")


def test_a_download_is_no_circular_issued_until_a_person_records_it(tmp_path: Path) -> None:
    with opened_desk(tmp_path, RUN) as window:
        confirmed(window, RUN.id, 2)
        papers = f"/run/{RUN.id}/papers"
        assert window.post(f"{papers}/docx").status_code == 200
        assert "通报</b>" not in window.text(PATH)
        with opened(tmp_path / "history.sqlite3") as kept:
            assert kept.recorded() == ()
        assert "登记通报已印发（2 家不合格单位）" in window.text(papers)
        page = record(window, "all", Kind.NAMED, on="2026-06-03", until="2026-06-20")
        assert page.count("2026-06-03 <b>通报</b> 王敏 整改期至 2026-06-20") == 2
        page = window.text(papers)
        assert "已通报 2 家" in page
        (number,) = set(re.findall(r'name="event" value="(\d+)"', page))
        page = record(window, "all", Kind.WITHDRAWN, event=number)
        assert page.count("（误记，已撤回）") == 2
        assert page.count("（撤回：") == 2
        assert "已通报 2 家" not in window.text(papers)


def test_a_person_says_under_a_name_that_rules_and_network_were_checked(tmp_path: Path) -> None:
    why = (Reason.of("failing_jumped", before=0.0, now=0.5),)
    suspect = RUN.model_copy(update={"suspicions": why})
    papers = f"/run/{RUN.id}/papers"
    with opened_desk(tmp_path, suspect) as window:
        confirmed(window, RUN.id, 2)
        assert window.post(f"{papers}/docx").status_code == 400
        assert "规则和我方网络均已核对无误" in window.text(papers)
        checked = f"/run/{RUN.id}/checked"
        assert window.post(checked, by="", note="x").status_code == 400
        assert window.post(checked, by="王敏", note="电话核对五家").status_code == 303
        page = window.text(papers)
        assert "王敏于" in page
        assert "电话核对五家" in page
        assert window.post(f"{papers}/docx").status_code == 200
        told = window.text(f"{papers}/docx")
        assert "规则和检查网络已由人工核对" in told
        assert "王敏" not in told[told.index('class="paper"') :]
        window.post(checked, by="王敏", undo="1")
        assert window.post(f"{papers}/docx").status_code == 400


def test_where_the_program_is_at_fault_nobody_can_say_it_is_not(tmp_path: Path) -> None:
    why = (Reason.of("our_bug"),)
    with opened_desk(tmp_path, RUN.model_copy(update={"suspicions": why})) as window:
        assert "均已核对无误" not in window.text(f"/run/{RUN.id}/papers")
        assert window.post(f"/run/{RUN.id}/checked", by="王敏").status_code == 400


def test_a_circular_waits_until_the_list_was_looked_at_to_its_end(tmp_path: Path) -> None:
    with opened_desk(tmp_path, RUN.model_copy(update={"complete": False})) as window:
        confirmed(window, RUN.id, 2)
        assert "没有查完全部单位" in window.text(f"/run/{RUN.id}/papers")
        assert window.post(f"/run/{RUN.id}/papers/docx").status_code == 400
        assert window.post(f"/run/{RUN.id}/papers/notice").status_code == 200


def test_who_looks_again_says_what_came_of_the_objection(window: Window, tmp_path: Path) -> None:
    record(window, "a", Kind.TOLD, on="2026-06-01")
    record(window, "a", Kind.OBJECTED, on="2026-06-01")
    looked = {"unit": "a", "kind": "looked", "on": "2026-06-01", "by": "王敏"}
    assert window.post(PATH, **looked).status_code == 400
    assert "异议成立" in record(window, "a", Kind.LOOKED, on="2026-06-01", objection="accepted")
