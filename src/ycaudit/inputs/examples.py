"""The commented examples to begin with: a list, rules and settings, with the schemas of both."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path

from ycaudit.inputs import json_schema
from ycaudit.runs.evidence import write_whole

LIST, RULES = "targets.yaml", "rules/policy.yaml"
SETTINGS = "ycaudit.toml"
_SOURCES = {LIST: "targets.yaml", RULES: "rules.yaml", SETTINGS: "ycaudit.toml"}
_SCHEMAS = {LIST: "targets", RULES: "rules"}


def texts(language: str) -> dict[str, str]:
    """Every file by its place in the folder, in Chinese or English."""
    folder = files("ycaudit") / "starting" / language
    found = {
        place: _stamp(place) + (folder / source).read_text(encoding="utf-8")
        for place, source in _SOURCES.items()
    }
    schemas = {_schema(name): json_schema.text_of(name) for name in _SCHEMAS.values()}
    return found | schemas


def _schema(name: str) -> str:
    return f"schemas/{name}.schema.json"


def _stamp(place: str) -> str:
    if place not in _SCHEMAS:
        return ""
    return f"{json_schema.STAMP}{'../' * place.count('/')}{_schema(_SCHEMAS[place])}\n"


def write(
    folder: Path, language: str, *, but: Iterable[str] = (), is_new: bool = True
) -> list[Path]:
    """Write the files, but those at these places; returns their paths. Raises AuditError.

    Where the folder is not new, its runs may be kept elsewhere, and go on to be.
    """
    chosen = {place: text for place, text in texts(language).items() if place not in but}
    if not is_new and SETTINGS in chosen:
        chosen[SETTINGS] = chosen[SETTINGS].replace("\nhistory = ", "\n# history = ")
    for place, text in chosen.items():
        write_whole(folder / place, text.encode())
    return sorted(folder / place for place in chosen)
