"""Reads run documents and reports of any format; format 1 is that of version 0.1.

Format 1 held finished sentences. They stay as they are, as reasons with the code `legacy`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from pydantic import ValidationError

from ycaudit.model import RunHeader, ScanRun, UnitReport

Read = TypeVar("Read", ScanRun, RunHeader, UnitReport)
Json = dict[str, Any]


def read_run(data: bytes | str) -> ScanRun:
    """The run document. Raises pydantic's ValidationError where it is none."""
    return _read(ScanRun, data, _run)


def read_header(data: bytes | str) -> RunHeader:
    """A run without its reports, as histories keep it. Raises pydantic's ValidationError."""
    return _read(RunHeader, data, _header)


def read_report(data: bytes | str) -> UnitReport:
    """A report as histories keep it. Raises pydantic's ValidationError where it is none."""
    return _read(UnitReport, data, _report)


def _read(model: type[Read], data: bytes | str, upgraded: Callable[[Json], Json]) -> Read:
    try:
        return model.model_validate_json(data)
    except ValidationError:
        try:
            return model.model_validate(upgraded(json.loads(data)))
        except (ValueError, TypeError, KeyError, AttributeError):
            pass  # it is not of format 1 either: the reader of format 2 says what is wrong with it
        raise


def _run(run: Json) -> Json:
    reports = [_report(report) for report in run["reports"]]
    return {**_header(run), "reports": reports}


def _header(run: Json) -> Json:
    """Histories kept it as a run without reports, with the outcome of none."""
    if run["format"] != 1:
        raise ValueError("not of format 1")
    suspicions = [_legacy(text) for text in run.get("suspicions", ())]
    header = {key: run[key] for key in run if key not in ("outcome", "reports")}
    return {**header, "format": 2, "suspicions": suspicions}


def _report(report: Json) -> Json:
    sights = report["sights"]
    return {
        **_without(report, "sights"),
        "observations": [_page(s) if s["kind"] == "page" else _unseen(s) for s in sights],
        "verdicts": [_verdict(verdict) for verdict in report["verdicts"]],
    }


def _page(page: Json) -> Json:
    return {
        **_without(page, "exhibits"),
        "evidence_files": page.get("exhibits", ()),
        "remarks": [_legacy(text) for text in page.get("remarks", ())],
        "links": [_thing(link) for link in page.get("links", ())],
        "images": [_thing(image) for image in page.get("images", ())],
        "qr_codes": [_thing(code) for code in page.get("qr_codes", ())],
        "blind_spots": [_thing(spot) for spot in page.get("blind_spots", ())],
    }


def _unseen(unseen: Json) -> Json:
    detail = unseen["detail"]
    return {**_without(unseen, "detail"), "why": _legacy(detail)}


def _verdict(verdict: Json) -> Json:
    return {
        **_without(verdict, "reason"),
        "why": _legacy(verdict["reason"]),
        "evidence": [_thing(item) for item in verdict.get("evidence", ())],
        "near": [_thing(item) for item in verdict.get("near", ())],
    }


def _thing(thing: Json) -> Json:
    """A link, image, code, blind spot or piece of evidence."""
    changed = {key: _legacy(thing[key]) for key in ("unresolved", "why", "note") if thing.get(key)}
    empty = {"note": None} if "note" in thing and not thing["note"] else {}
    renamed = {"file": thing["proof"]} if "proof" in thing else {}
    where = _without(thing["where"], "line")
    return {**_without(thing, "proof"), **empty, **changed, **renamed, "where": where}


def _without(record: Json, key: str) -> Json:
    return {k: v for k, v in record.items() if k != key}


def _legacy(text: str) -> Mapping[str, Any]:
    return {"code": "legacy", "params": {"text": text}}
