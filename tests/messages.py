"""Gathers the messages of the source and keeps the catalogues: python tests/messages.py

A message stands in the source as the first argument of a call that is named in `MARKS`, in a table
`Translated({...})`, in the help of an option or the docstring of a command. Reasons stand in the
catalogues under `reason.CODE`, their English in `ycaudit/reason_table.py`.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from babel.messages import Catalog
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po, write_po

from ycaudit.reason_table import REASONS

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "ycaudit"
LOCALE = SOURCE / "locale"
DOMAIN = "ycaudit"
CHINESE = re.compile("[\u4e00-\u9fff]")
_WIDE = re.compile("[\u4e00-\u9fff\u3000-\u303f\uff00-\uffef]")
_WORD = re.compile(r"(?<![\w{/.-])[A-Za-z][a-z']+(?![\w(=/.-])")
MARKS = {
    "Message", "translate", "console.notice", "console.error", "console.info", "notice", "remark",
    "AuditError", "StoppedError", "InvalidValueError", "UnreadableError", "_BadFileError",
}  # fmt: skip
"""Calls whose first argument is a message."""
OF_TYPER = {
    "Usage:", "Options:", "Arguments:", "Commands:", "[required]", "[default: ",
    "Show this message and exit.", "Install completion for the current shell.",
    "Show completion for the current shell, to copy it or customize the installation.",
}  # fmt: skip
LETTERS = re.compile(r"[^\W\d_]")
_HOLES = re.compile(r"\{[^{}]*\}")


def texts(path: Path) -> Iterator[tuple[int, str]]:
    """The line and the text of each message of a module."""
    for node in ast.walk(_parsed(path)):
        match node:
            case ast.Call():
                for value in _told_by(node):
                    match value:
                        case ast.Constant(value=str(text)):
                            yield value.lineno, text
            case ast.FunctionDef(name="command") if path.parent.name == "cli":
                yield node.lineno, ast.get_docstring(node) or ""


def _told_by(call: ast.Call) -> list[ast.expr]:
    """What a call is given to be told to somebody."""
    match _name(call.func):
        case "Translated":
            return [
                value
                for table in call.args
                if isinstance(table, ast.Dict)
                for value in table.values
            ]
        case "Option" | "Argument" | "Typer":
            return [word.value for word in call.keywords if word.arg in ("help", "epilog")]
        case "Step":
            return call.args[-1:]
        case name:
            return call.args[:1] if name in MARKS else []


@cache
def _parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def _name(func: ast.expr) -> str:
    match func:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=ast.Name(id="console"), attr=name):
            return f"console.{name}"
        case ast.Attribute(attr=name):
            return name
        case _:
            return ""


def uses(path: Path) -> Iterator[tuple[int, str, frozenset[str]]]:
    """Where a module makes a reason by a literal code: line, code and names of parameters."""
    for node in ast.walk(_parsed(path)):
        match node:
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id="Reason"), attr="of"),
                args=[ast.Constant(value=str(code))],
                keywords=keywords,
            ):
                yield node.lineno, code, frozenset(k.arg for k in keywords if k.arg)


def is_worded(text: str) -> bool:
    """Whether there is anything to translate: not only holes and signs."""
    return LETTERS.search(_HOLES.sub("", text)) is not None or _WIDE.search(text) is not None


@cache
def messages() -> dict[str, list[str]]:
    """Every message of the program: the files in which it stands."""
    found: dict[str, list[str]] = {}
    for path in sorted(SOURCE.rglob("*.py")):
        for _, text in texts(path):
            if is_worded(text):
                found.setdefault(text, []).append(path.relative_to(ROOT).as_posix())
    for path in sorted(SOURCE.glob("*/templates/*.html.j2")):
        source = path.read_text(encoding="utf-8")
        for match in re.finditer(r"_\(\s*'([^']+)'|_\(\s*\"([^\"]+)\"", source):
            found.setdefault(match[1] or match[2], []).append(path.relative_to(ROOT).as_posix())
    return found | {text: ["src/ycaudit/cli/app.py"] for text in OF_TYPER}


def wanted(language: str) -> dict[str, list[str]]:
    """The messages that this language needs: Chinese those in English, English those in Chinese."""
    found = {
        text: places
        for text, places in messages().items()
        if is_chinese(text) == (language == "en")
    }
    if language == "en":
        return found
    return found | {f"reason.{code}": ["src/ycaudit/reason_table.py"] for code in REASONS}


def is_chinese(text: str) -> bool:
    """A sentence in English may name a sheet in Chinese."""
    return bool(_WIDE.search(text)) and len(_WORD.findall(text)) < 2


def file_of(language: str, suffix: str) -> Path:
    return LOCALE / language / "LC_MESSAGES" / f"{DOMAIN}.{suffix}"


def catalogue(language: str, suffix: str) -> dict[str, str]:
    """What a file of the catalogue holds: message and translation."""
    read = read_po if suffix == "po" else read_mo
    with file_of(language, suffix).open("rb") as file:
        return {str(m.id): str(m.string or "") for m in read(file) if m.id}


def comment_of(text: str) -> list[str]:
    """For translators: the English of a reason."""
    code = text.removeprefix("reason.")
    return [REASONS[code].text] if code != text and code in REASONS else []


def main() -> None:
    for language in ("zh", "en"):
        file = file_of(language, "po")
        file.parent.mkdir(parents=True, exist_ok=True)
        old = catalogue(language, "po") if file.exists() else {}
        new = Catalog(locale=language, domain=DOMAIN, project=DOMAIN, fuzzy=False)
        new.header_comment = f"# What ycaudit says, in {language}. Kept by tests/messages.py."
        for text, places in sorted(wanted(language).items()):
            new.add(
                text, old.get(text, ""), locations=[(places[0], 0)], auto_comments=comment_of(text)
            )
        with file.open("wb") as out:
            write_po(
                out, new, no_location=False, omit_header=False, width=100, include_lineno=False
            )
        with file_of(language, "mo").open("wb") as out:
            write_mo(out, new)
        left = [m.id for m in new if m.id and not m.string]
        print(f"{language}: {len(new)} messages, {len(left)} not translated", file=sys.stderr)
        for text in left:
            print(f"  {text!r}", file=sys.stderr)


if __name__ == "__main__":
    main()
