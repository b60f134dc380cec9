"""An office's own Word document: its placeholders are filled, all else keeps its looks."""

from __future__ import annotations

import io
from pathlib import Path

import docx
import pytest
from docx.document import Document
from docx.shared import Pt, RGBColor

from support.cli import ycaudit
from support.pages import page
from support.papers import RIGHT, run_with, unit
from ycaudit.errors import AuditError
from ycaudit.reasons import Reason
from ycaudit.report.formats import FORMATS, Background

RUN = run_with(unit("甲局", page(*RIGHT)), unit("乙局", page()))


def template(*lines: str) -> Document:
    document = docx.Document()
    for line in lines:
        document.add_paragraph(line)
    return document


def data(document: Document) -> bytes:
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def filled(document: Document) -> Document:
    out = io.BytesIO()
    background = Background(template=("我的.docx", data(document)))
    FORMATS["docx"].render(RUN, out, background=background)
    return docx.Document(io.BytesIO(out.getvalue()))


def lines(document: Document) -> list[str]:
    return [paragraph.text for paragraph in document.paragraphs]


def test_values_take_the_looks_of_their_placeholders_however_the_runs_are_cut() -> None:
    document = template()
    paragraph = document.add_paragraph("共")
    begun = paragraph.add_run("{to")
    begun.font.size, begun.font.color.rgb = Pt(30), RGBColor(255, 0, 0)
    paragraph.add_run("tal}").font.bold = True
    paragraph.add_run("家，合格{passed}家")
    runs = [(run.text, run.font.size) for run in filled(document).paragraphs[0].runs]
    assert runs == [("共", None), ("2", Pt(30)), ("", None), ("家，合格1家", None)]


def test_blocks_come_as_paragraphs_and_annexes_at_the_end() -> None:
    told = lines(filled(template("标题", "{problems}", "完")))
    assert told[:2] == ["标题", "（一）门户网：1家单位不合格"]
    assert told[told.index("完") + 1 :][:2] == ["附件1", "不合格单位及整改要求一览表"]


def test_a_warning_about_the_run_stands_first() -> None:
    suspect = RUN.model_copy(
        update={"suspicions": (Reason.of("many_unreachable", count=5, units=6),)}
    )
    out = io.BytesIO()
    own = Background(template=("我的.docx", data(template("标题"))))
    FORMATS["docx"].render(suspect, out, background=own)
    told = lines(docx.Document(io.BytesIO(out.getvalue())))
    assert told[0].startswith("本次检查存疑")
    assert told.index("标题") == 2


def test_tables_headers_and_footers_are_filled_too() -> None:
    document = template("正文")
    document.add_table(1, 1).cell(0, 0).text = "{rules}"
    document.sections[0].header.paragraphs[0].text = "第{failed}号"
    done = filled(document)
    assert done.tables[0].cell(0, 0).text == "推广方案"
    assert done.sections[0].header.paragraphs[0].text == "第1号"


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("共{totl}家", r"我的\.docx: “共\{totl\}家”: \{totl\} is no placeholder; there are"),
        ("共{total家", r"\{ stands alone"),
        ("问题：{problems}等", "line of its own"),
    ],
)
def test_a_wrong_placeholder_is_told_with_its_line(line: str, complaint: str) -> None:
    with pytest.raises(AuditError, match=complaint):
        filled(template(line))


@pytest.mark.parametrize("wrong", [b"", b"PK\x03\x04", b"<html>"])
def test_what_is_no_word_document_is_told(wrong: bytes) -> None:
    with pytest.raises(AuditError, match=r"我的\.docx: not a Word document"):
        FORMATS["docx"].render(
            RUN, io.BytesIO(), background=Background(template=("我的.docx", wrong))
        )


def test_show_takes_a_template_and_writes_nothing_where_it_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text(RUN.model_dump_json(), encoding="utf-8")
    (tmp_path / "own.docx").write_bytes(data(template("我局通报：{results}")))
    show = ("show", "run.json", "--output", "out.docx", "--unreviewed", "--history", "none")
    done = ycaudit(*show, "--template", "own.docx", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert lines(docx.Document(str(tmp_path / "out.docx")))[0] == "我局通报：合格1家，不合格1家"
    (tmp_path / "out.docx").unlink()
    missing = ycaudit(*show, "--template", "none.docx", cwd=tmp_path)
    assert (missing.returncode, (tmp_path / "out.docx").exists()) == (2, False)
    assert "none.docx: cannot be read" in missing.stderr
