"""The table of commands; of a command that was typed, only its own module is loaded."""

from __future__ import annotations

import os
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import typer

from ycaudit import __version__, words
from ycaudit.cli import settings
from ycaudit.cli.says import LOG_FORMATS
from ycaudit.words import LANGUAGES

COMMANDS = {
    "scan": "scan",
    "check": "check",
    "judge": "judge",
    "show": "show",
    "diff": "diff",
    "history": "history",
    "review": "review",
    "mail": "mail",
    "pin": "pin",
    "decode": "decode",
    "verify": "verify",
    "validate": "validate",
    "init": "init",
    "doctor": "doctor",
    "schema": "schema",
    "import": "import_",
    "demo": "demo",
}
"""The module of each command, in the order in which `--help` tells them."""


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"ycaudit {__version__}")
        raise typer.Exit


def _root(  # --lang and --log-format are taken out of the line before: see settings.early
    version: bool = typer.Option(
        False, "--version", "-V", callback=_version, is_eager=True, help="Show the version."
    ),
    lang: str = typer.Option(
        "",
        help=f"The language of what people read: {', '.join(LANGUAGES)}. [default: the locale's]",
    ),
    log_format: str = typer.Option(
        LOG_FORMATS[0], help=f"How messages on stderr are written: {', '.join(LOG_FORMATS)}."
    ),
) -> None:
    pass


def build(*names: str) -> typer.Typer:
    """The program with these commands; each costs its imports."""
    app = typer.Typer(
        name="ycaudit",
        help="Audits whether homepages carry the links and QR codes that a policy asks for.",
        epilog="Exit codes: 0 all pass, 1 something failed, 2 could not run, 3 something is "
        "undetermined, 70 a bug, 130 interrupted.",
        no_args_is_help=True,
        add_completion=True,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
    app.callback()(_root)
    for name in names:
        app.command(name)(import_module(f"ycaudit.cli.{COMMANDS[name]}").command)
    return app


def tree(*names: str) -> Any:
    """The same as Click's group of commands, of which Typer carries a copy without public name."""
    program = typer.main.get_command(build(*names))
    for command in (program, *program.commands.values()):  # type: ignore[attr-defined]
        command.help = words.told(command.help or "")
        command.epilog = words.told(command.epilog or "")
        for option in command.params:
            if getattr(option, "help", None):
                option.help = words.told(option.help)
    return program


def run(line: Sequence[str], *names: str) -> None:
    """Parse the line, with what the settings file and the environment say, and do it."""
    program = tree(*names)
    found = settings.find(Path(), os.environ)
    defaults = settings.said(program, COMMANDS, found, os.environ)
    program.main(args=list(line), prog_name="ycaudit", default_map=defaults)
