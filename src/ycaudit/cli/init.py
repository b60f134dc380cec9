"""ycaudit init: a commented start for another city or organisation."""

from __future__ import annotations

import os
from importlib.resources import files
from pathlib import Path
from typing import Annotated

import typer

from ycaudit import i18n
from ycaudit.cli import console
from ycaudit.errors import AuditError
from ycaudit.inputs import json_schema
from ycaudit.runs.evidence import write_whole

PLACES = {
    "targets.yaml": "targets.yaml",
    "rules.yaml": "rules/policy.yaml",
    "ycaudit.toml": "ycaudit.toml",
}
SCHEMAS = {"targets.yaml": "targets", "rules.yaml": "rules"}


def command(
    folder: Annotated[Path, typer.Argument(help="The folder to begin in.")] = Path(),
) -> None:
    """Write a commented targets.yaml, rules, settings, and the schemas that editors check by."""
    known = {folder / place for place in PLACES.values()} | {
        folder / "schemas" / f"{name}.schema.json" for name in SCHEMAS.values()
    }
    if there := sorted(path for path in known if path.exists()):
        raise AuditError("{0} is there already, so nothing was written: begin elsewhere", there[0])
    language = "zh" if i18n.wanted(os.environ) == "zh" else "en"
    texts = files("ycaudit") / "starting" / language
    for name, place in PLACES.items():
        text = (texts / name).read_text(encoding="utf-8")
        if name in SCHEMAS:
            up = "../" * place.count("/")
            text = f"{json_schema.STAMP}{up}schemas/{SCHEMAS[name]}.schema.json\n{text}"
        write_whole(folder / place, text.encode())
    for name in SCHEMAS.values():
        write_whole(folder / "schemas" / f"{name}.schema.json", json_schema.text_of(name).encode())
    for path in sorted(known):
        console.info("wrote {0}", path)
    console.info("next: put your units and requirements in, then run `ycaudit validate`")
