"""The floors: modules import only downward, and outside libraries have few homes."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src" / "ycaudit"

# From the ground up; a module may import what stands on its own floor or below.
FLOORS = (
    {"", "errors", "address", "child", "words"},
    {"model", "sheets"},
    {"stored", "throttle", "typed"},
    {"accept", "accounts"},
    {"requirements", "unit", "render", "diff", "decisions", "evidence", "dial"},
    {
        "config",
        "schema",
        "listing",
        "figures",
        "reviews",
        "history",
        "transport",
        "charset",
        "timestamp",
    },
    {"fetch"},
    {"observe", "city"},
    {"scan", "pin", "mail", "cache", "proof", "controls"},
    {"workplace"},
    {"library"},
    {"worker"},
    {"cluster"},
    {"cli", "__main__"},
)
HOMES = {
    "httpx": {"dial", "fetch", "transport", "observe.gateway", "timestamp"},
    "isal": {"fetch"},
    "segno": {"controls", "cli.doctor"},
    "rfc3161_client": {"timestamp"},
    "cryptography": {"timestamp"},
    "httptools": {"transport"},
    "aiohappyeyeballs": {"dial"},
    "playwright": {"observe.browser", "observe.chromium"},
    "selectolax": {"observe.markup", "observe.styles"},
    "tinycss2": {"observe.styles"},
    "quickjs": {"observe.scripts"},
    "zxingcpp": {"observe.engines"},
    "pyzbar": {"observe.engines"},
    "cv2": {"observe.engines"},
    "resvg_py": {"observe.raster"},
    "openpyxl": {"sheets", "render.excel", "render.form", "render.workbook", "reviews"},
    "rich": {"render.table", "cli.running"},
    "yaml": {"config", "city", "listing"},
    "docx": {"render.letter"},
    "ruamel": {"pin"},
    "sqlite3": {"history", "stored", "cache"},
    "smtplib": {"mail"},
    "platformdirs": {"cli.history", "cli.running"},
    "jinja2": {"render.report"},
    "dask": {"cluster"},
    "distributed": {"cluster", "worker"},
    "ada_url": {"address", "observe.scripts"},
}
MODULES = sorted(SOURCE.rglob("*.py"))


def name_of(path: Path) -> str:
    parts = path.relative_to(SOURCE).with_suffix("").parts
    return ".".join(parts).removesuffix("__init__").rstrip(".")


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            if node.module == "ycaudit":
                yield from (f"ycaudit.{alias.name}" for alias in node.names)


def floor(module: str) -> int:
    top = module.partition(".")[0]
    return next(n for n, floor in enumerate(FLOORS) if top in floor)


# The front door names what the library offers, and loads it only when it is asked for.
@pytest.mark.parametrize("path", [p for p in MODULES if name_of(p)], ids=name_of)
def test_a_module_imports_only_downward(path: Path) -> None:
    mine = floor(name_of(path))
    for imported in imports(path):
        if (
            imported.startswith("ycaudit.")
            and (SOURCE / imported.split(".")[1]).exists()
            | (SOURCE / f"{imported.split('.')[1]}.py").exists()
        ):
            assert floor(imported.removeprefix("ycaudit.")) <= mine, f"{path}: {imported}"


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_outside_libraries_stay_in_their_homes(path: Path) -> None:
    for imported in imports(path):
        homes = HOMES.get(imported.partition(".")[0])
        assert homes is None or name_of(path) in homes, f"{path}: {imported}"


def test_every_module_stands_on_a_floor_and_says_what_it_is_for() -> None:
    for path in MODULES:
        assert floor(name_of(path)) >= 0
        assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))), path
