"""The table of commands; of a command that was typed, only its own module is loaded."""

from __future__ import annotations

from importlib import import_module

import typer

from ycaudit import __version__

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
    "import": "import_",
    "demo": "demo",
}
"""The module of each command, in the order in which `--help` tells them."""


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"ycaudit {__version__}")
        raise typer.Exit


def _root(
    version: bool = typer.Option(
        False, "--version", "-V", callback=_version, is_eager=True, help="Show the version."
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
