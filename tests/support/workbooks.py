"""Workbooks written of a run, and opened as an office worker would."""

from __future__ import annotations

import io
from typing import Any

from openpyxl import load_workbook
from PIL import Image as Pillow

from support.reports import report, run, verdict
from ycaudit.model import Evidence, Outcome, ScanRun, Sense, Where
from ycaudit.report.formats import FORMATS, no_evidence

WHERE = Where(origin="markup", url="http://www.edu.test/index.html")


def png(wide: int = 200, high: int = 150) -> bytes:
    out = io.BytesIO()
    Pillow.new("RGB", (wide, high), "black").save(out, "PNG")
    return out.getvalue()


def seen(value: str = "http://w.test/", file: str | None = None, **more: Any) -> Evidence:
    return Evidence(sense=Sense.QR_CODE, value=value, where=WHERE, file=file, **more)


def one_of_each() -> ScanRun:
    return run(
        report("甲", verdict(Outcome.PASS, "p"), verdict(Outcome.PASS)),
        report("乙", verdict(Outcome.FAIL, "p"), verdict(Outcome.PASS)),
        report("丙", verdict(Outcome.UNDETERMINED)),
        report("丁", verdict(Outcome.WAIVED, "p"), verdict(Outcome.WAIVED)),
        report("戊", verdict(Outcome.PASS, "p"), verdict(Outcome.FAIL)),
    )


def written(scan: ScanRun, read_evidence: Any = no_evidence) -> bytes:
    out = io.BytesIO()
    FORMATS["xlsx"].render(scan, out, read_evidence)
    return out.getvalue()


def opened(scan: ScanRun, read_evidence: Any = no_evidence) -> Any:
    return load_workbook(io.BytesIO(written(scan, read_evidence)))


def table(sheet: Any) -> list[dict[str, Any]]:
    """The rows below the headings that the filter stands on, by heading."""
    head, *body = sheet[sheet.auto_filter.ref]
    return [{h.value: cell.value for h, cell in zip(head, line, strict=True)} for line in body]


def cells(book: Any) -> list[Any]:
    return [c for sheet in book for line in sheet.iter_rows() for c in line if c.value is not None]
