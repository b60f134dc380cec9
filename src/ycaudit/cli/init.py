"""ycaudit init: a commented start for another city or organisation."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from ycaudit import i18n
from ycaudit.cli import console
from ycaudit.cli.stored_runs import where
from ycaudit.errors import AuditError
from ycaudit.inputs import examples


def command(
    folder: Annotated[Path, typer.Argument(help="The folder to begin in.")] = Path(),
) -> None:
    """Write a commented targets.yaml, rules, settings, and the schemas that editors check by."""
    language = "zh" if i18n.wanted(os.environ) == "zh" else "en"
    known = sorted(folder / place for place in examples.texts(language))
    if there := [path for path in known if path.exists()]:
        raise AuditError("{0} is there already, so nothing was written: begin elsewhere", there[0])
    # Runs that were kept before, in the file for all, would seem to be gone.
    is_new = not (folder.is_dir() and any(folder.iterdir()) and where(None).exists())
    for path in examples.write(folder, language, is_new=is_new):
        console.info("wrote {0}", path)
    console.info("next: put your units and requirements in, then run `ycaudit validate`")
