"""Lists as offices keep them: what is understood, what is mended, and what is left out."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from ycaudit.cli import import_
from ycaudit.errors import AuditError, ConfigError
from ycaudit.inputs import spreadsheet
from ycaudit.inputs.plan import load
from ycaudit.inputs.unit_list import (
    Listing,
    Row,
    read_list,
    to_yaml,
)

TODAY = date(2026, 6, 15)
HEAD = ("单位名称", "网址")
RULES = """\
name: 规则
requirements:
  - {id: portal, name: 门户, kind: link, accept: [{host: www.p.test, path: root}]}
"""
Cells = Sequence[Sequence[object]]


def fill(sheet: Worksheet, rows: Cells) -> None:
    for row in rows:
        sheet.append(list(row))


def workbook(folder: Path, rows: Cells, **others: Cells) -> Path:
    """A workbook of one sheet, or of more."""
    book = Workbook()
    fill(book.active, rows)
    for title, content in others.items():
        fill(book.create_sheet(title), content)
    return saved(folder, book)


def saved(folder: Path, book: Workbook) -> Path:
    path = folder / "名单.xlsx"
    book.save(path)
    return path


def csv_file(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "名单.csv"
    path.write_bytes(text.encode(encoding))
    return path


def urls(found: Listing) -> list[str]:
    return [row.url for row in found.rows]


def told(found: Listing) -> str:
    """Problems and notices without the folder."""
    lines = (*map(str, found.problems), *found.notices)
    return "\n".join(line[line.index("名单") :] for line in lines)


def of_cell(folder: Path, text: object) -> Listing:
    """A list whose one unit has this in its address cell."""
    return read_list(workbook(folder, [HEAD, ("教育局", text)]))


def refusal(path: Path) -> str:
    with pytest.raises(ConfigError) as caught:
        read_list(path)
    return str(caught.value).removeprefix(f"{path}: ")


# --- headers and rows ----------------------------------------------------------------------------


def test_a_list_with_titles_above_and_a_footer_below_is_read(tmp_path: Path) -> None:
    path = workbook(
        tmp_path,
        [
            ("宜昌市市直部门网站名单",),
            (),
            ("序号", "单 位：", "类 别", "网址（首页）", "联系人", "联系\n电话", "E-mail", "编号"),
            (1, "教育局", "市直部门、教育", "http://jyj.a.cn/", "王", 13800000000, "w@a.cn", 7),
            (2, "财政局", None, "http://czj.a.cn/", None, None, None, None),
            ("合计", None, None, "2 家"),
            ("填表人：李", "http://left.a.cn/"),
        ],
    )
    found = read_list(path)
    assert found == Listing(
        rows=(
            Row(
                name="教育局",
                url="http://jyj.a.cn/",
                number=4,
                tags=("市直部门", "教育"),
                person="王",
                phone="13800000000",
                email="w@a.cn",
                id="7",
            ),
            Row(name="财政局", url="http://czj.a.cn/", number=5),
        )
    )


@pytest.mark.parametrize(
    "head", ["URL", "Ｗｅｂｓｉｔｅ", "home page", "*网 址：", "【网站】", "域名(主)"]
)
def test_an_address_column_is_known_by_many_names(tmp_path: Path, head: str) -> None:
    assert urls(read_list(workbook(tmp_path, [(head,), ("http://a.cn/",)]))) == ["http://a.cn/"]


def test_the_better_of_two_columns_is_taken(tmp_path: Path) -> None:
    head = ("部门", "学校", "网站", "网址")
    rows = [head, ("市教育局", "一中", "一中校园网", "http://yz.a.cn/")]
    row = read_list(workbook(tmp_path, rows)).rows[0]
    assert (row.name, row.url) == ("一中", "http://yz.a.cn/")


def test_a_header_repeated_on_every_page_is_no_unit(tmp_path: Path) -> None:
    found = read_list(workbook(tmp_path, [HEAD, ("甲", "http://a.cn"), HEAD, ("乙", "b.cn")]))
    assert [row.number for row in found.rows] == [2, 4]
    assert found.problems == ()


def test_without_an_address_column_the_understood_names_are_told(tmp_path: Path) -> None:
    late = [("标题",)] * 20 + [HEAD, ("甲", "http://a.cn/")]
    for path in (workbook(tmp_path, late), csv_file(tmp_path, "序号,地址\n1,http://a.cn/\n")):
        assert "understood are 网址、" in refusal(path)


def test_a_list_of_nothing_says_so(tmp_path: Path) -> None:
    assert told(read_list(workbook(tmp_path, [HEAD]))) == (
        "名单.xlsx:1: no unit stands below this header"
    )


def test_sheets_become_tags_only_where_there_are_several(tmp_path: Path) -> None:
    rows = [HEAD, ("甲", "http://a.cn/")]
    others = [("学校", "网址"), ("一中", "http://b.cn/"), ("二中", None)]
    one = read_list(workbook(tmp_path, rows, 说明=[("只有一张",)]))
    assert [row.tags for row in one.rows] == [()]
    both = read_list(workbook(tmp_path, rows, 学校=others))
    assert [(row.name, row.tags) for row in both.rows] == [("甲", ("Sheet",)), ("一中", ("学校",))]
    assert told(both) == "名单.xlsx:3: sheet 学校: 二中 has no address"


def test_a_category_merged_over_rows_holds_for_each_of_them(tmp_path: Path) -> None:
    book = Workbook()
    names = [("甲", "部门"), ("乙", None), ("丙", None), ("丁", None)]
    fill(
        book.active,
        [
            ("单位", "类别", "网址"),
            *((n, t, f"http://{i}.cn/") for i, (n, t) in zip("abcd", names, strict=True)),
        ],
    )
    book.active.merge_cells("B2:B4")
    rows = read_list(saved(tmp_path, book)).rows
    assert [row.tags for row in rows] == [("部门",), ("部门",), ("部门",), ()]


def test_a_cell_merged_over_the_whole_sheet_costs_nothing(tmp_path: Path) -> None:
    path = repacked(
        workbook(tmp_path, [HEAD, ("甲", "http://a.cn/")]),
        "</sheetData>",
        '</sheetData><mergeCells><mergeCell ref="D5:XFD1048576"/></mergeCells>',
    )
    assert urls(read_list(path)) == ["http://a.cn/"]


# --- addresses -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("jyj.a.gov.cn", "http://jyj.a.gov.cn"),
        ("ｗｗｗ．ａ．ｇｏｖ．ｃｎ", "http://www.a.gov.cn"),
        ("https：／／a.gov.cn/x", "https://a.gov.cn/x"),
        ("http//:a.gov.cn", "http://a.gov.cn"),
        ("http:\\\\a.gov.cn\\x", "http://a.gov.cn/x"),
        ("HTTP:/a.gov.cn", "http://a.gov.cn"),
        ("http://https://a.gov.cn", "https://a.gov.cn"),
        ("http:// a.gov.cn", "http://a.gov.cn"),
        ("www。a。gov。cn", "http://www.a.gov.cn"),
        ("\u200bhttp://a.gov.cn；", "http://a.gov.cn"),
        ("10.1.2.3:8080/oa", "http://10.1.2.3:8080/oa"),
        ("宜昌.政务", "http://宜昌.政务"),
        ("贵州.政务.cn", "http://贵州.政务.cn"),
    ],
)
def test_a_careless_address_is_mended_and_told(tmp_path: Path, text: str, url: str) -> None:
    found = of_cell(tmp_path, text)
    assert urls(found) == [url]
    assert told(found).endswith(f" is read as {url}")


@pytest.mark.parametrize(
    "url",
    [
        "http://a.gov.cn/col/1,2.html;x=1?u=http://b.cn/&c=a,b#/home",
        "http://贵州.政务.cn/",
        "http://localhost:8080/http/x",
        "http://[::1]/",
    ],
)
def test_a_sound_address_stays_as_it_is_without_a_word(tmp_path: Path, url: str) -> None:
    found = of_cell(tmp_path, url)
    assert urls(found) == [url]
    assert told(found) == ""


@pytest.mark.parametrize(
    ("text", "url", "rest"),
    [
        ("www.a.gov.cn（新）", "http://www.a.gov.cn", "'(新)'"),
        ("http://a.gov.cn 备用", "http://a.gov.cn", "'备用'"),
        ("http://a.gov.cn备用", "http://a.gov.cn", "'备用'"),
        ("官网：http://a.gov.cn/x", "http://a.gov.cn/x", "'官网:'"),
        ("http://a.gov.cn/、http://b.gov.cn", "http://a.gov.cn/", "'、http://b.gov.cn'"),
        ("http://a.gov.cn/,b.gov.cn", "http://a.gov.cn/", "',b.gov.cn'"),
        ("a.gov.cn;b.gov.cn", "http://a.gov.cn", "';b.gov.cn'"),
    ],
)
def test_the_first_address_of_a_cell_is_taken_and_the_rest_told(
    tmp_path: Path, text: str, url: str, rest: str
) -> None:
    found = of_cell(tmp_path, text)
    assert urls(found) == [url]
    assert told(found).endswith(f"is read as {url}, without {rest}")


@pytest.mark.parametrize(
    "text", ["无", "建设中", 12345, 3.5, date(2020, 1, 1), "wang.li@a.cn", "/"]
)
def test_what_is_no_address_is_a_problem(tmp_path: Path, text: object) -> None:
    found = of_cell(tmp_path, text)
    assert found.rows == ()
    assert told(found).startswith("名单.xlsx:2: 教育局: '")
    assert told(found).endswith("' is no web address")


@pytest.mark.parametrize("text", [None, "  \u3000", "#N/A"])
def test_an_empty_address_is_a_problem_with_its_row(tmp_path: Path, text: object) -> None:
    assert told(of_cell(tmp_path, text)) == "名单.xlsx:2: 教育局 has no address"


def test_a_link_counts_where_the_text_is_no_address(tmp_path: Path) -> None:
    book = Workbook()
    texts = ("点击访问", "http://b.cn/", "http://c.cn/", "写信")
    links = ("http://a.cn/", "http://b.cn", "http://d.cn/", "mailto:a@a.cn")
    fill(book.active, [HEAD, *zip("甲乙丙丁", texts, strict=True)])
    for row, link in enumerate(links, 2):
        book.active.cell(row, 2).hyperlink = link
    book.active["B2"].hyperlink.location = "/home"  # as Excel writes what follows "#"
    book.active["A6"], book.active["B6"] = "戊", '=HYPERLINK("http://e.cn/","进入")'
    found = read_list(saved(tmp_path, book))
    assert urls(found) == ["http://a.cn/#/home", "http://b.cn/", "http://c.cn/", "http://e.cn/"]
    assert told(found).splitlines() == [
        "名单.xlsx:5: 丁: '写信' is no web address",
        "名单.xlsx:2: '点击访问' links to http://a.cn/#/home, which is taken",
        "名单.xlsx:4: http://c.cn/ links to http://d.cn/; what is written was taken",
        "名单.xlsx:6: the empty cell links to http://e.cn/, which is taken",
    ]


def test_the_same_address_twice_is_kept_once(tmp_path: Path) -> None:
    rows = [HEAD, ("甲", "http://a.cn"), ("乙", "http://A.cn:80/"), ("丙", "http://a.cn/x")]
    found = read_list(workbook(tmp_path, rows))
    assert [row.name for row in found.rows] == ["甲", "丙"]
    assert "名单.xlsx:3: 乙: http://A.cn:80/ stands in row 2 already; left out" in told(found)


def test_the_same_name_with_another_address_is_kept_and_told(tmp_path: Path) -> None:
    rows = [HEAD, ("甲", "http://a.cn/"), ("甲", "http://b.cn/"), (None, "http://c.cn/")]
    found = read_list(workbook(tmp_path, rows))
    assert [row.name for row in found.rows] == ["甲", "甲", "http://c.cn/"]
    assert "名单.xlsx:3: 甲 stands in row 2 already, with another address" in told(found)
    assert "名单.xlsx:4: http://c.cn/ has no name" in told(found)


# --- CSV -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_is_read_in_every_encoding_and_delimiter(
    tmp_path: Path, encoding: str, delimiter: str
) -> None:
    text = '单位,网址,类别\r\n"教育\r\n局",http://a.cn/,学校\r\n\r\n财政局,http://b.cn/,学校\r\n'
    found = read_list(csv_file(tmp_path, text.replace(",", delimiter), encoding))
    assert [(r.name, r.number, r.tags) for r in found.rows] == [
        ("教育 局", 2, ("学校",)),
        ("财政局", 4, ("学校",)),
    ]


def test_lines_that_end_as_on_old_macs_are_read(tmp_path: Path) -> None:
    found = read_list(csv_file(tmp_path, "单位,网址\r甲,http://a.cn/\r"))
    assert urls(found) == ["http://a.cn/"]


def test_a_delimiter_wrongly_guessed_is_tried_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "类别,网址\n" + "a;b;c;d,http://a.cn/\n" * 3
    monkeypatch.setattr(spreadsheet, "_sniffed", lambda _text: ";")
    assert read_list(csv_file(tmp_path, text)).rows[0].tags == ("a", "b", "c", "d")


def test_bytes_of_no_encoding_are_refused_in_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes("网址\n".encode() + b"\xff\xff\xff")
    assert refusal(path) == "neither UTF-8 nor GB18030 text; save it as .xlsx"


# --- files that are none -------------------------------------------------------------------------


def repacked(path: Path, old: str, new: str, part: str = "xl/worksheets/sheet1.xml") -> Path:
    """The workbook with something replaced in one of its parts."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    assert old.encode() in parts[part]
    parts[part] = parts[part].replace(old.encode(), new.encode(), 1)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return path


@pytest.mark.parametrize(
    ("name", "data", "expected"),
    [
        ("a.xls", bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 99, "old Excel; save it as .xlsx"),
        (
            "a.xlsx",
            bytes.fromhex("d0cf11e0a1b11ae1") + "EncryptedPackage".encode("utf-16-le"),
            "protected by a password; save it as .xlsx",
        ),
        ("a.xlsx", b"", "save it as .xlsx"),
        ("a.xls", b"<html><table>", "save it as .xlsx"),
        ("a.xlsx", b"PK\x03\x04 cut off", "damaged"),
        ("a.csv", b'\xef\xbb\xbf"' + b"x" * 200_000, "not a CSV file"),
    ],
)
def test_what_cannot_be_read_is_told_in_one_sentence(
    tmp_path: Path, name: str, data: bytes, expected: str
) -> None:
    (tmp_path / name).write_bytes(data)
    assert expected in refusal(tmp_path / name)
    assert "\n" not in refusal(tmp_path / name)


def test_no_file_and_a_folder_are_told(tmp_path: Path) -> None:
    assert refusal(tmp_path / "none.xlsx") == "no such file"
    assert refusal(tmp_path) == "this is a folder; name a file"


def test_a_huge_file_is_refused_unread(tmp_path: Path) -> None:
    with (tmp_path / "a.csv").open("wb") as file:
        file.truncate(33 << 20)
    assert refusal(tmp_path / "a.csv").startswith("larger than 32 MB")


def test_bombs_are_refused_before_they_cost_anything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = workbook(tmp_path, [HEAD, ("甲", "http://a.cn/")])
    monkeypatch.setattr(spreadsheet, "MAX_UNPACKED", 1000)
    assert "unpacks to more than" in refusal(path)
    monkeypatch.undo()
    monkeypatch.setattr(spreadsheet, "MAX_ELEMENTS", 20)
    assert "more cells than" in refusal(path)
    monkeypatch.undo()
    monkeypatch.setattr(spreadsheet, "MAX_ROW_ELEMENTS", 3)
    assert "more cells than" in refusal(path)
    monkeypatch.undo()
    assert urls(read_list(path)) == ["http://a.cn/"]


def test_entities_are_refused(tmp_path: Path) -> None:
    doctype = '<!DOCTYPE worksheet [<!ENTITY x SYSTEM "file:///etc/passwd">]><worksheet'
    path = repacked(workbook(tmp_path, [HEAD]), "<worksheet", doctype)
    assert "declares entities" in refusal(path)


def test_rows_beyond_the_bound_are_refused_and_empty_ones_are_not(tmp_path: Path) -> None:
    book = Workbook()
    fill(book.active, [HEAD, ("甲", "http://a.cn/")])
    book.active["B200001"].number_format = "0.00"
    assert len(read_list(saved(tmp_path, book)).rows) == 1
    book.active["B200001"] = "http://b.cn/"
    assert "more than 200,000 rows" in refusal(saved(tmp_path, book))


def test_a_row_that_says_it_is_the_billionth_ends_soon(tmp_path: Path) -> None:
    path = workbook(tmp_path, [HEAD, ("甲", "http://a.cn/"), ("乙", "http://b.cn/")])
    path = repacked(path, '<row r="3"', '<row r="1000000000"')
    assert urls(read_list(path)) == ["http://a.cn/"]


def read_or_refuse(folder: Path, name: str, data: bytes) -> None:
    (folder / name).write_bytes(data)
    try:
        read_list(folder / name)
    except AuditError as error:
        assert str(error)


@given(data=st.binary(max_size=400), name=st.sampled_from(["a.csv", "a.xlsx", "a.xls"]))
def test_arbitrary_bytes_are_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, name: str
) -> None:
    read_or_refuse(tmp_path_factory.getbasetemp(), name, data)


@given(text=st.text(alphabet='网址,;\t\n\r"htp:/\\.www@()。、a1 ', max_size=80))
def test_arbitrary_cells_below_a_header_are_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    read_or_refuse(tmp_path_factory.getbasetemp(), "b.csv", f"单位,网址\n{text}".encode())


def sample() -> bytes:
    book = Workbook()
    fill(book.active, [HEAD, ("甲", "点击"), ("乙", "http://b.cn/")])
    book.active["B2"].hyperlink = "http://a.cn/"
    book.active.merge_cells("A2:A3")
    out = io.BytesIO()
    book.save(out)
    stored = io.BytesIO()
    with zipfile.ZipFile(out) as old, zipfile.ZipFile(stored, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))
    return stored.getvalue()


SAMPLE = sample()


@settings(deadline=None)
@given(where=st.integers(0, len(SAMPLE) - 1), bad=st.binary(min_size=1, max_size=6))
def test_damaged_workbooks_are_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, where: int, bad: bytes
) -> None:
    data = SAMPLE[:where] + bad + SAMPLE[where + len(bad) :]
    read_or_refuse(tmp_path_factory.getbasetemp(), "c.xlsx", data)


# --- to targets ----------------------------------------------------------------------------------


def plan_of(folder: Path, targets: Path) -> list[dict[str, object]]:
    (folder / "rules.yaml").write_text(RULES, encoding="utf-8")
    units = load(targets, [folder / "rules.yaml"], today=TODAY).units
    return [unit.target.model_dump(exclude={"listed"}) for unit in units]


def test_units_are_written_one_a_line_and_numbered_where_the_host_is_taken() -> None:
    found = Listing(
        (
            Row(
                "教育局",
                "http://jyj.a.cn/",
                2,
                ("市直部门",),
                person="王",
                email="a@b.cn",
                id="jyj",
            ),
            Row("甲", "http://b.cn/", 3),
            Row("乙: [x] #1", "http://b.cn/x", 4, id="b.cn-2"),
            Row("no", "http://b.cn/y", 5),
        )
    )
    assert to_yaml(found, source="名\n单.xlsx").splitlines() == [
        "# Made of 名 单.xlsx by `ycaudit import`.",
        "units:",
        '  - {id: jyj, name: 教育局, url: "http://jyj.a.cn/", tags: [市直部门], '
        "contact: {person: 王, email: a@b.cn}}",
        '  - {id: b.cn, name: 甲, url: "http://b.cn/"}',
        "  - {id: b.cn-2, name: '乙: [x] #1', url: \"http://b.cn/x\"}",
        "  - {id: b.cn-3, name: 'no', url: \"http://b.cn/y\"}",
    ]


def test_a_list_gives_the_same_units_directly_and_by_import(tmp_path: Path) -> None:
    rows = [
        ("编号", "单位", "网址", "标签", "电话"),
        ("0123", "甲", "a.cn", "x，y", "0717-6250000"),
        ("0123", "null", "http://a.cn/b", "", ""),
        (None, "“乙” \\ 'n' {}", "http://a.cn/c?x=1#{y}", None, None),
    ]
    path = workbook(tmp_path, rows)
    found = read_list(path)
    written = tmp_path / "targets.yaml"
    written.write_text(to_yaml(found, source=path.name), encoding="utf-8")
    direct = plan_of(tmp_path, path)
    assert [unit["id"] for unit in direct] == ["0123", "a.cn", "a.cn-2"]
    assert plan_of(tmp_path, written) == direct
    assert "名单.xlsx:3: the id 0123 is used in row 2; one is made of the address" in told(found)


@given(names=st.lists(st.text(min_size=1, max_size=12), min_size=1, max_size=4))
def test_whatever_a_cell_says_can_be_written_and_loaded(
    tmp_path_factory: pytest.TempPathFactory, names: list[str]
) -> None:
    folder = tmp_path_factory.getbasetemp()
    rows = [(f'"{n.replace(chr(34), "")}"', f"http://{i}.cn/") for i, n in enumerate(names)]
    text = "单位,网址\n" + "".join(f"{name},{url}\n" for name, url in rows)
    path = folder / "d.csv"
    path.write_bytes(text.encode("utf-8", "replace"))
    found = read_list(path)
    if not found.rows:
        return
    written = folder / "d.yaml"
    written.write_text(to_yaml(found, source="x"), encoding="utf-8")
    units = plan_of(folder, written)
    assert [(u["name"], u["url"]) for u in units] == [(r.name, r.url) for r in found.rows]


def test_a_plan_knows_the_rows_and_what_was_mended(tmp_path: Path) -> None:
    (tmp_path / "rules.yaml").write_text(RULES, encoding="utf-8")
    path = workbook(tmp_path, [("标题",), HEAD, ("甲", "a.cn")])
    plan = load(path, [tmp_path / "rules.yaml"], today=TODAY)
    listed = plan.units[0].target.listed
    assert listed is not None
    assert (listed.file, listed.line) == (str(path), 3)
    assert plan.notices == (f"{path}:3: 'a.cn' is read as http://a.cn",)


def test_problems_of_a_list_come_with_those_of_the_rules(tmp_path: Path) -> None:
    rules = tmp_path / "rules.yaml"
    rules.write_text(RULES.replace("kind: link", "kind: lnik"), encoding="utf-8")
    path = csv_file(tmp_path, "单位,网址\n甲,\n乙,http://b.cn/\n")
    with pytest.raises(ConfigError) as caught:
        load(path, [rules], today=TODAY)
    assert {(p.file, p.line) for p in caught.value.problems} == {(str(path), 2), (str(rules), 3)}
    with pytest.raises(ConfigError, match=r"none\.xlsx: no such file"):
        load(tmp_path / "none.xlsx", [rules], today=TODAY)


# --- the command ---------------------------------------------------------------------------------


def test_import_writes_the_targets_and_tells_what_was_mended(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "targets.yaml"
    path = csv_file(tmp_path, "单位,网址\n甲,a.cn\n")
    import_.command(path, output)
    out, err = capsys.readouterr()
    assert out == f"1 unit written to {output}\n"
    assert err == f"ycaudit: {path}:2: 'a.cn' is read as http://a.cn\n"
    assert [unit["name"] for unit in plan_of(tmp_path, output)] == ["甲"]


def test_import_leaves_with_1_where_rows_were_left_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = csv_file(tmp_path, "单位,网址\n甲,\n乙,http://b.cn/\n")
    with pytest.raises(import_.typer.Exit) as left:
        import_.command(path, tmp_path / "targets.yaml")
    assert left.value.exit_code == 1
    out, err = capsys.readouterr()
    assert out.endswith("targets.yaml; 1 left out\n")
    assert err == f"ycaudit: {path}:2: 甲 has no address\n"


def test_import_writes_over_a_file_only_when_forced(tmp_path: Path) -> None:
    output = tmp_path / "targets.yaml"
    output.write_text("mine", encoding="utf-8")
    path = csv_file(tmp_path, "单位,网址\n甲,http://a.cn/\n")
    with pytest.raises(AuditError, match="--force"):
        import_.command(path, output)
    assert output.read_text(encoding="utf-8") == "mine"
    import_.command(path, output, force=True)
    assert output.read_text(encoding="utf-8").startswith("# Made of 名单.csv")


def test_import_of_a_list_without_units_writes_nothing(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="甲 has no address"):
        import_.command(csv_file(tmp_path, "单位,网址\n甲,\n"), tmp_path / "targets.yaml")
    assert not (tmp_path / "targets.yaml").exists()
