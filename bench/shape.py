"""The shape of the code in figures: lines, lengths, parameters, branches.

    .venv/bin/python bench/shape.py [DIR]

A function's length is its lines without decorators, functions within it included; its parameters
are all but self and cls. Cyclomatic complexity is counted as ruff does (C901): one, and one for
each if, elif, loop, except, case that may fail, and function within.
"""

from __future__ import annotations

import argparse
import ast
import re
import statistics
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

SRC = Path(__file__).parents[1] / "src" / "ycaudit"
MAX_FILE, MAX_FUNCTION = 350, 60
WORST = 20
"""Of each kind are named."""
IGNORE = re.compile(r"#\s*type:\s*ignore")
FunctionDef = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Function:
    """One function of the tree."""

    where: str
    lines: int
    parameters: int
    complexity: int


def functions(path: Path, root: Path) -> Iterator[Function]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, FunctionDef):
            where = f"{path.relative_to(root)}:{node.lineno} {node.name}"
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            yield Function(where, lines, _parameters(node), 1 + _branches(node.body))


def _parameters(node: FunctionDef) -> int:
    args = node.args
    named = [arg.arg for arg in (*args.posonlyargs, *args.args, *args.kwonlyargs)]
    stars = (args.vararg is not None) + (args.kwarg is not None)
    return len([name for name in named if name not in ("self", "cls")]) + stars


def _branches(statements: Iterable[ast.stmt]) -> int:
    return sum(map(_of_statement, statements))


def _of_statement(node: ast.stmt) -> int:
    match node:
        case ast.If():
            return 1 + _branches(node.body) + _branches(node.orelse)
        case ast.For() | ast.AsyncFor() | ast.While():
            return 1 + _branches(node.body) + _branches(node.orelse)
        case ast.Try() | ast.TryStar():
            handled = sum(1 + _branches(handler.body) for handler in node.handlers)
            parts = (node.body, node.orelse, node.finalbody)
            return handled + bool(node.orelse) + sum(map(_branches, parts))
        case ast.Match():
            last = node.cases[-1]
            certain = last.guard is None and isinstance(last.pattern, ast.MatchAs)
            certain = certain and last.pattern.pattern is None
            return sum(1 + _branches(case.body) for case in node.cases) - certain
        case ast.With() | ast.AsyncWith() | ast.ClassDef():
            return _branches(node.body)
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            return 1 + _branches(node.body)
        case _:
            return 0


def show(title: str, worst: Iterable[tuple[int, str]]) -> None:
    found = sorted(worst, reverse=True)
    print(f"{title}: {len(found)}")
    for number, where in found[:WORST]:
        print(f"{number:7} {where}")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", nargs="?", type=Path, default=SRC, metavar="DIR")
    root: Path = parser.parse_args().folder
    texts = {path: path.read_text(encoding="utf-8") for path in sorted(root.rglob("*.py"))}
    sizes = {path: len(text.splitlines()) for path, text in texts.items()}
    found = [function for path in texts for function in functions(path, root)]
    if not found:
        parser.error(f"{root} has no functions")
    lengths = sorted(function.lines for function in found)
    ninety = lengths[int(len(lengths) * 0.9)]
    print(f"lines: {sum(sizes.values())} in {len(sizes)} files")
    print(f"functions: {len(found)}")
    print(f"length: median {statistics.median(lengths):g}, 90 % {ninety}, max {lengths[-1]}")
    large = [(size, str(path.relative_to(root))) for path, size in sizes.items() if size > MAX_FILE]
    show(f"files over {MAX_FILE} lines", large)
    long = [(f.lines, f.where) for f in found if f.lines > MAX_FUNCTION]
    show(f"functions over {MAX_FUNCTION} lines", long)
    for title, numbered in (
        ("most parameters", [(f.parameters, f.where) for f in found]),
        ("worst cyclomatic complexity", [(f.complexity, f.where) for f in found]),
    ):
        number, where = max(numbered)
        print(f"{title}: {number}, {where}")
    print(f"type: ignore: {sum(len(IGNORE.findall(text)) for text in texts.values())}")


if __name__ == "__main__":
    main()
