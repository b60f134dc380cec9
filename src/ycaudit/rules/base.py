"""The base class of all kinds of requirement, and how it weighs what a page shows.

A kind only searches; the base class alone decides. So no kind can mistake what was not seen for
what is not there.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from functools import cached_property, reduce
from typing import Any, ClassVar, Literal, Self, get_args

from pydantic import Field, field_validator

from ycaudit.model import (
    BlindSpot,
    Evidence,
    Link,
    Observation,
    Outcome,
    Page,
    QrCode,
    Record,
    Sense,
    Target,
    Text,
    Verdict,
    Visibility,
    Where,
)
from ycaudit.reasons import Reason
from ycaudit.rules.forms import Form
from ycaudit.rules.matchers import SomeWords, Words
from ycaudit.rules.wordings import Span

MAX_NEAR = 6
"""Things that a verdict lists as found instead."""


class AppliesTo(Record):
    """Which units a requirement applies to: those with at least one of the tags."""

    tags: SomeWords

    def covers(self, target: Target) -> bool:
        """Whether the target has one of the tags."""
        return not set(self.tags).isdisjoint(target.tags)


class BaseRequirement(Record):
    """One thing that every homepage must (or must not) carry."""

    title: ClassVar[str]
    """What the kind looks for, as the JSON Schema describes it."""
    needs: ClassVar[frozenset[Sense]]
    """A blind spot that hides one of these leaves a missing thing undetermined."""

    @classmethod
    def word(cls) -> str:
        """The value of `kind` in a rules file."""
        return str(get_args(cls.model_fields["kind"].annotation)[0])

    @classmethod
    def has_forms(cls) -> bool:
        """Whether the kind has forms of its own: what has none is known by `find` alone."""
        mine, none = (kind.model_fields["accept"] for kind in (cls, BaseRequirement))
        return mine.annotation != none.annotation

    id: str = Field(min_length=1)
    name: str = Field(min_length=1)
    clause: str | None = None
    source: str | None = None
    note: str | None = None
    level: Literal["must", "should"] = "must"
    expect: Literal["present", "absent"] = "present"
    visible: Literal["expected", "required", "any"] = "expected"
    """How a thing counts that is never shown: undetermined (expected), missing, or present."""
    labels: Words = ()
    """Captions that sites use; they rank what is listed as found instead, and prove nothing."""
    applies_to: AppliesTo | None = None
    accept: tuple[Form, ...] = Field(default=(), max_length=0)
    """None, unless the kind has forms of its own."""
    mistakes: tuple[Form, ...] = Field(default=(), max_length=0)
    """Known wrong values, such as the address of a former app; `note` says what each one is."""

    @field_validator("level", mode="before")
    @classmethod
    def _level_in_other_words(cls, value: object) -> object:
        return {"required": "must", "recommended": "should"}.get(str(value), value)

    def find(self, page: Page) -> Iterator[Evidence]:
        """Yield everything that meets the requirement, shown or not."""
        raise NotImplementedError  # pragma: no cover - every kind has its own

    def near(self, page: Page) -> Iterator[Evidence]:
        """Yield what comes closest, best first, for a verdict where nothing meets it."""
        raise NotImplementedError  # pragma: no cover - every kind has its own

    def doubt(self, page: Page) -> Reason | None:
        """Why a page without blind spots still does not prove absence; None if it does."""
        raise NotImplementedError  # pragma: no cover - every kind has its own

    @cached_property
    def asked(self) -> str:
        """A digest of what is asked for, not of what it is called: see `Verdict.asked`."""
        written = self._written(_WORDS)
        proofs = "".join(str(int(form.is_proof)) for form in self.accept)
        return _digest(written + proofs)

    @cached_property
    def sought(self) -> tuple[str, ...]:
        """Digests of what a look tries for this, not of how it is judged: see `Page.sought`.

        One for each form, each name and so on, so that a look for more was also one for less.
        """
        kind = self._written(_JUDGING)
        forms = (part for form in self.accept for part in form.parts())
        tried = [
            *(f.model_dump_json(exclude=_NOT_TRIED, exclude_defaults=True) for f in forms),
            *(f"name {name}" for name in (self.name, *self.labels)),
            *(["every link"] if self.resolves else []),
        ]
        return tuple(dict.fromkeys(sorted(_digest(kind + one) for one in tried)))

    def _written(self, without: Set[str]) -> str:
        """As JSON, but for defaults, so that a new key changes no digest."""
        forms = {"__all__": _OF_A_FORM}
        exclude = {"accept": forms, "mistakes": forms} | dict.fromkeys(without, True)
        return self.model_dump_json(exclude=exclude, exclude_defaults=True)

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """A copy, which may ask for something else."""
        copy = super().model_copy(update=update, deep=deep)
        for digest in ("asked", "sought"):
            copy.__dict__.pop(digest, None)
        return copy

    @property
    def hosts(self) -> frozenset[str] | None:
        """Hosts of the links that can meet this; None if any host, or more than a link, can."""
        return None

    @property
    def named_hosts(self) -> Iterable[str]:
        """Hosts of the accepted forms."""
        return ()

    def to_follow(self, page: Page) -> Iterator[str]:
        """Yield addresses whose redirects could decide this, the likeliest first."""
        yield from ()

    def seeks(self, text: str) -> bool:
        """Whether an address, a payload or a text has one of the forms that could meet this."""
        return any(a.matches(text) for a in self.accept)

    def example(self) -> str | None:
        """A text for the self test, which meets this; None where the rules do not give one."""
        return next((text for a in self.accept if a.is_proof and (text := a.example())), None)

    def in_words(self) -> tuple[str, ...]:
        """How what meets this looks, each form that counts; none where the rules know none."""
        return tuple(dict.fromkeys(s for a in self.accept if a.is_proof for s in a.in_words()))

    def spans(self, text: str) -> Iterator[Span]:
        """Yield where something that could meet this stands in the folded text of a page."""
        yield from ()

    def is_named_in(self, text: str) -> bool:
        """Whether a text has the name of the thing, or a caption under which sites show it."""
        return any(name in text for name in (self.name, *self.labels))

    def fit(self, text: str) -> int:
        """How well a text names the thing: the characters of its name and captions in there."""
        return sum(len(name) for name in {self.name, *self.labels} if name in text)

    def identifies(self, text: str) -> bool:
        """Whether an address or a payload is known to be what is asked for, and nothing else."""
        return False

    def may_be_met_by(self, text: str) -> bool:
        """Whether an address or a payload could meet this in a form that the rules do not name."""
        return self.seeks(text)

    def judge(self, observation: Observation, others: frozenset[str] = frozenset()) -> Verdict:
        """Return the verdict on one observation of a homepage.

        `others` are payloads known to be what other requirements ask for: they leave no doubt.
        """
        if isinstance(observation, Page):
            return self._weigh(self._as_sought(observation), others)
        return self._verdict(
            observation, Outcome.UNDETERMINED, Reason.of("not_seen", because=observation.why)
        )

    @property
    def resolves(self) -> bool:
        """Whether the destination of a redirect counts."""
        return False

    def _mistake(self, text: str) -> Reason | None:
        """The rule's note on a known wrong value; None for any other text."""
        found = next((m for m in self.mistakes if m.matches(text)), None)
        if found is None:
            return None
        return Reason.of("rule_says", text=found.note) if found.note else _KNOWN_MISTAKE

    def _as_sought(self, page: Page) -> Page:
        """A page as far as it is known to a look that was for something else: whether a visitor
        gets to a link, and reads a line, was tried for what was sought alone."""
        senses = self.needs & {Sense.LINK, Sense.TEXT}
        if not senses or page.sought is None or set(self.sought) <= set(page.sought):
            return page
        where = Where(origin="markup", url=page.final_url)
        spot = BlindSpot(hides=senses, why=Reason.of("not_sought"), where=where)
        links = page.links
        if page.observer == "browser":
            links = tuple(
                link.model_copy(update={"visible": Visibility.UNSURE})
                if link.visible.counts and not link.reached
                else link
                for link in links
            )
        return page.model_copy(update={"links": links, "blind_spots": (*page.blind_spots, spot)})

    def _weigh(self, page: Page, others: frozenset[str]) -> Verdict:
        found = tuple(self.find(page))
        if shown := tuple(e for e in found if self._counts(e)):
            return self._verdict(page, self._if_there, self._present(shown), evidence=shown)
        values = {evidence.value for evidence in found}
        near = tuple(e for e in self.near(page) if e.value not in values)[:MAX_NEAR]
        if why := self._cannot_tell(page, found, others):
            return self._verdict(page, Outcome.UNDETERMINED, why, evidence=found, near=near)
        reason = self._hidden(found) if found else self._missing(page)
        return self._verdict(page, self._if_missing, reason, evidence=found, near=near)

    def _present(self, shown: tuple[Evidence, ...]) -> Reason:
        seen = any(e.visible.counts for e in shown)
        code = _PRESENT[self.expect, seen]
        return Reason.of(code, value=shown[0].value, more=len(shown) - 1)

    def _counts(self, evidence: Evidence) -> bool:
        return self.visible == "any" or evidence.visible.counts

    def _cannot_tell(
        self, page: Page, found: tuple[Evidence, ...], others: frozenset[str]
    ) -> Reason | None:
        """Why the page leaves the requirement undetermined; None if it does not."""
        if any(e.visible is Visibility.UNSURE for e in found):
            return Reason.of("visibility_unknown", value=found[0].value)
        spots = (spot for spot in page.blind_to(self.needs) if self.may_hide_in(spot, page))
        blind = sorted(spots, key=lambda spot: -self.likelihood(spot, page))
        if (why := self.not_comparable(page, is_blind=bool(blind))) is not None:
            return why
        if blind:
            return _blind(blind, found)
        if found and self.visible != "required":
            return Reason.of("never_shown_undecided", value=found[0].value)
        # Beside what is hidden, something that is shown may be it, too: then it is not missing.
        return self.doubt(without_codes(without_hidden(page) if found else page, others))

    def may_hide_in(self, spot: BlindSpot, page: Page) -> bool:
        """Whether what is asked for may be what a blind spot hides."""
        return True

    def likelihood(self, spot: BlindSpot, page: Page) -> int:
        """How likely a blind spot holds what is asked for, beside the others; 0: as any."""
        return 0

    def not_comparable(self, page: Page, *, is_blind: bool) -> Reason | None:
        """Why nothing that the page shows could be compared with what is asked for."""
        return None

    def _hidden(self, found: tuple[Evidence, ...]) -> Reason:
        return Reason.of("never_shown", value=found[0].value)

    def _missing(self, page: Page) -> Reason:
        why = self._absent(page)
        if self.expect == "absent" and why.code == "not_among":
            return why.model_copy(update={"code": "unwanted_not_among"})
        return why

    def _absent(self, page: Page) -> Reason:
        counts = {sense: _count(page, sense) for sense in sorted(self.needs)}
        if not any(counts.values()):
            return reduce(_both, (Reason.of(f"no_{sense}") for sense in counts))
        counted = [Reason.of(f"{sense}s", count=n) for sense, n in counts.items()]
        return Reason.of("not_among", things=reduce(_and, counted))

    @property
    def _if_there(self) -> Outcome:
        return Outcome.PASS if self.expect == "present" else Outcome.FAIL

    @property
    def _if_missing(self) -> Outcome:
        return Outcome.FAIL if self.expect == "present" else Outcome.PASS

    def _verdict(
        self,
        observation: Observation,
        outcome: Outcome,
        why: Reason,
        *,
        evidence: tuple[Evidence, ...] = (),
        near: tuple[Evidence, ...] = (),
    ) -> Verdict:
        return Verdict(
            requirement=self.id,
            name=self.name,
            clause=self.clause,
            level=self.level,
            expect=self.expect,
            asked=self.asked,
            sense=min(self.needs),
            outcome=outcome,
            why=why,
            evidence=evidence,
            near=near,
            observer=observation.observer,
        )


_PRESENT = {
    ("present", True): "found",
    ("present", False): "found_in_page",
    ("absent", True): "unwanted_found",
    ("absent", False): "unwanted_in_page",
}
"""The reason where a thing is there: by what is expected, and whether a visitor sees it."""
_WORDS = {"name", "clause", "source", "note", "level", "labels", "applies_to"}
"""What is said of a requirement, and to whom it applies, but not what it asks for."""
_JUDGING = (
    _WORDS
    | {"id", "expect", "visible", "mistakes", "exhaustive", "as_text"}
    | {"accept", "resolve"}  # which `sought` takes one by one
)
"""What says nothing of what a look tries."""
_OF_A_FORM = {"source", "note", "verified"}
_NOT_TRIED = _OF_A_FORM | {"resolve"}

IN_COMMENT = Reason.of("in_comment")
_KNOWN_MISTAKE = Reason.of("known_mistake")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _and(first: Reason, second: Reason) -> Reason:
    return Reason.of("and", first=first, second=second)


def _both(first: Reason, second: Reason) -> Reason:
    return Reason.of("both", first=first, second=second)


def _count(page: Page, sense: Sense) -> int:
    """How many things of a kind the page has outside comments."""
    return sum(not thing.where.in_comment for thing in getattr(page, f"{sense}s"))


def _blind(spots: list[BlindSpot], found: tuple[Evidence, ...]) -> Reason:
    why, more = spots[0].why, len(spots) - 1
    if found:
        return Reason.of("hidden_not_all_seen", value=found[0].value, because=why, more=more)
    return Reason.of("not_all_seen", because=why, more=more)


def without_codes(page: Page, payloads: frozenset[str]) -> Page:
    """The page without the codes that have one of these payloads."""
    if not payloads:
        return page
    codes = tuple(code for code in page.qr_codes if code.payload not in payloads)
    return page.model_copy(update={"qr_codes": codes})


def without_hidden(page: Page) -> Page:
    """The page without the links, codes and texts that are never shown."""
    return page.model_copy(
        update={
            "links": tuple(filter(_is_not_hidden, page.links)),
            "qr_codes": tuple(filter(_is_not_hidden, page.qr_codes)),
            "texts": page.texts and tuple(filter(_is_not_hidden, page.texts)),
        }
    )


def _is_not_hidden(thing: Link | QrCode | Text) -> bool:
    return thing.visible is not Visibility.HIDDEN


def rank(order: Sequence[Reason], note: Reason) -> int:
    """The index of a note in the order; a note of the rules is not in it and comes first."""
    return order.index(note) if note in order else -1


def distinct(evidence: Iterable[Evidence]) -> Iterator[Evidence]:
    """Yield the first piece of evidence for each value."""
    seen: set[str] = set()
    for item in evidence:
        if item.value not in seen:
            seen.add(item.value)
            yield item
