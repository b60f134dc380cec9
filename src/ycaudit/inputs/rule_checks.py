"""What is wrong or odd about several requirements together, and about those of one list."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from ycaudit.errors import Problem
from ycaudit.i18n import Listed, Message
from ycaudit.inputs.file_models import RulesFile
from ycaudit.inputs.yaml_document import Document
from ycaudit.model import Target, Waiver
from ycaudit.rules import Requirement
from ycaudit.rules.matchers import Accept
from ycaudit.rules.spelling import odd_payload
from ycaudit.rules.wordings import Wording
from ycaudit.url import host_of


@dataclass(frozen=True, slots=True)
class Written:
    """A requirement, and where it stands."""

    requirement: Requirement
    doc: Document
    index: int

    def place(self, *path: str | int) -> tuple[str | int, ...]:
        """The path of something in it."""
        return ("requirements", self.index, *path)

    def notice(self, what: Message, *path: str | int) -> Message:
        """Something odd about it, with file and line."""
        return Problem(self.doc.file, self.doc.line(self.place(*path)), what).message


def written(docs: Iterable[Document], policies: Iterable[RulesFile | None]) -> list[Written]:
    """All requirements of the files that can be read."""
    return [
        Written(requirement, doc, index)
        for doc, policy in zip(docs, policies, strict=True)
        for index, requirement in enumerate(policy.requirements if policy else ())
    ]


def check_ids(docs: Iterable[Document]) -> None:
    """Add a problem for each id that stands twice, also where the file has other mistakes."""
    home: dict[str, str] = {}
    for doc in docs:
        for index, id_ in _ids(doc.values):
            path = ("requirements", index, "id")
            if id_ in home:
                what = Message("requirement id {0!r} is already used in {1}", id_, home[id_])
                doc.problem(path, what)
            home.setdefault(id_, f"{doc.file}:{doc.line(path)}")


def _ids(values: Any) -> Iterator[tuple[int, str]]:
    entries = values.get("requirements") if isinstance(values, dict) else None
    for index, entry in enumerate(entries if isinstance(entries, list) else ()):
        if isinstance(entry, dict) and isinstance(entry.get("id"), str):
            yield index, entry["id"]


def check_samples(every: Iterable[Written]) -> None:
    """Add a problem for each pattern that nobody has tried."""
    for each in every:
        for place, form in enumerate(each.requirement.accept):
            if isinstance(form, Wording) and form.pattern and form.sample is None:
                what = Message("'sample' is missing: a text that the pattern must match")
                each.doc.problem(each.place("accept", place), what)


def check_contradictions(every: Sequence[Written]) -> None:
    """Add a problem where all that would meet one requirement is what another forbids."""
    for forbids in every:
        for asks in every:
            if _exclude(asks.requirement, forbids.requirement):
                what = Message(
                    "what {0!r} asks for is what {1!r} forbids: no homepage meets both",
                    *(asks.requirement.id, forbids.requirement.id),
                )
                forbids.doc.problem(forbids.place("accept"), what)


def _exclude(asks: Requirement, forbids: Requirement) -> bool:
    """Whether all that meets the one is forbidden by the other."""
    examples = _examples(asks, forbids)
    return bool(examples) and all(
        texts and len(_forbidden(texts, forbids)) == len(texts) for texts in examples
    )


def _examples(asks: Requirement, forbids: Requirement) -> list[tuple[str, ...]]:
    """What stands for each accepted form of a requirement, where another may forbid it."""
    if (asks.kind, asks.expect, forbids.expect) != (forbids.kind, "present", "absent"):
        return []
    one, other = asks.applies_to, forbids.applies_to
    if one and other and set(one.tags).isdisjoint(other.tags):
        return []
    return [tuple(form.examples()) for form in asks.accept if form.is_proof]


def _forbidden(texts: Iterable[str], forbids: Requirement) -> list[str]:
    forms = [form for form in forbids.accept if form.is_proof]
    return [text for text in texts if any(form.matches(text) for form in forms)]


def _partly_forbidden(every: Sequence[Written]) -> Iterator[Message]:
    """Forms that one requirement accepts and another forbids; others that it accepts are left."""
    for forbids in every:
        for asks in every:
            texts = [t for each in _examples(asks.requirement, forbids.requirement) for t in each]
            found = _forbidden(texts, forbids.requirement)
            if found:
                by_host = {host_of(text) or text: text for text in reversed(found)}
                what = Message(
                    "{0!r} accepts {1}, which {2!r} forbids: who shows it meets the one and fails "
                    "the other",
                    asks.requirement.id,
                    Listed(list(by_host.values())[::-1]),
                    forbids.requirement.id,
                )
                yield forbids.notice(what, "accept")


def notices(every: Sequence[Written], today: date) -> Iterator[Message]:
    """What is odd, and may yet be meant."""
    yield from _partly_forbidden(every)
    names: dict[str, Requirement] = {}
    for each in every:
        name = each.requirement.name
        other = names.setdefault(name, each.requirement)
        if other is not each.requirement:
            what = Message(
                "{0!r} and {1!r} have one name: {2}", other.id, each.requirement.id, name
            )
            yield each.notice(what, "name")
        for place, form in enumerate(each.requirement.accept):
            if form.verified and form.verified > today:
                what = Message("verified: {0} is still to come", form.verified)
                yield each.notice(what, "accept", place, "verified")
            if isinstance(form, Accept) and (
                odd := odd_payload(form.payload or "", each.requirement.id)
            ):
                yield each.notice(odd, "accept", place, "payload")


def needless(
    doc: Document,
    waivers: Iterable[tuple[int, Waiver]],
    targets: Iterable[Target],
    known: Iterable[Requirement],
) -> Iterator[Message]:
    """Waivers of what is not asked of the unit; each comes with its index in the list."""
    sites = {target.id: target for target in targets}
    asked = {requirement.id: requirement.applies_to for requirement in known}
    for index, waiver in waivers:
        only = asked[waiver.requirement]
        if only is not None and not only.covers(sites[waiver.unit]):
            what = Message(
                "the waiver of {0} for {1} is needless: it is not asked of this unit",
                *(waiver.requirement, waiver.unit),
            )
            yield doc.located(("waivers", index), what).message
