"""The table of commands."""

from __future__ import annotations

from collections.abc import Callable

import typer

from ycaudit import __version__
from ycaudit.cli import (
    check,
    decode,
    demo,
    diff,
    history,
    import_,
    judge,
    mail,
    pin,
    review,
    scan,
    show,
    validate,
)

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


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"ycaudit {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: bool = typer.Option(
        False, "--version", "-V", callback=_version, is_eager=True, help="Show the version."
    ),
) -> None:
    pass


COMMANDS: dict[str, Callable[..., None]] = {
    "scan": scan.command,
    "check": check.command,
    "judge": judge.command,
    "show": show.command,
    "diff": diff.command,
    "history": history.command,
    "review": review.command,
    "mail": mail.command,
    "pin": pin.command,
    "decode": decode.command,
    "validate": validate.command,
    "import": import_.command,
    "demo": demo.command,
}
for _name, _command in COMMANDS.items():
    app.command(_name)(_command)
