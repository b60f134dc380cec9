"""Lists of units as offices keep them, written into a folder and read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from ycaudit.errors import AuditError, ConfigError
from ycaudit.inputs.plan import load
from ycaudit.inputs.unit_list import Listing, read_list

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
    return [site.url for unit in found.units for site in unit.sites]


def told(found: Listing) -> str:
    """Problems and notices without the folder."""
    lines = (*map(str, found.problems), *found.notices, *found.doubts)
    return "\n".join(line[line.index("名单") :] for line in lines)


def of_cell(folder: Path, text: object) -> Listing:
    """A list whose one unit has this in its address cell."""
    return read_list(workbook(folder, [HEAD, ("教育局", text)]))


def refusal(path: Path) -> str:
    with pytest.raises(ConfigError) as caught:
        read_list(path)
    return str(caught.value).removeprefix(f"{path}: ")


def read_or_refuse(folder: Path, name: str, data: bytes) -> None:
    (folder / name).write_bytes(data)
    try:
        read_list(folder / name)
    except AuditError as error:
        assert str(error)


def plan_of(folder: Path, targets: Path) -> list[dict[str, object]]:
    (folder / "rules.yaml").write_text(RULES, encoding="utf-8")
    units = load(targets, [folder / "rules.yaml"], today=TODAY).units
    return [unit.target.model_dump(exclude={"listed"}) for unit in units]
