"""Options that nobody has to type: from ycaudit.toml or pyproject.toml, and the environment.

What is typed comes first, then YCAUDIT_… variables, then the file, then the program's defaults.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

import typer

from ycaudit import i18n, office_time
from ycaudit.cli import wrong_line
from ycaudit.cli.console import LOG_FORMATS, VARIABLE
from ycaudit.errors import (
    AuditError,
    ConfigError,
    InvalidValueError,
    Problem,
    nearest,
    no_day,
    why_of,
)
from ycaudit.i18n import Message

Command: TypeAlias = Any
Option: TypeAlias = Any
"""Of Click; Typer carries a copy of its own, whose classes have no public name."""
_Setting: TypeAlias = tuple[Callable[[str], Problem], Any, Option]
"""How to tell what is wrong with it, the value, and the option that it is for."""
FILE, PROJECT = "ycaudit.toml", "pyproject.toml"
TYPED = frozenset(
    {"force", "unreviewed", "unheard", "send", "resume", "help", "yes"}
    | {"on", "note", "until", "event"}
)
"""What names people, writes to them, or is meant once: to be typed each time."""
TIMEZONE = "timezone"
"""The only setting that is no option of a command but of the program."""
BEFORE = {"lang": i18n.VARIABLE, "log-format": VARIABLE}
"""What must be known before a file is read, and the variable that says it."""
OFFICE_TABLES = LETTER, HEARING, UNREACHABLE = "letter", "hearing", "unreachable"
"""The tables in which the office says what is so with it: see `office_tables`."""
PREFIX = "YCAUDIT_"
VARIABLES = frozenset(
    {i18n.VARIABLE, VARIABLE, office_time.VARIABLE}
    | {f"{PREFIX}{name}" for name in ("CONFIG", "HISTORY", "CACHE", "BROWSER")}
    | {f"{PREFIX}MAIL_{name}" for name in ("FROM", "TO")}
    | {f"{PREFIX}SMTP_{name}" for name in ("HOST", "PORT", "SECURITY", "USER", "PASSWORD")}
)
"""What is read from the environment besides options."""
ELSEWHERE = {"mail_to": f"{PREFIX}MAIL_TO"}
"""Options of which a variable of another name says the same, in a way of its own."""


@dataclass(frozen=True, slots=True)
class Settings:
    """A table of settings and where it stands."""

    file: Path
    text: str
    table: Mapping[str, Any]

    def problem(self, key: str, what: str) -> Problem:
        """A mistake at this key, with the line where it seems to stand."""
        found = re.search(rf"^[ \t]*\[?\"?{re.escape(key)}\"?[ \t]*[=\]]", self.text, re.MULTILINE)
        line = self.text.count("\n", 0, found.start()) + 1 if found else None
        return Problem(str(self.file), line, what)


def find(folder: Path, environment: Mapping[str, str]) -> Settings | None:
    """What YCAUDIT_CONFIG names, else ycaudit.toml, else [tool.ycaudit] of pyproject.toml.

    Raises ConfigError.
    """
    named = environment.get("YCAUDIT_CONFIG")
    for file in [Path(named)] if named else [folder / FILE, folder / PROJECT]:
        if not named and not (file.is_file() or (file.name == FILE and file.exists())):
            continue
        try:
            text = file.read_text(encoding="utf-8-sig")
        except OSError as error:
            raise ConfigError(
                [Problem(str(file), None, Message("cannot be read: {0}", why_of(error)))]
            ) from error
        except UnicodeDecodeError as error:
            if file.name == PROJECT and not named:
                return None  # somebody else's file
            what = Message("not UTF-8 text; save it as UTF-8")
            raise ConfigError([Problem(str(file), None, what)]) from error
        try:
            table = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            if file.name == PROJECT and not named:
                return None
            raise ConfigError([_no_toml(file, text, error)]) from error
        if file.name == PROJECT:
            table = table.get("tool", {}).get("ycaudit")
        if isinstance(table, dict):
            return Settings(file, text, table)
    return None


def _no_toml(file: Path, text: str, error: ValueError) -> Problem:
    """With the line where tomllib stopped, which only its message tells."""
    said = str(error)
    lines = text.splitlines()
    place = re.search(r"at line (\d+)", said)
    line = int(place[1]) if place else len(lines)
    day = re.search(r"=\s*(\d{4}-\d{2}-\d{2})\s*(?:#|$)", lines[line - 1] if lines else "")
    if re.match("Cannot (overwrite|declare|mutate)", said):
        what = Message("this key or table is in the file already: write it once")
    elif day:
        what = no_day(day[1])
    else:
        what = Message(
            'is no TOML: write KEY = VALUE, and text in quotes, like observer = "static"'
        )
    return Problem(str(file), line, what)


def defaults_of(
    program: Command,
    commands: Iterable[str],
    settings: Settings | None,
    environment: Mapping[str, str],
    *,
    whole: Callable[[], Command],
    every: bool = False,
) -> dict[str, dict[str, Any]]:
    """What the environment and the file say, by command: Click's `default_map`.

    `whole` gives the program with all its commands, each of which costs its imports. `every` asks
    for mistakes, too, that do no harm where something else is typed.

    Raises ConfigError with every mistake.
    """
    known = set(commands)
    values: dict[str, dict[str, Any]] = {}
    problems: list[Problem] = []
    for name, command in program.commands.items():
        options = {str(p.name): p for p in command.params}
        mine: dict[str, Any] = {}
        for where, value, option in (
            *(_of(settings, name, options, known, problems, whole) if settings else ()),
            *_of_environment(environment, name, options),
        ):
            try:
                option.process_value(command.context_class(command, info_name=name), value)
            except AuditError as error:  # of the option's own check
                if every:
                    problems.append(where(error.message))
                mine[str(option.name)] = value  # which what is typed may set aside
            except (typer.BadParameter, TypeError, ValueError) as error:
                problems.append(where(wrong_line.reason_of(error)))
            else:
                mine[str(option.name)] = value
        values[name] = {k: v for k, v in mine.items() if not environment.get(ELSEWHERE.get(k, ""))}
    if settings is not None:
        problems += _unknown(settings, known, program, whole)
    if problems:
        raise ConfigError(problems)
    return values


def said_elsewhere(
    error: AuditError, line: Sequence[str], program: Command, environment: Mapping[str, str]
) -> Problem | None:
    """A mistake that begins with the name of an option which nobody has typed, where it stands."""
    named = re.match(r"--[a-z][a-z-]+", error.message)
    if named is None or not line or line[0] not in program.commands:
        return None
    options = (p for p in program.commands[line[0]].params if named[0] in p.opts)
    option = next(options, None)
    if option is None or any(word.startswith(tuple(option.opts)) for word in line):
        return None
    for variable in _names_of(line[0], option):
        if environment.get(variable):
            return Problem(variable, None, error.message)
    if (settings := find(Path(), environment)) is None:
        return None
    own = settings.table.get(line[0])
    for table in (own if isinstance(own, dict) else {}, settings.table):
        for key in (_long(option), str(option.name)):
            if key in table:
                return settings.problem(key, error.message)
    return None


def zone_of(settings: Settings | None, environment: Mapping[str, str]) -> tzinfo:
    """The time zone of all dates: YCAUDIT_TIMEZONE, else `timezone` of the file.

    Raises AuditError.
    """
    if name := environment.get(office_time.VARIABLE):
        _check_zone(office_time.VARIABLE, name)
        return office_time.zone_of(name)
    name = settings.table.get(TIMEZONE) if settings else None
    try:
        return office_time.CHINA if name is None else office_time.zone_of(str(name))
    except InvalidValueError as error:
        assert settings is not None
        raise ConfigError([settings.problem(TIMEZONE, error.message)]) from error


def _of_environment(
    environment: Mapping[str, str], command: str, options: Mapping[str, Option]
) -> Iterator[_Setting]:
    """YCAUDIT_SCAN_JOBS for one command, YCAUDIT_JOBS for all that have the option."""
    for name, option in options.items():
        if option.envvar is not None or name in TYPED | ELSEWHERE.keys():
            continue
        for variable in _names_of(command, option):
            if value := environment.get(variable):
                several = option.multiple or option.nargs != 1
                yield (
                    partial(Problem, variable, None),
                    (value.split() if several else value),
                    option,
                )
                break


def _names_of(command: str, option: Option) -> tuple[str, str]:
    """The variable for this command, and the one for all that have the option."""
    word = _long(option).upper().replace("-", "_")
    return f"{PREFIX}{command.upper()}_{word}", f"{PREFIX}{word}"


def _long(option: Option) -> str:
    """The name that people type, without dashes in front."""
    return max(option.opts, key=len).lstrip("-") if option.opts else str(option.name)


def early(words: Sequence[str], environment: MutableMapping[str, str]) -> list[str]:
    """Take the program's own options out of the line, wherever they stand, into the environment.

    They must be known before anything is said, be it the help or a mistake in the line. Raises
    AuditError.
    """
    flags: dict[str, tuple[str, Callable[[str, str], None]]] = {
        "--lang": (i18n.VARIABLE, partial(_check_choice, choices=i18n.LANGUAGES)),
        "--log-format": (VARIABLE, partial(_check_choice, choices=LOG_FORMATS)),
        "--timezone": (office_time.VARIABLE, _check_zone),
    }
    rest: list[str] = []
    left = iter(words)
    for word in left:
        if word == "--":
            return [*rest, word, *left]
        name, equals, value = word.partition("=")
        if name not in flags:
            rest.append(word)
            continue
        variable, check = flags[name]
        value = value if equals else next(left, "")
        value = i18n.named(value) if variable == i18n.VARIABLE else value
        check(name, value)
        environment[variable] = value
    if language := i18n.named(environment.get(i18n.VARIABLE, "")):
        if not i18n.is_known(language):
            _check_choice(i18n.VARIABLE, language, choices=i18n.LANGUAGES)
        environment[i18n.VARIABLE] = language
    if wanted := environment.get(VARIABLE):
        _check_choice(VARIABLE, wanted, choices=LOG_FORMATS)
    return rest


def unread(
    environment: Mapping[str, str], program: Command, *, whole: Callable[[], Command]
) -> Iterator[Message]:
    """A sentence for each YCAUDIT_… variable that no command reads."""
    rest = {name for name in environment if name.startswith(PREFIX)} - VARIABLES
    rest -= _variables(program)
    if not rest:
        return
    known = _variables(whole()) | VARIABLES
    for name in sorted(rest - known):
        if name.removeprefix(PREFIX).lower() in TYPED:
            yield Message("{0} must be typed each time", name)
        else:
            yield Message("nothing reads the variable {0}{1}", name, nearest(name, known))


def _variables(program: Command) -> set[str]:
    """The variables of the options of its commands."""
    return {
        variable
        for name, command in program.commands.items()
        for option in command.params
        if option.name not in TYPED | ELSEWHERE.keys()
        for variable in _names_of(name, option)
    }


def _check_choice(name: str, value: str, *, choices: Sequence[str]) -> None:
    if value not in choices:
        raise AuditError("{0} {1!r}: choose one of {2}", name, value, ", ".join(choices))


def _check_zone(name: str, value: str) -> None:
    try:
        office_time.zone_of(value)
    except InvalidValueError as error:
        raise AuditError("{0}: {1}", name, error.message) from error


def _of(
    settings: Settings,
    command: str,
    options: Mapping[str, Option],
    known: set[str],
    problems: list[Problem],
    whole: Callable[[], Command],
) -> Iterator[_Setting]:
    """What the file says for one command: first for all, then in the command's own table."""
    own = settings.table.get(command, {})
    if not isinstance(own, dict):
        if command not in _options_of(whole()):  # `history` is a command and an option
            problems.append(settings.problem(command, Message("[{0}] must be a table", command)))
            return
        own = {}
    by_name = {_long(option): option for option in options.values()} | dict(options)
    for table in (settings.table, own):
        for key, value in table.items():
            option = by_name.get(key) or by_name.get(key.replace("-", "_"))
            if table is not own and (option is None or (key in known and isinstance(value, dict))):
                continue
            if option is None:
                problems.append(settings.problem(key, _no_such(key, by_name, command)))
            elif option.name in TYPED:
                problems.append(settings.problem(key, Message("{0} must be typed each time", key)))
            elif option.multiple and not isinstance(value, list):
                what = Message(
                    "write a list: {0}", json.dumps([value], default=str, ensure_ascii=False)
                )
                problems.append(_at(settings, key, what))
            else:
                yield partial(_at, settings, key), value, option


def _at(settings: Settings, key: str, what: str) -> Problem:
    """What is wrong with its value, in a sentence that names the option or the key."""
    return settings.problem(key, what if what.startswith("--") else Message("{0}: {1}", key, what))


def _unknown(
    settings: Settings, known: set[str], program: Command, whole: Callable[[], Command]
) -> Iterator[Problem]:
    """Keys for all commands that none of them has; only those that are loaded are asked first."""
    rest = {key for key in settings.table if key not in known} - {TIMEZONE, *OFFICE_TABLES}
    loaded = {_long(p) for c in program.commands.values() for p in c.params}
    rest -= loaded | {word.replace("-", "_") for word in loaded}
    if not rest:
        return
    every = _options_of(whole()) | known
    for key in sorted(rest):
        if variable := BEFORE.get(key.replace("_", "-")):
            what = Message("{0} is not set here: set the variable {1}", key, variable)
            yield settings.problem(key, what)
        elif key.replace("_", "-") not in every:
            yield settings.problem(key, _no_such(key, every, None))


def _options_of(program: Command) -> set[str]:
    return {_long(option) for command in program.commands.values() for option in command.params}


def _no_such(key: str, known: Iterable[str], command: str | None) -> str:
    hint = nearest(key, known)
    if command is None:
        return Message("no command has an option {0!r}{1}", key, hint)
    return Message("`ycaudit {0}` has no option {1!r}{2}", command, key, hint)
