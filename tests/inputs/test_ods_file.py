"""OpenDocument spreadsheets are read with merged cells, links and repeats; hostile ones refused."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from support.lists import HEAD, refusal, urls
from support.old_lists import ods_file
from ycaudit.inputs.cells import Cell
from ycaudit.inputs.spreadsheet import read_sheets
from ycaudit.inputs.unit_list import read_list

MIME = "application/vnd.oasis.opendocument.spreadsheet"
_SPACES = " ".join(
    f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for short, name in (
        ("office", "office"), ("table", "table"), ("text", "text"), ("draw", "drawing"),
    )
)  # fmt: skip


def written(folder: Path, rows: str, *, before: str = "", manifest: str = "<m/>") -> Path:
    """A document with these rows as XML."""
    content = (
        f'<?xml version="1.0"?>{before}<office:document-content {_SPACES}><office:body>'
        f'<office:spreadsheet><table:table table:name="一">{rows}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    with zipfile.ZipFile(folder / "名单.ods", "w") as archive:
        archive.writestr("mimetype", MIME)
        archive.writestr("content.xml", content)
        archive.writestr("META-INF/manifest.xml", manifest)
    return folder / "名单.ods"


def row(*cells: str, attributes: str = "") -> str:
    inner = "".join(
        c
        if c.startswith("<table")
        else f"<table:table-cell><text:p>{c}</text:p></table:table-cell>"
        for c in cells
    )
    return f"<table:table-row {attributes}>{inner}</table:table-row>"


def test_a_document_is_a_list(tmp_path: Path) -> None:
    rows = [
        HEAD,
        ("甲", "http://a.test/"),
        ("乙", "进入网站"),
        (("丙", 2), "c.test"),
        (None, "d.test"),
    ]
    path = ods_file(tmp_path, rows, links={(2, 1): "http://b.test/x"})
    found = read_list(path)
    assert urls(found) == ["http://a.test/", "http://b.test/x", "http://c.test", "http://d.test"]


def test_a_long_number_keeps_its_digits_and_what_hangs_on_a_cell_is_no_text(tmp_path: Path) -> None:
    phone = (
        '<table:table-cell office:value-type="float" office:value="13800000000">'
        "<office:annotation><text:p>批注</text:p></office:annotation>"
        "<draw:frame><draw:text-box><text:p>图</text:p></draw:text-box></draw:frame>"
        "<text:p>1.38E+10</text:p></table:table-cell>"
    )
    day = (
        '<table:table-cell office:value-type="date" office:date-value="2026-05-01T08:00:00">'
        "<text:p>5月1日</text:p></table:table-cell>"
    )
    phone += phone.replace("float", "string").replace('office:value="13800000000"', "")
    two = "<table:table-cell><text:p>甲<text:s/>局</text:p><text:p>二</text:p></table:table-cell>"
    ((sheet,),) = read_sheets(written(tmp_path, row(two, phone, day)))
    assert sheet.rows == [
        (1, (Cell("甲 局 二"), Cell("13800000000"), Cell("1.38E+10"), Cell("2026-05-01")))
    ]


def test_a_formula_that_links_is_a_link(tmp_path: Path) -> None:
    cell = (
        '<table:table-cell table:formula="of:=HYPERLINK(&quot;http://a.test/&quot;;&quot;点&quot;)"'
        ' office:value-type="string"><text:p>点</text:p></table:table-cell>'
    )
    found = read_list(written(tmp_path, row(*HEAD) + row("甲", cell)))
    assert urls(found) == ["http://a.test/"]


def test_repeats_to_the_end_of_the_sheet_cost_nothing(tmp_path: Path) -> None:
    rest = '<table:table-cell table:number-columns-repeated="16000"/>'
    below = row(rest, attributes='table:number-rows-repeated="1048000"')
    found = read_list(written(tmp_path, row(*HEAD, rest) + row("甲", "a.test", rest) + below))
    assert urls(found) == ["http://a.test"]


@pytest.mark.parametrize(
    ("rows", "more", "told"),
    [
        (row("甲", attributes='table:number-rows-repeated="1048576"'), {}, "no list of units"),
        (row("x" * 1_000_001), {}, "more than Excel permits"),
        (row("甲"), {"before": '<!DOCTYPE x [<!ENTITY a "b">]>'}, "declares entities"),
        (row("甲"), {"manifest": "<m><encryption-data/></m>"}, "protected by a password"),
        ("<broken>", {}, "damaged, or no spreadsheet"),
        ('<table:table-row table:number-rows-repeated="x"/>', {}, "damaged, or no spreadsheet"),
    ],
)
def test_what_no_list_needs_is_refused_in_one_sentence(
    tmp_path: Path, rows: str, more: dict[str, str], told: str
) -> None:
    assert told in refusal(written(tmp_path, rows, **more))


def test_hidden_rows_and_sheets_are_known_as_such(tmp_path: Path) -> None:
    pytest.importorskip("odf")
    from odf.opendocument import OpenDocumentSpreadsheet
    from odf.style import Style, TableProperties
    from odf.table import Table, TableCell, TableRow
    from odf.text import P

    document = OpenDocumentSpreadsheet()
    hidden = Style(name="ta2", family="table")
    hidden.addElement(TableProperties(display="false"))
    document.automaticstyles.addElement(hidden)
    for name, look in (("一", {}), ("二", {"stylename": hidden})):
        table = Table(name=name, **look)
        for number, seen in enumerate(("visible", "collapse", "filter", "visible"), 1):
            line = TableRow(visibility=seen)
            cell = TableCell(valuetype="string")
            cell.addElement(P(text=str(number)))
            line.addElement(cell)
            table.addElement(line)
        document.spreadsheet.addElement(table)
    document.save(str(tmp_path / "名单.ods"))
    (sheets,) = read_sheets(tmp_path / "名单.ods")
    assert [(sheet.is_hidden, sheet.hidden_rows) for sheet in sheets] == [
        (False, {2, 3}),
        (True, {2, 3}),
    ]
