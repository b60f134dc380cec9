"""The floors: imports go down only, between folders and inside them; libraries have few homes."""

from __future__ import annotations

import ast
import runpy
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

SOURCE = Path(__file__).parents[1] / "src" / "ycaudit"

FOLDERS = (
    "model", "rules", "net", "runs", "observe", "inputs", "report", "auditing", "desk", "cli",
)  # fmt: skip
"""From the ground up; below them stand the nouns, which lie in no folder."""
NOUNS = {"errors", "url", "i18n", "reason_table", "reasons", "office_time", "terminal"}
DOORS = {"", "__main__"}
"""What the package shows to the outside: loaded only when it is asked for."""
HOMES = {
    "httpx": {
        "net.answer", "net.client", "net.connect", "net.http1", "net.replay",
        "observe.browser.socks_proxy", "runs.timestamp",
    },
    "re2": {"rules.wordings"},
    "segno": {"auditing.self_test", "cli.doctor", "report.models"},
    "rfc3161_client": {"runs.timestamp"},
    "cryptography": {"runs.timestamp"},
    "aiohappyeyeballs": {"net.connect"},
    "playwright": set(),
    "selectolax": {
        "observe.static.texts",
        "observe.static.elements", "observe.static.images", "observe.static.links",
        "observe.static.styled_tree", "observe.static.styles", "observe.static.tree",
    },
    "tinycss2": {"observe.static.sheets"},
    "warcio": {"runs.recording", "runs.case_file"},
    "quickjs": {"observe.static.script_worker"},
    "zxingcpp": {"observe.qr.decoders"},
    "pyzbar": {"observe.qr.decoders"},
    "cv2": {"observe.qr.decoders"},
    "resvg_py": {"observe.qr.raster"},
    "openpyxl": {
        "inputs.xlsx_file", "report.excel", "report.statistics_form", "report.sheet_writer",
        "report.sample_sheet",
    },
    "xlrd": {"inputs.xls_file"},
    "rich": {"report.table", "report.collection_table", "cli.progress"},
    "yaml": {
        "inputs.yaml_document", "auditing.demo_city", "auditing.pin_text", "inputs.targets_yaml",
    },
    "docx": {
        "report.blank_paper", "report.official_paper", "report.paper_template",
        "report.paper_text",
    },
    "sqlite3": {
        "runs.availability", "runs.past", "runs.history_file", "runs.report_store",
        "runs.letter_log", "runs.paper_log", "auditing.cache",
    },
    "smtplib": {"report.mail"},
    "platformdirs": {"cli.stored_runs", "cli.options"},
    "jinja2": {"report.html", "desk.html"},
    "starlette": {
        "desk.app", "desk.asked", "desk.guard", "desk.html",
        *(f"desk.pages.{page}" for page in (
            "cases", "changes", "letters", "list", "papers", "pictures", "review", "rounds",
            "check", "rules", "run", "unit",
        )),
    },
    "uvicorn": {"desk.server"},
    "dask": {"auditing.dask_cluster"},
    "distributed": {
        "auditing.dask_client", "auditing.dask_cluster", "auditing.dask_dispatch",
        "auditing.dask_worker",
    },
    "ada_url": {"url", "observe.static.scripts", "observe.static.script_worker"},
}  # fmt: skip
MODULES = sorted(SOURCE.rglob("*.py"))


def name_of(path: Path) -> str:
    parts = path.relative_to(SOURCE).with_suffix("").parts
    return ".".join(parts).removesuffix("__init__").rstrip(".")


NAMES = {name_of(path): path for path in MODULES}


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def imports(path: Path) -> frozenset[str]:
    found = set[str]()
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            within = [f"{node.module}.{alias.name}" for alias in node.names]
            found.update(within)
            if not all(name.removeprefix("ycaudit.") in NAMES for name in within):
                found.add(node.module)
    return frozenset(found)


def own_imports(path: Path) -> set[str]:
    """The modules of ours that a module imports; of a package also what stands in it."""
    found = {name.removeprefix("ycaudit").lstrip(".") for name in imports(path) if is_own(name)}
    return (found & NAMES.keys()) - DOORS - {name_of(path)}


def is_own(name: str) -> bool:
    return name.split(".", maxsplit=1)[0] == "ycaudit"


def floor(module: str) -> int:
    top = module.partition(".")[0]
    return -1 if top in NOUNS else FOLDERS.index(top)


def test_commands_print_by_the_console_alone() -> None:
    """Else an encoding that lacks a character, or a page's control character, gets through."""
    printing = {
        file.stem
        for file in MODULES
        for node in ast.walk(parsed(file))
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("print", "typer.echo")
    }
    assert printing == {"console", "main", "app"}  # the version, a traceback, the help


def test_a_module_imports_only_downward() -> None:
    upward = [
        f"{path}: {imported}"
        for name, path in NAMES.items()
        if name not in DOORS
        for imported in own_imports(path)
        if floor(imported) > floor(name)
    ]
    assert upward == []


def test_no_modules_import_each_other_in_a_circle() -> None:
    graph = {name: own_imports(path) for name, path in NAMES.items() if name not in DOORS}
    TopologicalSorter(graph).prepare()  # raises CycleError, which names the circle


def test_outside_libraries_stay_in_their_homes() -> None:
    astray = [
        f"{path}: {imported}"
        for name, path in NAMES.items()
        for imported in imports(path)
        if name not in HOMES.get(imported.partition(".")[0], {name})
    ]
    assert astray == []


def test_every_module_says_what_it_is_for() -> None:
    for path in MODULES:
        assert ast.get_docstring(parsed(path)), path


def test_every_folder_stands_on_a_floor() -> None:
    folders = {path.parent.name for path in SOURCE.glob("*/__init__.py")}
    assert folders == set(FOLDERS)


def test_the_picture_of_the_floors_shows_what_they_are() -> None:
    """To mend: python docs/make_floors.py"""
    drawn = runpy.run_path(str(SOURCE.parents[1] / "docs" / "make_floors.py"))
    assert tuple(drawn["ABOUT"])[-2::-1] == FOLDERS
    assert drawn["PICTURE"].read_text(encoding="utf-8") == drawn["picture"]()


def test_no_test_module_imports_another() -> None:
    """What several need stands in tests/support."""
    for path in Path(__file__).parent.rglob("test_*.py"):
        for imported in imports(path):
            assert not imported.startswith(("test_", "conftest")), f"{path}: {imported}"
