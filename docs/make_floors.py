"""Makes docs/pictures/floors.svg, the picture of the folders and their imports, from the source.

python docs/make_floors.py

A row is a folder, from the command line at the top down to the nouns that lie in no folder. An
arrow says how many imports its modules have from the modules of a folder below.
"""

from __future__ import annotations

import ast
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from html import escape
from pathlib import Path

DOCS = Path(__file__).parent
SOURCE = DOCS.parent / "src" / "ycaudit"
PICTURE = DOCS / "pictures" / "floors.svg"
GROUND = "ground floor"
DOORS = {"__init__", "__main__"}
"""What the package shows to the outside; they stand on no floor."""
ABOUT = {
    "cli": "one module a command",
    "desk": "the local web page",
    "auditing": "runs an audit",
    "report": "what is made of a run",
    "inputs": "lists, rules, numbers",
    "observe": "looks at homepages",
    "runs": "history, evidence",
    "net": "the way to the network",
    "rules": "what is asked, and the judge",
    "model": "the records of an audit",
    GROUND: "reasons, messages, addresses",
}
"""The folders from the top; a test compares them with the floors that imports keep to."""

WIDTH, LEFT, RIGHT = 900, 195, 225
SIGN, LINE, GAP, EDGE, BAR = 7.9, 21, 14, 12, 0.6
"""Pixels: the width of a letter, the height of a line, between rows, the margin, an import."""
STYLE = """
text { font: 13px 'DejaVu Sans Mono', Menlo, Consolas, monospace; fill: #1d2733 }
.name { font: bold 17px 'DejaVu Sans', Verdana, sans-serif }
.about, .head { font: 12px 'DejaVu Sans', Verdana, sans-serif; fill: #51606f }
.row { fill: #f3f6f9; stroke: #c3cdd7 }
.ground { fill: #e6eef5 }
.bar { fill: #3d7ea6 }
"""


def folder_of(path: Path) -> str:
    """The folder in which a module lies, from the package down."""
    parts = path.relative_to(SOURCE).parts
    return parts[0] if len(parts) > 1 else GROUND


def modules() -> dict[str, list[str]]:
    """The modules of each folder by their names, those of folders within with theirs before."""
    found: dict[str, list[str]] = {folder: [] for folder in ABOUT}
    for path in sorted(SOURCE.rglob("*.py")):
        if path.stem in DOORS:
            continue
        inner = path.relative_to(SOURCE).with_suffix("").parts[1:] or (path.stem,)
        found[folder_of(path)].append("/".join(inner))
    return {folder: sorted(names, key=lambda n: ("/" in n, n)) for folder, names in found.items()}


def imports() -> Counter[tuple[str, str]]:
    """How many modules of another folder are imported by modules of a folder, each by each."""
    found: Counter[tuple[str, str]] = Counter()
    for path in sorted(SOURCE.rglob("*.py")):
        if path.parent == SOURCE and path.stem in DOORS:
            continue
        for name in set(_imported(path)):
            if (to := _folder_named(name)) != folder_of(path):
                found[folder_of(path), to] += 1
    return found


def _imported(path: Path) -> Iterator[str]:
    """Modules of the package that a module imports, by their dotted names in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.ImportFrom) or not node.module:
            continue
        package, _, rest = node.module.partition(".")
        if package != "ycaudit":
            continue
        for alias in node.names:
            name = f"{rest}.{alias.name}" if rest else alias.name
            if (SOURCE / name.replace(".", "/")).with_suffix(".py").is_file():
                yield name
            elif rest:
                yield rest


def _folder_named(name: str) -> str:
    top = name.partition(".")[0]
    return top if (SOURCE / top).is_dir() else GROUND


def picture() -> str:
    """The picture as SVG."""
    counted = imports()
    parts: list[str] = []
    top = 58.0
    for folder, names in modules().items():
        lines = list(_wrapped(names, WIDTH - LEFT - RIGHT - 3 * EDGE))
        below = {to: counted[folder, to] for to in ABOUT if counted[folder, to]}
        height = max(len(lines), len(below), 2) * LINE + 2 * EDGE
        parts += _row(folder, lines, below, top=top, height=height)
        top += height + GAP
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{top:.0f}" '
        f'viewBox="0 0 {WIDTH} {top:.0f}" role="img" aria-labelledby="t">'
    )
    title = "The folders of src/ycaudit, each of which imports only those below it"
    return "\n".join(
        [
            head,
            f'<title id="t">{title}</title>',
            f"<style>{STYLE}</style>",
            '<rect width="100%" height="100%" fill="#ffffff"/>',
            _text(EDGE + 8, 34, title, "head"),
            _text(WIDTH - RIGHT + EDGE, 34, "imports from the floors below", "head"),
            *parts,
            "</svg>\n",
        ]
    )


def _row(
    folder: str, lines: list[str], below: Mapping[str, int], *, top: float, height: float
) -> Iterator[str]:
    """A folder with its modules and its imports from the floors below."""
    kind = "row ground" if folder == GROUND else "row"
    yield (
        f'<rect class="{kind}" x="{EDGE}" y="{top:.0f}" width="{WIDTH - 2 * EDGE}" '
        f'height="{height:.0f}" rx="6"/>'
    )
    yield _text(EDGE + 14, top + EDGE + 15, folder, "name")
    yield _text(EDGE + 14, top + EDGE + 35, ABOUT[folder], "about")
    for number, line in enumerate(lines):
        yield _text(LEFT + EDGE, top + EDGE + 15 + number * LINE, line)
    for number, (to, count) in enumerate(below.items()):
        y = top + EDGE + 15 + number * LINE
        x = WIDTH - RIGHT + EDGE
        yield _text(x, y, f"↓ {to}")
        long = round(BAR * count)
        yield f'<rect class="bar" x="{x + 125}" y="{y - 10:.0f}" width="{long}" height="10"/>'
        yield _text(x + 131 + long, y, str(count), "about")


def _wrapped(names: list[str], width: float) -> Iterator[str]:
    """The names in lines that fit; those of a folder within begin a line of their own."""
    line, group = "", ""
    for name in names:
        inner = name.rpartition("/")[0]
        shown = name if inner != group else name.rpartition("/")[2]
        if line and (inner != group or (len(line) + len(shown) + 2) * SIGN > width):
            yield line
            line = ""
            shown = name if inner != group else f"  {shown}"
        line = f"{line}  {shown}" if line else shown
        group = inner
    yield line


def _text(x: float, y: float, text: str, kind: str = "") -> str:
    chosen = f' class="{kind}"' if kind else ""
    return f'<text x="{x:.0f}" y="{y:.0f}"{chosen} xml:space="preserve">{escape(text)}</text>'


if __name__ == "__main__":
    PICTURE.write_text(picture(), encoding="utf-8")
    print(PICTURE, file=sys.stderr)
