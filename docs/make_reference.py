"""Makes what the documentation says after the program: python docs/make_reference.py

docs/commands.md, the man page, and the table of reasons in docs/outcomes.md; the pages also in
Chinese, of the catalogue.
"""

from __future__ import annotations

import os
import re
import sys
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

os.environ["YCAUDIT_LANG"] = "source"

from ycaudit import __version__
from ycaudit.cli import settings
from ycaudit.cli.app import tree
from ycaudit.cli.commands import COMMANDS
from ycaudit.i18n import in_language, lookup, translate
from ycaudit.reason_table import REASONS
from ycaudit.report.formats import FORMATS

DOCS = Path(__file__).parent
BEGIN, END = "<!-- reasons: made by docs/make_reference.py -->", "<!-- end of the reasons -->"
LATER = {"install_completion", "show_completion", "help"}


@dataclass(frozen=True)
class Edition:
    """A page in one language: which, how its file's name ends, the words around what is made."""

    language: str
    suffix: str
    title: str
    about: str
    option_row: tuple[str, ...]
    formats: str
    format_row: tuple[str, ...]
    reason_row: tuple[str, ...]
    colon: str

    def file(self, page: str) -> Path:
        return DOCS / f"{page}{self.suffix}"


ENGLISH = Edition(
    language="source",
    suffix=".md",
    title="Commands",
    about="""\
Made by `python docs/make_reference.py` of what `ycaudit COMMAND --help` says.

Each option may also stand in `ycaudit.toml`, or under `[tool.ycaudit]` of
`pyproject.toml`, by its name without dashes; and in the environment by the variable in
the last column: `YCAUDIT_JOBS` for every command that has it, `YCAUDIT_SCAN_JOBS` for
one. What is typed comes first, then the environment, then the file. Options without a
variable name people, write to them, or are meant once: they are typed.""",
    option_row=("option", "meaning", "default", "variable"),
    formats="Formats",
    format_row=("name", "suffix", "what it is"),
    reason_row=("code", "sentence", "what to do"),
    colon=": ",
)
CHINESE = Edition(
    language="zh",
    suffix=".zh-CN.md",
    title="命令与选项",
    about="本页由 `python docs/make_reference.py` 根据 `ycaudit 命令 --help` 的内容生成。\n\n"
    "各选项也可以写在 `ycaudit.toml`（或 `pyproject.toml` 的 `[tool.ycaudit]`）中，名称去掉前面的"
    "横线；还可以用最后一列的环境变量给出：`YCAUDIT_JOBS` 对有此选项的所有命令有效，"
    "`YCAUDIT_SCAN_JOBS` 只对 `scan` 有效。命令行优先，其次是环境变量，最后是设置文件。没有环境"
    "变量的选项，或者涉及点名、发信，或者只用一次，须在命令行中写明。",
    option_row=("选项", "含义", "默认值", "环境变量"),
    formats="格式",
    format_row=("名称", "后缀", "说明"),
    reason_row=("代码", "说明", "处理办法"),
    colon="：",
)
EDITIONS = (ENGLISH, CHINESE)


def options(command: Any) -> list[Any]:
    """The options of a command, without those that every program has."""
    return [p for p in command.params if p.param_type_name == "option" and p.name not in LATER]


def arguments(command: Any) -> list[Any]:
    return [p for p in command.params if p.param_type_name == "argument"]


def flags(option: Any) -> str:
    return ", ".join([*option.opts, *option.secondary_opts])


def default(option: Any) -> str:
    """What holds where the option is not given; empty for none, and for long lists of words."""
    value = option.default() if callable(option.default) else option.default
    if value in (None, False, "", [], ()) or option.name == "user_agent":
        return ""
    return " ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def variable(command: str, option: Any) -> str:
    if option.name in settings.TYPED:
        return ""
    if named := settings.ELSEWHERE.get(option.name):
        return named
    return f"YCAUDIT_{settings._long(option).upper().replace('-', '_')}"


def markdown(edition: Edition) -> str:
    """The page of all commands."""
    with in_language(edition.language):
        program = tree(*COMMANDS)
        lines = [f"# {edition.title}", "", edition.about, ""]
        lines += [f"- `{flags(o)}`{edition.colon}{o.help}" for o in options(program)]
        lines += ["", str(program.epilog)]
        for name, command in program.commands.items():
            lines += ["", *_command(edition, name, command)]
        lines += ["", f"## {edition.formats}", "", *_head(edition.format_row)]
        lines += [_row(f"`{n}`", _code(f.suffix), translate(f.about)) for n, f in FORMATS.items()]
    return "\n".join(lines) + "\n"


def _command(edition: Edition, name: str, command: Any) -> list[str]:
    """The section of one command."""
    words = " ".join(f"[{str(a.name).upper()}]" for a in arguments(command))
    lines = [f"## ycaudit {name}", "", str(command.help), ""]
    lines += ["```text", f"ycaudit {name} [OPTIONS] {words}".rstrip(), "```", ""]
    lines += [f"- `{str(a.name).upper()}`{edition.colon}{a.help}" for a in arguments(command)]
    if rows := options(command):
        lines += ["", *_head(edition.option_row)]
    for option in rows:
        cells = (_code(default(option)), _code(variable(name, option)))
        lines.append(_row(f"`{flags(option)}`", str(option.help), *cells))
    return lines


def _head(titles: tuple[str, ...]) -> list[str]:
    return [_row(*titles), _row(*["---"] * len(titles))]


def _row(*cells: str) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _code(text: str) -> str:
    return f"`{text}`" if text else ""


def outcomes(edition: Edition) -> str:
    """The page on outcomes as it is, with the table of reasons made anew."""
    page = edition.file("outcomes").read_text(encoding="utf-8")
    before, _, rest = page.partition(f"{BEGIN}\n")
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{reasons(edition)}{END}{after}"


def reasons(edition: Edition) -> str:
    """Every reason: code, sentence, what to do."""
    lines = _head(edition.reason_row)
    with in_language(edition.language):
        for code, kind in REASONS.items():
            sentence = _open(lookup(f"reason.{code}", kind.text))
            lines.append(_row(f"`{code}`", sentence, translate(kind.remedy)))
    return "\n".join(lines) + "\n"


def _open(sentence: str) -> str:
    """A sentence of the table with … for each of its holes, in the plural."""
    chosen = re.sub(r"\{\w+:[^{}|]*\|([^{}]*)\}", r"\1", sentence)
    optional = re.sub(r"\{\w+:\?([^{}]*)\}", lambda hole: hole[1].replace("#", "…"), chosen)
    return re.sub(r"\{[^{}]*\}", "…", optional)


def man() -> str:
    """The manual page."""
    program = tree(*COMMANDS)
    lines = [
        f'.TH YCAUDIT 1 "" "ycaudit {__version__}" "User Commands"',
        ".SH NAME",
        "ycaudit \\- audit whether homepages carry the links and QR codes that a policy asks for",
        ".SH SYNOPSIS",
        ".B ycaudit",
        "COMMAND [OPTIONS]",
        ".SH OPTIONS",
        *(line for o in options(program) for line in _item(flags(o), str(o.help))),
        ".SH COMMANDS",
    ]
    for name, command in program.commands.items():
        lines += [f".SS {_roff(name)}", _roff(str(command.help))]
        for argument in arguments(command):
            lines += _item(str(argument.name).upper(), str(argument.help))
        for option in options(command):
            lines += _item(flags(option), str(option.help))
    lines += [
        ".SH EXIT STATUS", _roff(str(program.epilog)),
        ".SH FILES", *_item("ycaudit.toml", "Options that need not be typed, by their names."),
        ".SH ENVIRONMENT",
        *_item("YCAUDIT_LANG", "zh or en: the language of what people read."),
        *_item("YCAUDIT_<OPTION>", "Any option, such as YCAUDIT_JOBS."),
        *_item("YCAUDIT_CONFIG", "Another settings file than ycaudit.toml."),
        *_item("NO_COLOR, FORCE_COLOR", "No colours, or colours also where nobody looks on."),
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


def _item(what: str, text: str) -> list[str]:
    return [".TP", f".B {_roff(what)}", _roff(text)]


def _roff(text: str) -> str:
    escaped = text.replace("\\", "\\e").replace("-", "\\-")
    return "\n".join(
        f"\\&{line}" if line[:1] in (".", "'") else line for line in escaped.split("\n")
    )


FILES = {DOCS / "man" / "ycaudit.1": man} | {
    edition.file(page): partial(made, edition)
    for page, made in {"commands": markdown, "outcomes": outcomes}.items()
    for edition in EDITIONS
}

if __name__ == "__main__":
    for file, made in FILES.items():
        file.parent.mkdir(exist_ok=True)
        file.write_text(made(), encoding="utf-8")
        print(file, file=sys.stderr)
