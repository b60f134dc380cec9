"""Makes what the documentation says after the program: python docs/make_reference.py

docs/commands.md, the man page, and the table of reasons in docs/outcomes.md.
"""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import Any

os.environ["YCAUDIT_LANG"] = "source"

from ycaudit import __version__
from ycaudit.cli import settings
from ycaudit.cli.app import COMMANDS, tree
from ycaudit.reasons import REASONS
from ycaudit.report.formats import FORMATS

DOCS = Path(__file__).parent
OUTCOMES = DOCS / "outcomes.md"
BEGIN, END = "<!-- reasons: made by docs/make_reference.py -->", "<!-- end of the reasons -->"
LATER = {"install_completion", "show_completion", "help"}


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
    if option.name in settings.TYPED | settings.ELSEWHERE:
        return ""
    return f"YCAUDIT_{settings._long(option).upper().replace('-', '_')}"


def markdown() -> str:
    """The page of all commands."""
    program = tree(*COMMANDS)
    lines = [
        "# Commands",
        "",
        "Made by `python docs/make_reference.py` of what `ycaudit COMMAND --help` says.",
        "",
        "Each option may also stand in `ycaudit.toml`, or under `[tool.ycaudit]` of",
        "`pyproject.toml`, by its name without dashes; and in the environment by the variable in",
        "the last column: `YCAUDIT_JOBS` for every command that has it, `YCAUDIT_SCAN_JOBS` for",
        "one. What is typed comes first, then the environment, then the file. Options without a",
        "variable name people, write to them, or are meant once: they are typed.",
        "",
        *(f"- `{flags(o)}`: {o.help}" for o in options(program)),
        "",
        str(program.epilog),
    ]
    for name, command in program.commands.items():
        words = " ".join(f"[{str(a.name).upper()}]" for a in arguments(command))
        lines += ["", f"## ycaudit {name}", "", str(command.help), ""]
        lines += ["```text", f"ycaudit {name} [OPTIONS] {words}".rstrip(), "```", ""]
        lines += [f"- `{str(a.name).upper()}`: {a.help}" for a in arguments(command)]
        if rows := options(command):
            lines += ["", "| option | meaning | default | variable |", "| --- | --- | --- | --- |"]
        for option in rows:
            cells = (f"`{flags(option)}`", str(option.help), _code(default(option)),
                     _code(variable(name, option)))  # fmt: skip
            lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    lines += ["", "## Formats", "", "| name | suffix | what it is |", "| --- | --- | --- |"]
    lines += [f"| `{n}` | {_code(f.suffix)} | {f.about} |" for n, f in FORMATS.items()]
    return "\n".join(lines) + "\n"


def _code(text: str) -> str:
    return f"`{text}`" if text else ""


def outcomes() -> str:
    """The page on outcomes as it is, with the table of reasons made anew."""
    before, _, rest = OUTCOMES.read_text(encoding="utf-8").partition(f"{BEGIN}\n")
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{reasons()}{END}{after}"


def reasons() -> str:
    """Every reason: code, sentence, what to do."""
    lines = ["| code | sentence | what to do |", "| --- | --- | --- |"]
    for code, kind in REASONS.items():
        lines.append(f"| `{code}` | {_open(kind.text)} | {kind.remedy} |")
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


FILES = {DOCS / "commands.md": markdown, DOCS / "man" / "ycaudit.1": man, OUTCOMES: outcomes}

if __name__ == "__main__":
    for file, made in FILES.items():
        file.parent.mkdir(exist_ok=True)
        file.write_text(made(), encoding="utf-8")
        print(file, file=sys.stderr)
