"""What a scan is to do: units and requirements from their files, every mistake with its line."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from ycaudit.errors import AuditError, ConfigError, InvalidValueError, Problem, nearest
from ycaudit.i18n import Listed, Message
from ycaudit.inputs import mail_address, rule_checks
from ycaudit.inputs.cell_url import told
from ycaudit.inputs.cells import shortened
from ycaudit.inputs.file_models import RulesFile, TargetsFile
from ycaudit.inputs.rule_checks import Written
from ycaudit.inputs.sites import Sites, sites_of, slug
from ycaudit.inputs.validation import readable_units, unit_entry, validated
from ycaudit.inputs.waivers import doubled, resolved
from ycaudit.inputs.waivers import notices as ending
from ycaudit.inputs.web_address import check_address
from ycaudit.inputs.yaml_document import STDIN, Document, read
from ycaudit.model import NoWebsite, Policy, Target, ThirdParty, Waiver
from ycaudit.rules import Requirement
from ycaudit.rules.judge import Unit
from ycaudit.url import parse_web_url, without_credentials

MAX_PROBLEMS = 50
MAX_SAMPLES = 8
MAX_TAGS = 20
"""Tags that a mistake in a tag lists."""
_NAME_RULES = Message("run it in the folder of ycaudit, or name that of the rules with --rules")
_CHECK_PATH = Message("check what --rules names")
LIST_SUFFIXES = frozenset({".xlsx", ".xlsm", ".xls", ".ods", ".csv"})
"""Suffixes of lists that are no YAML."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The units of a scan with their requirements and waivers, and the policy behind them."""

    units: tuple[Unit, ...]
    policy: Policy
    no_website: tuple[NoWebsite, ...] = ()
    notices: tuple[str, ...] = ()


def load(targets: Path, rules: Iterable[Path], *, today: date) -> Plan:
    """The units of a targets file, each with the requirements and waivers that apply to it.

    `today` decides which waivers hold. Raises ConfigError with all problems of all files.
    """
    targets_doc = _targets_document(targets)
    rules_docs = _rules_documents(rules)
    listed = validated(targets_doc, TargetsFile)
    policies = [validated(doc, RulesFile) for doc in rules_docs]
    every = _checked(rules_docs, policies)
    known = tuple(each.requirement for each in every)
    readable = listed or readable_units(targets_doc)
    found = sites_of(targets_doc, readable) if readable else Sites()
    waivers: tuple[tuple[int, Waiver], ...] = ()
    if listed and all(policies):
        if not targets_doc.problems:  # else the units that are missing may carry the tags
            _check_tags(every, found)
        waivers = resolved(targets_doc, listed, found, known)
        _check_asked(targets_doc, found, known)
    _raise_problems([*rules_docs, targets_doc])  # a list is read by the rules: the cause first
    assert listed is not None
    valid = tuple(w for _, w in waivers if w.holds(today))
    policy = _policy(rules_docs, [p for p in policies if p])
    return Plan(
        units=tuple(_unit(target, known, valid, policy.third_parties) for target in found.targets),
        policy=policy,
        no_website=tuple(found.no_website),
        notices=(
            *targets_doc.notices,
            *_samples(targets_doc, found),
            *_likely_same(targets_doc, found),
            *_wrong_mail(targets_doc, listed),
            *rule_checks.notices(every, today),
            *ending(targets_doc, listed.waivers, today),
            *doubled(targets_doc, ((index, w) for index, w in waivers if w.holds(today))),
            *rule_checks.needless(targets_doc, waivers, found.targets, known),
        ),
    )


def load_rules(rules: Iterable[Path]) -> tuple[tuple[Requirement, ...], Policy]:
    """The requirements of all rules files, and the policy that they make up. Raises ConfigError."""
    docs = _rules_documents(rules)
    policies = [validated(doc, RulesFile) for doc in docs]
    known = tuple(each.requirement for each in _checked(docs, policies))
    _raise_problems(docs)
    return known, _policy(docs, [p for p in policies if p])


def unit_for(
    url: str,
    requirements: Iterable[Requirement],
    *,
    tags: Iterable[str] = (),
    third_parties: tuple[ThirdParty, ...] = (),
) -> Unit:
    """A unit made of one address. Raises ConfigError where it is no web address."""
    if "://" not in url and not url.lower().startswith(("http:", "https:")):
        url = f"http://{url}"
    try:
        check_address(url)
    except InvalidValueError as error:
        raise ConfigError([Problem(Message("URL"), None, error.message)]) from error
    target = Target(id=slug(url), name=without_credentials(url), url=url, tags=tuple(tags))
    return apply(target, requirements, third_parties=third_parties)


def apply(
    target: Target,
    requirements: Iterable[Requirement],
    waivers: Iterable[Waiver] = (),
    third_parties: tuple[ThirdParty, ...] = (),
) -> Unit:
    """The target with the requirements that apply to it."""
    mine = (r for r in requirements if r.applies_to is None or r.applies_to.covers(target))
    return Unit(
        target=target,
        requirements=tuple(mine),
        waivers=tuple(waivers),
        added_third_parties=third_parties,
    )


def rules_files(rules: Iterable[Path]) -> list[Path]:
    """The paths, each folder replaced by its *.yaml and *.yml files.

    Raises ConfigError where a folder holds none.
    """
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
        found += inside
    return found


def _targets_document(path: Path) -> Document:
    """The list of homepages, of any kind of file; where it is not there, with what to do."""
    is_table = path.suffix.lower() in LIST_SUFFIXES
    doc = _read_list(path) if is_table else read(path, keep=unit_entry)
    if path != STDIN and not path.exists():
        hint = Message("name your list, or write an example with `ycaudit init`")
        doc.problems[:] = [Problem(doc.file, None, Message("no such file", hint=hint))]
    return doc


def _rules_documents(rules: Iterable[Path]) -> list[Document]:
    """The files of the rules; what is not there is told with the option that names it."""
    files = rules_files(rules)
    docs = [read(file) for file in files]
    for file, doc in zip(files, docs, strict=True):
        if file.suffix.lower() in LIST_SUFFIXES:
            what = Message("this is a list and no rules; name the YAML file of the rules")
            doc.problems[:] = [Problem(doc.file, None, what)]
        elif file != STDIN and not file.exists():
            is_default = file == Path("rules")
            what = Message(
                "no such file or folder", hint=_NAME_RULES if is_default else _CHECK_PATH
            )
            doc.problems[:] = [Problem(doc.file, None, what)]
    return docs


def _unit(
    target: Target,
    known: tuple[Requirement, ...],
    waivers: tuple[Waiver, ...],
    third_parties: tuple[ThirdParty, ...],
) -> Unit:
    return apply(target, known, (w for w in waivers if w.unit == target.id), third_parties)


def _policy(docs: list[Document], policies: list[RulesFile]) -> Policy:
    digest = hashlib.sha256()
    for doc in docs:
        digest.update(Path(doc.file).read_bytes())
    return Policy(
        name="、".join(p.name for p in policies),
        sha256=digest.hexdigest(),
        third_parties=tuple(party for p in policies for party in p.third_parties),
        source="；".join(filter(None, (p.source for p in policies))),
    )


def _read_list(path: Path) -> Document:
    """An Excel or CSV list as the document that a YAML file of the same units gives."""
    from ycaudit.inputs import targets_yaml, unit_list

    doc = Document(file=str(path), values=None, lines={})
    try:
        found = unit_list.read_list(path)
    except ConfigError as error:
        doc.problems.extend(error.problems)
        return doc
    doc.problems.extend(found.problems)
    doc.notices.extend((*found.columns, *found.notices, *found.doubts))
    for index, unit in enumerate(found.units):
        doc.lines["units", index], doc.sheets["units", index] = unit.number, unit.sheet
        for place, site in enumerate(unit.sites if len(unit.sites) > 1 else ()):
            doc.lines["units", index, "sites", place] = site.number
    for index, waiver in enumerate(found.waivers):
        doc.lines["waivers", index], doc.sheets["waivers", index] = waiver.number, waiver.sheet
    if found.units:
        waivers = targets_yaml.waivers(found)
        doc.values = {"units": targets_yaml.entries(found), "waivers": waivers}
    return doc


def _checked(docs: list[Document], policies: list[RulesFile | None]) -> list[Written]:
    """All requirements; what is wrong about several together is added to the problems."""
    every = rule_checks.written(docs, policies)
    rule_checks.check_ids(docs)
    rule_checks.check_samples(every)
    rule_checks.check_contradictions(every)
    return every


def _check_tags(every: Iterable[Written], found: Sites) -> None:
    """Add a problem for each tag of the rules that no unit carries."""
    tags = [site.tags for site in found.targets] + [unit.tags for unit in found.no_website]
    known = sorted({tag for each in tags for tag in each})
    for each in every:
        for place, tag in enumerate(_tags_of(each.requirement)):
            if tag not in known:
                hint = nearest(tag, known) or carried(known)
                what = Message("applies_to: no unit carries the tag {0!r}{1}", tag, hint)
                each.doc.problem(each.place("applies_to", "tags", place), what)


def carried(tags: list[str]) -> Message:
    """The tags that units carry, where one that none carries was meant."""
    if not tags:
        return Message("; no unit carries any: give it to those that are meant")
    return Message("; they carry {0}", ", ".join(tags[:MAX_TAGS]))


def _tags_of(requirement: Requirement) -> tuple[str, ...]:
    return requirement.applies_to.tags if requirement.applies_to else ()


def unasked(target: Target, known: Iterable[Requirement]) -> Message | None:
    """What is wrong with a target of which nothing is asked; None for any other."""
    known = tuple(known)
    if apply(target, known).requirements:
        return None
    return Message(
        "no requirement applies to {0}: give it one of the tags {1}, or take it out",
        *(shortened(target.id), tags_named(known)),
    )


def tags_named(requirements: Iterable[Requirement]) -> str:
    """The tags by which some of these go, each once."""
    return ", ".join(dict.fromkeys(tag for each in requirements for tag in _tags_of(each)))


def _check_asked(doc: Document, found: Sites, known: tuple[Requirement, ...]) -> None:
    """Add a problem for each unit of which nothing is asked, and for each that stands twice."""
    first: dict[tuple[str, ...], Target] = {}
    for path, target in found.placed:
        if known and (what := unasked(target, known)) is not None:
            doc.problem(path, what)
        other = first.setdefault(_address_of(target), target)
        if other is not target:
            what = Message(
                "{0} is already listed as {1!r}; take one out",
                *(told(target.url), shortened(other.id)),
            )
            doc.problem(path, what)


def problem_of(target: Target, what: str) -> Problem:
    """A problem with a target, with the place where it is listed."""
    listed = target.listed
    return Problem(listed.file, listed.line, what) if listed else Problem(target.id, None, what)


def _address_of(target: Target) -> tuple[str, ...]:
    found = parse_web_url(target.url)
    return found.comparable if found else (target.url,)


def is_sample(url: str) -> bool:
    """Whether it is an address of `ycaudit init`: nobody ever has it (RFC 2606, section 3)."""
    found = parse_web_url(url)
    return found is not None and f".{found.host}".endswith(".example.org")


def _samples(doc: Document, found: Sites) -> Iterator[str]:
    """That units of `ycaudit init` are still in the list: once, however many."""
    samples = [(path, target) for path, target in found.placed if is_sample(target.url)]
    if samples:
        names = Listed(shortened(target.name) for _, target in samples[:MAX_SAMPLES])
        what = Message(
            "the list still has samples: put your own units in the place of {0}{1:? (and # more)}",
            *(names, len(samples[MAX_SAMPLES:])),
        )
        yield doc.located(samples[0][0], what).message


def _likely_same(doc: Document, found: Sites) -> Iterator[str]:
    """Units whose addresses differ only in http and https, in www, or in how a page is named."""
    first: dict[tuple[str, ...], Target] = {}
    for place, target in found.placed:
        url = parse_web_url(target.url)
        if url is None:
            continue
        path = "" if url.is_root else url.path.rstrip("/")
        other = first.setdefault((url.host.removeprefix("www."), url.port, path, url.query), target)
        if other is not target:
            what = Message(
                "{0} and {1} are likely the same homepage ({2}, {3}): if so, take one out",
                *map(shortened, (other.id, target.id)),
                *map(told, (other.url, target.url)),
            )
            yield doc.located(place, what).message


def _wrong_mail(doc: Document, listed: TargetsFile) -> Iterator[str]:
    """Addresses of mail that reach nobody; those of a spreadsheet are told as it is read."""
    is_spreadsheet = Path(doc.file).suffix.lower() in LIST_SUFFIXES
    tried = set[str]()
    for index, entry in enumerate(() if is_spreadsheet else listed.units):
        email = entry.contact.email if entry.contact else None
        if email and email not in tried:
            tried.add(email)
            try:
                mail_address.parsed(email)
            except AuditError as error:
                path = ("units", index, "contact", "email")
                yield doc.located(path, error.message).message


def _raise_problems(docs: Iterable[Document]) -> None:
    problems = [problem for doc in docs for problem in doc.problems]
    if problems:
        raise ConfigError(problems[:MAX_PROBLEMS])
