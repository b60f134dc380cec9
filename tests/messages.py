"""Finds all that people read in the source, and keeps the catalogues: python tests/messages.py

Nothing is marked in the source. What looks like a sentence there is one: a text in English with
blanks between words, or any text in Chinese; an f-string is a template with {0}, {1} … for what it
fills in. What only looks so is named in `NO_SENTENCE` and `NOT_READ`.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages import Catalog
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "ycaudit"
LOCALE = SOURCE / "locale"
DOMAIN = "ycaudit"
CHINESE = re.compile("[\u4e00-\u9fff]")
_WORD = re.compile(r"(?<![\w{/.-])[A-Za-z][a-z']+(?![\w(=/.-])")
NO_SENTENCE = re.compile(
    r"\s*(SELECT|INSERT|UPDATE|DELETE|CREATE|DROP|PRAGMA|WITH|BEGIN|ALTER)\b|<\?xml|<!DOCTYPE|<w:"
    r"|^Mozilla/|=>|window\.|^/Applications|^C:/|\(\.\+\)|\(\?|^\s*<(?!details)\w+|\\s|function \("
    r"|^[\w-]+: [\w/;=-]+$|^HTTP/|^::|^\w+\[|^(\w+(\[.*\])?, )+\w+(\[.*\])?$|\[\w+="
    r"|Callable|\[style\]"
)
NOT_READ = {  # for machines, or what is looked for on pages and in lists
    "__init__.py", "auditing/demo_city.py", "inputs/json_schema.py", "observe/subprocess_pool.py",
    "auditing/self_test.py:en", "report/sarif.py", "report/json_document.py",
    "report/json_lines.py",
    "report/official_paper.py", "observe/page_images.py:zh", "observe/browser/socks_proxy.py",
    "inputs/unit_list.py:zh", "inputs/cell_url.py:zh", "inputs/statistics.py:zh",
    "report/office_text.py",
}  # fmt: skip
SINGLE = {  # no sentences by their looks
    "not seen: {0}", "sent to {0}", "wrote {0}", "frame {0}", "script {0}", "image {0}",
    "picture {0}", "answered {0}", "Print JSON.", "this list", "see docs/deployment.md", "history",
    "Usage:", "Options:", "Arguments:", "Commands:", "[required]", "[default: ",
    "cache", "disk", "mail", "settings", "interrupted", "unknown", "installed", "units",
}  # fmt: skip
JOINED = {  # made of several parts
    "shows {0} (and {1} more)", "not found, but not everything could be seen: {0} (and {1} more)",
    "{0} QR code{1}", "{0} link{1}", "{0} image{1}", "{0} link{1} and {2} QR code{3}", "{0} waived",
    "did you mean {0}?", "known are {0}",
    # by Typer
    "No such option: {0}", "No such command {0}.", "Missing argument {0}.", "Missing option {0}.",
    "Invalid value for {0}: {1}", "Missing command.",
    "Got unexpected extra argument(s) ({0})", "No such option: {0} (Possible options: {1})",
    "Option {0} requires an argument.",
    "Input should be a valid integer, unable to parse string as an integer",
    "Input should be a valid number, unable to parse string as a number",
    "Input should be greater than or equal to {0}", "Input should be less than or equal to {0}",
    "No such option: {0} Did you mean {1}?",
}  # fmt: skip
BOTH = {  # in which Chinese and English stand side by side
    "人工核定（{0}，{1}）{2}；机器结论：{3}", "{0}上的“{1}”被判为 {2}（{3}：{4}）",
    "没有通过对照：{0}", "未能识读；{0}", "：", "，",
}  # fmt: skip
QUIET = {
    "ycaudit {0}", "Download is starting", "interrupted by another navigation",
    "Sending large graph", "bold red", "Table Grid", "Value error, ", "404 Not Found",
    "gzip, deflate", "zbar dotted", "neural, large", "zbar enlarged",
    "ask why_no_browser first", "ycaudit: {0}",
}  # fmt: skip
"""Said to no person: by other programs, names of styles and steps."""
OFFICE_ONLY = {  # papers whose form is that of Chinese offices: there is no English one
    "report/circular.py", "report/notices.py", "report/statistics_form.py",
    "report/official_paper.py", "report/office_text.py", "inputs/statistics.py", "auditing/pin.py",
}  # fmt: skip


def template(node: ast.expr) -> str | None:
    """The text of a constant or an f-string, with {0}, {1} … for what is filled in."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if not isinstance(node, ast.JoinedStr):
        return None
    number = iter(range(99))
    return "".join(
        str(part.value) if isinstance(part, ast.Constant) else f"{{{next(number)}}}"
        for part in node.values
    )


def is_read(text: str) -> bool:
    """Whether a text of the source looks like one for people."""
    if text in QUIET:
        return False
    if CHINESE.search(text) or text in SINGLE:
        return True
    if NO_SENTENCE.search(text) or len(text) < 4:
        return False
    words = _WORD.findall(text)
    blanks = " " in text.strip()
    return blanks and (len(words) >= 2 or ("{" in text and any(len(w) > 2 for w in words)))


def texts(path: Path) -> Iterator[tuple[int, str]]:
    """The line and the template of everything that people may read in a module."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    quiet: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr):
            quiet.add(id(node.value))
        if isinstance(node, ast.JoinedStr):
            quiet.update(id(part) for part in node.values if isinstance(part, ast.Constant))
            quiet.update(
                id(inner)
                for part in node.values
                if isinstance(part, ast.FormattedValue) and part.format_spec
                for inner in ast.walk(part.format_spec)
            )
        if isinstance(node, ast.Call) and ast.unparse(node.func).startswith(("re.", "_re")):
            quiet.update(id(inner) for arg in node.args for inner in ast.walk(arg))
        if isinstance(node, ast.arg | ast.AnnAssign) and node.annotation is not None:
            quiet.update(
                id(inner) for inner in ast.walk(node.annotation) if not _is_option(node.annotation)
            )
    for function in tree.body:
        if isinstance(function, ast.FunctionDef) and function.name == "command":
            doc = ast.get_docstring(function)
            if doc and path.parent.name == "cli":
                yield function.lineno, doc
    for node in ast.walk(tree):
        if id(node) in quiet or not isinstance(node, ast.Constant | ast.JoinedStr):
            continue
        text = template(node)
        if text is not None and is_read(text):
            yield node.lineno, text


def _is_option(node: ast.expr) -> bool:
    return "typer." in ast.unparse(node)


def messages() -> dict[str, list[tuple[str, int]]]:
    """Every message of the program: where it stands."""
    found: dict[str, list[tuple[str, int]]] = {}
    for path in sorted(SOURCE.rglob("*.py")):
        name = path.relative_to(SOURCE).as_posix()
        if name in NOT_READ:
            continue
        for line, text in texts(path):
            script = "zh" if CHINESE.search(_words(text)) else "en"
            if f"{name}:{script}" in NOT_READ or (script == "zh" and name in OFFICE_ONLY):
                continue
            found.setdefault(text, []).append((f"src/ycaudit/{name}", line))
    for path in sorted((SOURCE / "report" / "templates").glob("*.html.j2")):
        source = path.read_text(encoding="utf-8")
        for match in re.finditer(r"_\(\s*'([^']+)'|_\(\s*\"([^\"]+)\"", source):
            line = source.count("\n", 0, match.start()) + 1
            name = f"src/ycaudit/report/templates/{path.name}"
            found.setdefault(match[1] or match[2], []).append((name, line))
    return found


def wanted(language: str) -> dict[str, list[tuple[str, int]]]:
    """The messages that this language needs: Chinese those in English, English those in Chinese."""
    found = {
        text: places
        for text, places in messages().items()
        if text not in BOTH and bool(CHINESE.search(_words(text))) == (language == "en")
    }
    joined = BOTH if language == "en" else BOTH | JOINED
    return found | {text: [("tests/messages.py", 0)] for text in joined}


def _words(text: str) -> str:
    """A sentence in English may name a sheet in Chinese."""
    return "" if len(_WORD.findall(text)) >= 2 else text


def file_of(language: str, suffix: str) -> Path:
    return LOCALE / language / "LC_MESSAGES" / f"{DOMAIN}.{suffix}"


def catalogue(language: str, suffix: str) -> dict[str, str]:
    """What a file of the catalogue holds: message and translation."""
    read = read_po if suffix == "po" else read_mo
    with file_of(language, suffix).open("rb") as file:
        return {str(m.id): str(m.string or "") for m in read(file) if m.id}


def main() -> None:
    for language in ("zh", "en"):
        file = file_of(language, "po")
        file.parent.mkdir(parents=True, exist_ok=True)
        old = catalogue(language, "po") if file.exists() else {}
        new = Catalog(locale=language, domain=DOMAIN, project=DOMAIN, fuzzy=False)
        new.header_comment = f"# What ycaudit says, in {language}. Kept by tests/messages.py."
        for text, places in sorted(wanted(language).items()):
            new.add(text, old.get(text, ""), locations=[(p, 0) for p, _ in places[:1]])
        with file.open("wb") as out:
            write_po(
                out, new, no_location=False, omit_header=False, width=100, include_lineno=False
            )
        with file_of(language, "mo").open("wb") as out:
            write_mo(out, new)
        left = [m.id for m in new if m.id and not m.string]
        print(f"{language}: {len(new)} messages, {len(left)} not translated", file=sys.stderr)


if __name__ == "__main__":
    main()
