"""Reads targets and rules from YAML; reports every problem of every file with its line."""

from __future__ import annotations

import hashlib
import re
import sys
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar, get_args, get_origin

import yaml
from pydantic import BaseModel, Field, ValidationError, field_validator

from ycaudit.errors import ConfigError, Problem
from ycaudit.i18n import Message
from ycaudit.inputs.value_errors import message_of
from ycaudit.model import (
    Contact,
    Listed,
    Policy,
    Record,
    Target,
    Waiver,
)
from ycaudit.rules.judge import Unit
from ycaudit.rules.matchers import Words
from ycaudit.rules.requirements import KINDS, Requirement
from ycaudit.url import parse_web_url, without_credentials

# A list of 100,000 units is about 15 MB; parsing costs some hundred times its size in memory.
MAX_BYTES = 32 * 1024 * 1024
MAX_DEPTH = 30
STDIN = Path("-")
MAX_ALIASES = 100
MAX_NODES = 3_000_000
MAX_PROBLEMS = 50
WEEK = 7
"""Days before its end from which a waiver says so."""

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
Model = TypeVar("Model", bound=BaseModel)
_Path = tuple[Hashable, ...]


class UnitEntry(Record):
    """A unit as written in a targets file: the id may be left to its address."""

    id: str | None = Field(default=None, min_length=1)
    name: str | None = Field(default=None, min_length=1)
    url: str
    tags: Words = ()
    contact: Contact | None = None
    intranet: Words = ()


class Defaults(Record):
    """What holds for every unit that does not say otherwise."""

    tags: Words = ()


class TargetsFile(Record):
    """targets.yaml as written."""

    note: str | None = None
    source: str | None = None
    defaults: Defaults = Defaults()
    units: tuple[UnitEntry, ...] = Field(min_length=1)
    waivers: tuple[Waiver, ...] = ()

    @field_validator("units", mode="before")
    @classmethod
    def _bare_address_is_unit(cls, units: object) -> object:
        if not isinstance(units, list):
            return units
        return [{"url": unit} if isinstance(unit, str) else unit for unit in units]


class RulesFile(Record):
    """A rules file as written."""

    name: str = Field(min_length=1)
    source: str | None = None
    note: str | None = None
    requirements: tuple[Requirement, ...] = Field(min_length=1)


LIST_SUFFIXES = frozenset({".xlsx", ".xlsm", ".xls", ".csv"})
"""What is a list by its name; .xls too, so that it is told to be saved anew."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that a scan needs to know of the files."""

    units: tuple[Unit, ...]
    policy: Policy
    notices: tuple[str, ...] = ()


@dataclass(slots=True)
class Document:
    """One YAML file: its values as text, and the line of every key and item."""

    file: str
    values: Any
    lines: dict[_Path, int]
    problems: list[Problem] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)

    def line(self, path: Iterable[Hashable]) -> int | None:
        """The line of the innermost part of the path that is in the file."""
        steps = tuple(path)
        while steps and steps not in self.lines:
            steps = steps[:-1]
        return self.lines.get(steps)

    def problem(self, path: Iterable[Hashable], what: str) -> None:
        """Note a mistake at this path."""
        self.problems.append(Problem(self.file, self.line(path), what))


def load(targets: Path, rules: Iterable[Path], *, today: date) -> Plan:
    """The units of a targets file, each with the requirements and waivers that apply to it.

    Raises ConfigError with all problems of all files.
    """
    is_list = targets.suffix.lower() in LIST_SUFFIXES
    targets_doc = _read_list(targets) if is_list else _read(targets)
    rules_docs = [_read(file) for file in rules_files(rules)]
    listed = _validate(targets_doc, TargetsFile)
    policies = [_validate(doc, RulesFile) for doc in rules_docs]
    known = _requirements(rules_docs, policies)
    found = _targets(targets_doc, listed) if listed else ()
    if listed and all(policies):
        _check_waivers(targets_doc, listed, found, known)
    _raise_problems([targets_doc, *rules_docs])
    assert listed is not None
    waivers = tuple(w for w in listed.waivers if w.holds(today))
    return Plan(
        units=tuple(_unit(target, known, waivers) for target in found),
        policy=_policy(rules_docs, [p for p in policies if p]),
        notices=(
            *targets_doc.notices,
            *(_expired(w) for w in listed.waivers if not w.holds(today)),
            *(_ending(w) for w in listed.waivers if 0 <= (w.until - today).days <= WEEK),
        ),
    )


def load_rules(rules: Iterable[Path]) -> tuple[tuple[Requirement, ...], Policy]:
    """The requirements of all rules files, and their digest. Raises ConfigError."""
    docs = [_read(file) for file in rules_files(rules)]
    policies = [_validate(doc, RulesFile) for doc in docs]
    known = _requirements(docs, policies)
    _raise_problems(docs)
    return known, _policy(docs, [p for p in policies if p])


def unit_for(url: str, requirements: Iterable[Requirement], *, tags: Iterable[str] = ()) -> Unit:
    """One homepage on its own, as a unit. Raises ConfigError where the address is none."""
    if "://" not in url:
        url = f"http://{url}"
    try:
        target = Target(id=_slug(url), name=without_credentials(url), url=url, tags=tuple(tags))
    except ValidationError as error:
        raise ConfigError([Problem("URL", None, message_of(e)) for e in error.errors()]) from error
    return apply(target, requirements)


def apply(
    target: Target, requirements: Iterable[Requirement], waivers: Iterable[Waiver] = ()
) -> Unit:
    """The target with those requirements that are for it."""
    mine = (r for r in requirements if r.applies_to is None or r.applies_to.covers(target))
    return Unit(target=target, requirements=tuple(mine), waivers=tuple(waivers))


def rules_files(rules: Iterable[Path]) -> list[Path]:
    """The rules files that the paths name: a folder stands for its *.yaml and *.yml."""
    found: list[Path] = []
    for path in rules:
        if not path.is_dir():
            found.append(path)
            continue
        inside = sorted(p for p in path.iterdir() if p.suffix in (".yaml", ".yml"))
        if not inside:
            raise ConfigError(
                [Problem(str(path), None, Message("no *.yaml file in this folder of rules"))]
            )
        found.extend(inside)
    return found


def _unit(target: Target, known: tuple[Requirement, ...], waivers: tuple[Waiver, ...]) -> Unit:
    return apply(target, known, (w for w in waivers if w.unit == target.id))


def _expired(waiver: Waiver) -> str:
    return Message(
        "the waiver of {0} for {1} ended on {2}: the requirement holds again",
        waiver.requirement,
        waiver.unit,
        waiver.until,
    )


def _ending(waiver: Waiver) -> str:
    return Message(
        "the waiver of {0} for {1} ends on {2} (approved by {3}): renew it, or the "
        "requirement holds again",
        waiver.requirement,
        waiver.unit,
        waiver.until,
        waiver.approved_by,
    )


def _policy(docs: list[Document], policies: list[RulesFile]) -> Policy:
    digest = hashlib.sha256()
    for doc in docs:
        digest.update(Path(doc.file).read_bytes())
    return Policy(name="、".join(p.name for p in policies), sha256=digest.hexdigest())


def _targets(doc: Document, listed: TargetsFile) -> tuple[Target, ...]:
    """The units as targets; wrong addresses and ids that occur twice are noted as problems."""
    targets: list[Target] = []
    first: dict[str, int | None] = {}
    for index, entry in enumerate(listed.units):
        target = _target(doc, index, entry, listed.defaults)
        if target is None:
            continue
        line = doc.line(("units", index))
        if target.id in first:
            what = Message(
                "unit id {0!r} is already used in line {1}; ids must differ",
                target.id,
                first[target.id],
            )
            doc.problem(("units", index), what)
        first.setdefault(target.id, line)
        targets.append(target)
    return tuple(targets)


def _target(doc: Document, index: int, entry: UnitEntry, defaults: Defaults) -> Target | None:
    try:
        return Target(
            id=entry.id or _slug(entry.url),
            name=entry.name or without_credentials(entry.url),
            url=entry.url,
            tags=tuple(dict.fromkeys((*defaults.tags, *entry.tags))),
            contact=entry.contact,
            intranet=entry.intranet,
            listed=Listed(file=doc.file, line=doc.line(("units", index))),
        )
    except ValidationError as error:
        for e in error.errors():
            doc.problem(("units", index, *e["loc"]), message_of(e))
        return None


def _slug(url: str) -> str:
    """An id from an address: its host, with the path where there is one."""
    found = parse_web_url(url)
    text = f"{found.host}-{found.port}{found.path}" if found else url
    return re.sub(r"[^\w.]+", "-", text).strip("-") or "unit"


def _read_list(path: Path) -> Document:
    """A list in Excel or CSV, as if its rows were written in YAML."""
    from ycaudit.inputs import unit_list

    doc = Document(file=str(path), values=None, lines={})
    try:
        found = unit_list.read_list(path)
    except ConfigError as error:
        doc.problems.extend(error.problems)
        return doc
    doc.problems.extend(found.problems)
    doc.notices.extend(found.notices)
    doc.lines = {("units", index): row.number for index, row in enumerate(found.rows)}
    doc.values = {"units": unit_list.entries(found)} if found.rows else None
    return doc


def _requirements(
    docs: list[Document], policies: list[RulesFile | None]
) -> tuple[Requirement, ...]:
    """All requirements; an id that occurs twice is noted as a problem."""
    known: dict[str, Requirement] = {}
    home: dict[str, str] = {}
    for doc, policy in zip(docs, policies, strict=True):
        for index, requirement in enumerate(policy.requirements if policy else ()):
            path = ("requirements", index, "id")
            if requirement.id in known:
                doc.problem(
                    path,
                    Message(
                        "requirement id {0!r} is already used in {1}",
                        requirement.id,
                        home[requirement.id],
                    ),
                )
            known.setdefault(requirement.id, requirement)
            home.setdefault(requirement.id, f"{doc.file}:{doc.line(path)}")
    return tuple(known.values())


def _check_waivers(
    doc: Document, listed: TargetsFile, targets: tuple[Target, ...], known: tuple[Requirement, ...]
) -> None:
    """A waiver of a unit or requirement that does not exist is a typo, not a waiver."""
    names = {"unit": [t.id for t in targets], "requirement": [r.id for r in known]}
    for index, waiver in enumerate(listed.waivers):
        for key, existing in names.items():
            value = getattr(waiver, key)
            if value not in existing:
                hint = _nearest(value, existing)
                doc.problem(
                    ("waivers", index, key), Message("no {0} has the id {1!r}{2}", key, value, hint)
                )


def _raise_problems(docs: Iterable[Document]) -> None:
    problems = [problem for doc in docs for problem in doc.problems]
    if problems:
        raise ConfigError(problems[:MAX_PROBLEMS])


# --- YAML: text to values with lines -----------------------------------------------------------


def _read(path: Path) -> Document:
    """The file as plain values; what is wrong with it stands in `problems`."""
    doc = Document(file="stdin" if path == STDIN else str(path), values=None, lines={})
    try:
        doc.values = _compose(_text(path), doc)
    except _BadFileError as error:
        doc.problems.append(Problem(doc.file, error.line, error.message))
    except yaml.YAMLError as error:
        doc.problems.append(Problem(doc.file, _yaml_line(error), _yaml_sentence(error)))
    return doc


class _BadFileError(Exception):
    """The file as a whole cannot be used."""

    def __init__(self, text: str, *values: object, line: int | None = None) -> None:
        self.message = Message(text, *values)
        super().__init__(self.message)
        self.line = line


def _text(path: Path) -> str:
    if path == STDIN:
        return _stdin()
    if path.is_dir():
        raise _BadFileError("this is a folder; name a file")
    try:
        if path.stat().st_size > MAX_BYTES:
            raise _BadFileError(
                "larger than {0} MB; split the list into several files", MAX_BYTES >> 20
            )
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise _BadFileError("no such file") from error
    except UnicodeDecodeError as error:
        raise _BadFileError("not UTF-8 text; save it as UTF-8") from error
    except OSError as error:
        raise _BadFileError("cannot be read: {0}", error.strerror) from error


def _stdin() -> str:
    data = sys.stdin.buffer.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise _BadFileError(
            "larger than {0} MB; split the list into several files", MAX_BYTES >> 20
        )
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _BadFileError("not UTF-8 text; save it as UTF-8") from error


def _compose(text: str, doc: Document) -> Any:
    _bound(text)
    node = yaml.compose(text, Loader=_LOADER)
    values = None if node is None else _Values(doc).of(node, ())
    if values is None:
        raise _BadFileError("the file is empty")
    return values


def _bound(text: str) -> None:
    """Refuse what would cost more than its size says, before a tree is built of it."""
    depth = aliases = 0
    for event in yaml.parse(text, Loader=_LOADER):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        elif isinstance(event, yaml.AliasEvent):
            aliases += 1
        if depth > MAX_DEPTH or aliases > MAX_ALIASES:
            what = (
                Message("nested deeper than {0}", MAX_DEPTH)
                if depth > MAX_DEPTH
                else Message("too many aliases")
            )
            raise _BadFileError("{0}: this is no list of units or rules", what, line=_line(event))


class _Values:
    """Turns nodes into dicts, lists and text; types are the models' business, so that an id
    `0123` or a query value `yes` stays what was written."""

    def __init__(self, doc: Document) -> None:
        self.doc = doc
        self.count = 0

    def of(self, node: yaml.Node, path: _Path) -> Any:
        """The value of a node at this path."""
        self.count += 1
        if self.count > MAX_NODES:
            raise _BadFileError("its aliases unfold to millions of values", line=_line(node))
        self.doc.lines.setdefault(path, _line(node))
        match node:
            case yaml.MappingNode():
                return self._mapping(node, path)
            case yaml.SequenceNode():
                return [self.of(item, (*path, i)) for i, item in enumerate(node.value)]
            case _:
                is_null = node.tag == "tag:yaml.org,2002:null"
                return None if is_null else str(node.value)

    def _mapping(self, node: yaml.MappingNode, path: _Path) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                raise _BadFileError("a key must be a word", line=_line(key_node))
            key = str(key_node.value)
            here = (*path, key)
            if key in values:
                what = Message(
                    "{0!r} stands here twice (first in line {1})", key, self.doc.lines[here]
                )
                self.doc.problems.append(Problem(self.doc.file, _line(key_node), what))
                continue
            self.doc.lines[here] = _line(key_node)
            values[key] = self.of(value_node, here)
        return values


def _line(marked: yaml.Node | yaml.Event) -> int:
    mark = marked.start_mark
    return int(mark.line) + 1 if mark else 1


def _yaml_line(error: yaml.YAMLError) -> int | None:
    mark = getattr(error, "problem_mark", None)
    return None if mark is None else int(mark.line) + 1


def _yaml_sentence(error: yaml.YAMLError) -> str:
    """The parser's own words are English, and name what it met: a bracket, a tab, an end."""
    problem = getattr(error, "problem", None) or getattr(error, "reason", None) or str(error)
    return Message("not valid YAML: {0}", str(problem).splitlines()[0])


# --- values to models, with problems that a person can act on ----------------------------------


def _validate(doc: Document, model: type[Model]) -> Model | None:
    if doc.values is None:
        return None
    try:
        return model.model_validate(doc.values)
    except ValidationError as error:
        errors = error.errors()
        # A list whose items are wrong is also said to be too short: only the items are to blame.
        inner = {e["loc"][:n] for e in errors for n in range(len(e["loc"]))}
        for e in errors:
            if e["type"] != "too_short" or e["loc"] not in inner:
                doc.problem(_file_path(e["loc"]), _explain(e, model, doc.values))
        return None


def _file_path(loc: tuple[int | str, ...]) -> tuple[int | str, ...]:
    """The place in the file: pydantic names the kind after the index of a requirement."""
    if len(loc) > 2 and loc[0] == "requirements" and loc[2] in KINDS:
        return (*loc[:2], *loc[3:])
    return loc


def _explain(error: Any, model: type[BaseModel], values: Any) -> str:
    loc = tuple(error["loc"])
    match error["type"]:
        case "extra_forbidden":
            known = _known_keys(model, loc[:-1])
            hint = _nearest(str(loc[-1]), known) or Message("; known are {0}", ", ".join(known))
            return Message("unknown key {0!r}{1}", loc[-1], hint)
        case "missing":
            return Message("{0}{1!r} is missing", _place(loc[:-1]), loc[-1])
        case "union_tag_invalid" | "union_tag_not_found":
            kind = _kind_of(values, loc)
            return Message("'kind' must be one of {0}{1}", ", ".join(KINDS), _nearest(kind, KINDS))
        case "too_short":
            return Message("{0}at least one entry is needed", _place(loc))
        case "model_type" | "model_attributes_type":
            return Message("{0}must be a mapping of keys to values", _place(loc))
        case _:
            return Message("{0}{1}", _place(loc), message_of(error))


def _kind_of(values: Any, loc: tuple[Any, ...]) -> str:
    for step in loc:
        values = values[step]
    return str(values.get("kind", "")) if isinstance(values, dict) else ""


def _place(loc: tuple[Any, ...]) -> str:
    return f"{loc[-1]}: " if loc and isinstance(loc[-1], str) and loc[-1] not in KINDS else ""


def _nearest(word: str, known: Iterable[str]) -> str:
    close = get_close_matches(word, list(known), n=1, cutoff=0.6)
    return Message("; did you mean {0!r}?", close[0]) if close else ""


def _known_keys(model: type[BaseModel], loc: tuple[Any, ...]) -> list[str]:
    """The keys that are known at this place of the model."""
    current: type[BaseModel] = model
    for step in loc:
        if isinstance(step, int):
            continue
        if step in KINDS:
            current = KINDS[step]
        elif step in current.model_fields:
            current = next(_models(current.model_fields[step].annotation), current)
    return list(current.model_fields)


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    """The models that an annotation mentions."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    elif get_origin(annotation) is not None:
        for part in get_args(annotation):
            yield from _models(part)
