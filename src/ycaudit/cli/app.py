"""The program: of a command that was typed only its own module is loaded, of a list none."""

from __future__ import annotations

import gc
import os
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import typer

from ycaudit import __version__, office_time
from ycaudit.cli import console, settings
from ycaudit.cli.commands import COMMANDS, module_of
from ycaudit.cli.console import LOG_FORMATS
from ycaudit.cli.kept_files import kept
from ycaudit.cli.wrong_line import WrongLine, message_of, of_dashes
from ycaudit.errors import AuditError, ConfigError
from ycaudit.i18n import Message, fill, translate
from ycaudit.terminal import legible

_COMPLETION = "_YCAUDIT_COMPLETE"
"""The variable by which a shell asks what a line may go on with."""
COLLECTED_AFTER = 10_000
"""So many new objects before Python looks for circles of garbage: with its own 700, a quarter of
the time of a page of 10,000 units goes into looking, and nothing is found."""


def _version(asked: bool) -> None:
    if asked:
        console.line(f"ycaudit {__version__}")
        raise typer.Exit


def _root(  # all but --version are taken out of the line before: see settings.early
    version: bool = typer.Option(
        False, "--version", "-V", callback=_version, is_eager=True, help="Show the version."
    ),
    lang: str = typer.Option(
        "", help="The language of what people read: zh or en. [default: the locale's]"
    ),
    log_format: str = typer.Option(
        LOG_FORMATS[0], help="How messages on stderr are written: text or json."
    ),
    timezone: str = typer.Option(
        "Asia/Shanghai", help="The time zone of the office, by which all dates go."
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
        app.command(name)(kept(name, import_module(module_of(name)).command))
    return app


def listed() -> typer.Typer:
    """The program to list its commands, or to say that there is none of a name: loads none."""
    app = build()
    for name, does in COMMANDS.items():
        app.command(name, help=str(does))(_unloaded)
    return app


def _unloaded() -> None:
    raise AssertionError("a command that is only listed was run")


def tree(*names: str) -> Any:
    """The same as Click's group of commands, of which Typer carries a copy without public name."""
    from ycaudit.cli.options import LISTS

    return _translated(build(*names), LISTS)


def _translated(app: typer.Typer, lists: Mapping[str, str]) -> Any:
    program = typer.main.get_command(app)
    for command in (program, *program.commands.values()):  # type: ignore[attr-defined]
        command.help = translate(command.help or "")
        command.epilog = translate(command.epilog or "")
        for option in command.params:
            if getattr(option, "help", None):
                option.help = fill(translate(option.help), lists)
        command.get_help = _in_our_words(command.get_help)
    return program


def _in_our_words(get_help: Callable[[Any], str]) -> Callable[[Any], str]:
    """The help, with the words of Typer itself in the reader's language, too."""

    def translated(context: Any) -> str:
        text = get_help(context)
        for own in _OF_TYPER:  # a narrow terminal breaks them where there is a blank
            broken = r"\s+".join(map(re.escape, own.split(" ")))
            text = re.sub(broken, translate(own), text)
        return legible(text, sys.stdout.encoding)  # Typer writes UTF-8 where ASCII is asked for

    return translated


_OF_TYPER = (
    *(
        Message("Usage:"),
        Message("Options:"),
        Message("Arguments:"),
        Message("Commands:"),
        Message("[required]"),
        Message("[default: "),
    ),
    Message("Show this message and exit."),
    Message("Install completion for the current shell."),
    Message("Show completion for the current shell, to copy it or customize the installation."),
)


def run(line: Sequence[str]) -> None:
    """Parse the line, with what the settings file and the environment say, and do it."""
    defaults: dict[str, dict[str, Any]] = {}
    if line[:1] == ["help"]:
        line = [*line[1:2], "--help"]
    if line and line[0] in COMMANDS:
        program = tree(line[0])
        defaults = _defaults(program, doctor=line[0] == "doctor")
    elif _COMPLETION in os.environ:
        program = tree(*COMMANDS)
    else:
        program = _translated(listed(), {})
    gc.freeze()
    gc.set_threshold(COLLECTED_AFTER)
    gc.enable()
    try:
        code = program.main(
            args=list(line), prog_name="ycaudit", default_map=defaults, standalone_mode=False
        )
    except WrongLine as error:
        raise SystemExit(_wrong(error, line)) from error
    except typer.Abort as error:
        raise KeyboardInterrupt from error
    except SystemExit as error:
        if isinstance(error.__context__, BrokenPipeError):  # which Click takes for a fail
            raise error.__context__ from None
        raise
    except AuditError as error:
        if problem := settings.said_elsewhere(error, line, program, os.environ):
            raise ConfigError([problem]) from error
        raise
    raise SystemExit(code if isinstance(code, int) else 0)


def _defaults(program: Any, *, doctor: bool) -> dict[str, dict[str, Any]]:
    """What the settings file and the environment say of the options. Raises ConfigError."""

    def whole() -> Any:
        return tree(*COMMANDS)

    try:
        found = settings.find(Path(), os.environ)
        office_time.use(settings.zone_of(found, os.environ))
        if found is not None:
            from ycaudit.cli import office_tables

            office_tables.check(found)  # a mistake in them is told before the work is done
        defaults = settings.defaults_of(program, COMMANDS, found, os.environ, whole=whole)
    except ConfigError:
        if not doctor:  # which tells what is wrong with it, among all else
            raise
        defaults = {}
    for text in settings.unread(os.environ, program, whole=whole):
        console.notice(text)
    return defaults


def said_of_all() -> tuple[settings.Settings | None, dict[str, dict[str, Any]]]:
    """The settings file, and what it and the environment say to each command.

    Raises ConfigError with every mistake, whatever command it is for.
    """
    from ycaudit.cli import office_tables

    found, program = settings.find(Path(), os.environ), tree(*COMMANDS)
    office_tables.check(found)
    return found, settings.defaults_of(
        program, COMMANDS, found, os.environ, whole=lambda: program, every=True
    )


def _wrong(error: Any, line: Sequence[str]) -> int:
    """Print what is wrong with the line, or the help where nothing was asked; the exit code."""
    context = getattr(error, "ctx", None)
    if type(error).__name__ == "NoArgsIsHelpError":
        print(error.format_message(), file=sys.stderr)
        return int(error.exit_code)
    console.error(of_dashes(error, line) or message_of(error))
    if context is not None and not console.in_json():
        console.error("`{0} --help` lists the options", context.command_path)
    return int(error.exit_code)
