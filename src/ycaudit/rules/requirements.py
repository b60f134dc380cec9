"""What a rules file may ask for: one class a kind of requirement, and the weighing of a sight.

A kind only searches. The base class alone weighs, so no kind can mistake blindness for absence.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property, reduce
from typing import Annotated, ClassVar, Literal

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
    Verdict,
    Visibility,
)
from ycaudit.reasons import Reason
from ycaudit.rules.matchers import Accept, Words
from ycaudit.url import Url, host_of, parse_web_url

MAX_NEAR = 6


class AppliesTo(Record):
    """Which units a requirement is for: those that carry one of the tags."""

    tags: Words

    def covers(self, target: Target) -> bool:
        """Whether it is for this target."""
        return not set(self.tags).isdisjoint(target.tags)


class BaseRequirement(Record):
    """One thing that every homepage must (or must not) carry."""

    needs: ClassVar[frozenset[Sense]]
    """A blind spot that hides one of these makes absence unknowable."""

    id: str = Field(min_length=1)
    name: str = Field(min_length=1)
    clause: str | None = None
    source: str | None = None
    note: str | None = None
    level: Literal["must", "should"] = "must"
    expect: Literal["present", "absent"] = "present"
    visible: Literal["expected", "required", "any"] = "expected"
    """What a thing that is there but never shown is: a question (expected), nothing, or enough."""
    labels: Words = ()
    """How sites caption it; ranks candidates and explains, never proves."""
    resolve: bool = False
    """Also accept an address that redirects to an accepted one."""
    applies_to: AppliesTo | None = None
    accept: tuple[Accept, ...] = ()
    mistakes: tuple[Accept, ...] = ()
    """What is often shown instead, such as the address of the old app; `note` says what it is."""

    @field_validator("level", mode="before")
    @classmethod
    def _level_in_other_words(cls, value: object) -> object:
        return {"required": "must", "recommended": "should"}.get(str(value), value)

    def find(self, page: Page) -> Iterator[Evidence]:
        """What meets the requirement, shown or not."""
        raise NotImplementedError  # pragma: no cover - every kind has its own

    def near(self, page: Page) -> Iterator[Evidence]:
        """What a person would want to be told when nothing meets it."""
        raise NotImplementedError  # pragma: no cover - every kind has its own

    def doubt(self, page: Page) -> Reason | None:
        """Why absence cannot be concluded even from full sight; None where it can."""
        raise NotImplementedError  # pragma: no cover - every kind has its own

    @property
    def hosts(self) -> frozenset[str] | None:
        """The hosts of the links that alone can settle this; None where more than links can."""
        return None

    def to_follow(self, page: Page) -> Iterator[str]:
        """The addresses whose destination could settle this, the likeliest first."""
        raise NotImplementedError  # pragma: no cover - every kind has its own

    def judge(self, observation: Observation) -> Verdict:
        """The verdict on one sight of a homepage."""
        if isinstance(observation, Page):
            return self._weigh(observation)
        return self._verdict(
            observation, Outcome.UNDETERMINED, Reason.of("not_seen", because=observation.why)
        )

    @property
    def resolves(self) -> bool:
        """Whether it counts where an address redirects to."""
        return self.resolve or any(a.resolve for a in self.accept)

    def _is_met_by(self, text: str, leads_to: Iterable[str]) -> bool:
        """Whether a text, or where it leads if that counts, is an accepted form."""
        return any(
            a.matches(text)
            or ((a.resolve or self.resolve) and any(a.matches(hop) for hop in leads_to))
            for a in self.accept
            if a.is_proof
        )

    def _mistake(self, text: str) -> Reason | None:
        """What the rules say of a thing that is often shown instead."""
        found = next((m for m in self.mistakes if m.matches(text)), None)
        if found is None:
            return None
        return Reason.of("rule_says", text=found.note) if found.note else _MISTAKEN

    def _weigh(self, page: Page) -> Verdict:
        found = tuple(self.find(page))
        if shown := tuple(e for e in found if self._counts(e)):
            return self._verdict(page, self._if_there, _present(shown), evidence=shown)
        told = {evidence.value for evidence in found}
        near = tuple(e for e in self.near(page) if e.value not in told)[:MAX_NEAR]
        if why := self._cannot_tell(page, found):
            return self._verdict(page, Outcome.UNDETERMINED, why, evidence=found, near=near)
        reason = self._hidden(found) if found else self._absent(page)
        return self._verdict(page, self._if_missing, reason, evidence=found, near=near)

    def _counts(self, evidence: Evidence) -> bool:
        return self.visible == "any" or evidence.visible.counts

    def _cannot_tell(self, page: Page, found: tuple[Evidence, ...]) -> Reason | None:
        """Why the page settles nothing; None where it does."""
        if any(e.visible is Visibility.UNSURE for e in found):
            return Reason.of("visibility_unknown", value=found[0].value)
        if blind := [spot for spot in page.blind_spots if spot.hides & self.needs]:
            return _blind(blind)
        if found:
            return None if self.visible == "required" else self._hidden(found)
        return self.doubt(page)

    def _hidden(self, found: tuple[Evidence, ...]) -> Reason:
        return Reason.of("never_shown", value=found[0].value)

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
            level=self.level,
            expect=self.expect,
            sense=min(self.needs),
            outcome=outcome,
            why=why,
            evidence=evidence,
            near=near,
            observer=observation.observer,
        )


IN_COMMENT = Reason.of("in_comment")
OTHER_IN_COMMENT = Reason.of("other_code_in_comment")
_MISTAKEN = Reason.of("known_mistake")


def _and(first: Reason, second: Reason) -> Reason:
    return Reason.of("and", first=first, second=second)


def _both(first: Reason, second: Reason) -> Reason:
    return Reason.of("both", first=first, second=second)


def _count(page: Page, sense: Sense) -> int:
    """How many things of a kind the page has, comments apart."""
    return sum(not thing.where.in_comment for thing in getattr(page, f"{sense}s"))


def _present(shown: tuple[Evidence, ...]) -> Reason:
    return Reason.of("found", value=shown[0].value, more=len(shown) - 1)


def _blind(spots: list[BlindSpot]) -> Reason:
    return Reason.of("not_all_seen", because=spots[0].why, more=len(spots) - 1)


class LinkRequirement(BaseRequirement):
    """A link to one of the accepted addresses."""

    needs = frozenset({Sense.LINK})

    kind: Literal["link"]
    accept: tuple[Accept, ...] = Field(min_length=1)

    def find(self, page: Page) -> Iterator[Evidence]:
        """The links that lead to an accepted address."""
        hosts = self.hosts
        yield from (
            _link(link)
            for link in page.links
            if (hosts is None or link.leads_to or host_of(link.href) in hosts)
            and not link.where.in_comment
            and self._is_met_by(link.href, link.leads_to)
        )

    @cached_property
    def hosts(self) -> frozenset[str] | None:
        """Where alone an accepted link may lead, redirects apart; None where anywhere."""
        hosts = [a.bare_hosts for a in self.accept]
        return None if None in hosts else frozenset[str]().union(*filter(None, hosts))

    def near(self, page: Page) -> Iterator[Evidence]:
        """Links by the right name first, then lookalikes, then other pages of an accepted host."""
        notes = [(link, note) for link in page.links if (note := self._resemblance(link))]
        ranked = sorted(notes, key=lambda pair: _place(_RESEMBLANCE, pair[1]))
        yield from _distinct(_link(link, note) for link, note in ranked)

    def doubt(self, page: Page) -> Reason | None:
        """An unverified form, or an address that may lead there."""
        links = [link for link in page.links if not link.where.in_comment]
        for link in links:
            if any(not a.is_proof and a.matches(link.href) for a in self.accept):
                return Reason.of("unverified_link", value=link.href)
        own = parse_web_url(page.final_url)
        for link in links:
            found = parse_web_url(link.href)
            known = self.resolves and link.leads_to
            if not known and own and found and found.host == own.host and self._jumps(found):
                return Reason.of("may_jump", value=found.href)
        return self._unfollowed(links) if self.resolves else None

    def to_follow(self, page: Page) -> Iterator[str]:
        """Links by the right name, then the others."""
        links = [link for link in page.links if not link.where.in_comment and not link.leads_to]
        ranked = sorted(links, key=lambda link: not self._is_named(link))
        if self.resolves:
            yield from dict.fromkeys(link.href for link in ranked if parse_web_url(link.href))

    def _unfollowed(self, links: Iterable[Link]) -> Reason | None:
        for link in links:
            if link.unresolved:
                return Reason.of("destination_unknown", value=link.href, because=link.unresolved)
        if any(not link.leads_to and parse_web_url(link.href) for link in links):
            return Reason.of("links_not_followed")
        return None

    def _is_named(self, link: Link) -> bool:
        return any(name in link.text for name in (self.name, *self.labels))

    def _jumps(self, found: Url) -> bool:
        return any(a.matches(value) for _, value in found.parameters for a in self.accept)

    def _resemblance(self, link: Link) -> Reason | None:
        if not (host := host_of(link.href)):
            return None
        if self.mistakes and (mistake := self._mistake(link.href)) is not None:
            return mistake
        if link.where.in_comment:
            return IN_COMMENT if self._is_met_by(link.href, ()) else None
        named = self._is_named(link)
        if host in self._known_hosts:
            return _RESEMBLANCE[1] if named else _RESEMBLANCE[4]
        if any(
            known in link.href or _akin(bare, letters, host)
            for known, (bare, letters) in self._known_hosts.items()
        ):
            return _RESEMBLANCE[2]
        return _RESEMBLANCE[3] if named else None

    @cached_property
    def _known_hosts(self) -> dict[str, tuple[str, str]]:
        """The accepted hosts, each without www and with its letters alone."""
        hosts = {host for a in self.accept for host in a.hosts}
        return {host: (f".{host.removeprefix('www.')}", _letters(host)) for host in sorted(hosts)}


_RESEMBLANCE = (
    IN_COMMENT,
    Reason.of("named_other_page"),
    Reason.of("lookalike_host"),
    Reason.of("named_leads_elsewhere"),
    Reason.of("other_page"),
)


def _akin(bare: str, letters: str, other: str) -> bool:
    """Whether a host ends with the name that stands before the public suffix, or reads alike."""
    return other.endswith(bare) or _letters(other) == letters


def _letters(host: str) -> str:
    return host.replace("-", "").replace(".", "")


class QrRequirement(BaseRequirement):
    """A QR code with an accepted payload."""

    needs = frozenset({Sense.QR_CODE})

    kind: Literal["qr"]
    exhaustive: bool = True
    """False: the account has codes of other forms too, so another code is no proof of absence."""

    def find(self, page: Page) -> Iterator[Evidence]:
        """The codes that say, or lead to, an accepted payload."""
        yield from (
            _code(code) for code in _shown(page) if self._is_met_by(code.payload, code.leads_to)
        )

    def near(self, page: Page) -> Iterator[Evidence]:
        """Codes that stand under the right label first, then codes of the same host, then any."""
        best = max((self._labelled(code) for code in page.qr_codes), default=0)
        notes = {id(code): self._nearness(code, best) for code in page.qr_codes}
        ranked = sorted(page.qr_codes, key=lambda code: _place(_NEARNESS, notes[id(code)]))
        yield from _distinct(_code(code, notes[id(code)]) for code in ranked)

    def doubt(self, page: Page) -> Reason | None:
        """No verified payload, or codes that could still be it."""
        if not any(a.is_proof for a in self.accept):
            return Reason.of("unpinned", count=_candidates(_shown(page)))
        codes = self._open(page)
        return self._unproven(codes) or self._unfollowed(codes) or self._unknown_form(codes)

    def to_follow(self, page: Page) -> Iterator[str]:
        """The codes that could lead there, those under the right label first."""
        if self.resolves:
            codes = sorted(self._open(page), key=lambda code: -self._labelled(code))
            yield from dict.fromkeys(c.payload for c in codes if not (c.leads_to or c.unresolved))

    def _open(self, page: Page) -> list[QrCode]:
        """The codes of which nothing says that they are something else."""
        return [
            code
            for code in _shown(page)
            if not self._mistake(code.payload)
            and not all(a.rules_out(code.payload) for a in self.accept)
            and not any(a.rules_out(hop) for hop in code.leads_to for a in self.accept)
        ]

    def _unproven(self, codes: Iterable[QrCode]) -> Reason | None:
        for code in codes:
            for a in self.accept:
                if not a.is_proof and a.matches(code.payload):
                    return Reason.of("unverified_code", value=code.payload)
                if difference := a.all_but(code.payload):
                    return Reason.of("almost_the_same", value=code.payload, difference=difference)
        return None

    def _unfollowed(self, codes: Iterable[QrCode]) -> Reason | None:
        if not self.resolves:
            return None
        for code in codes:
            if code.unresolved:
                return Reason.of("destination_unknown", value=code.payload, because=code.unresolved)
        unasked = [code for code in codes if not code.leads_to and parse_web_url(code.payload)]
        if not unasked:
            return None
        return Reason.of("codes_not_followed", count=_candidates(unasked))

    def _unknown_form(self, codes: Iterable[QrCode]) -> Reason | None:
        open_codes = [code for code in codes if not (self.resolves and code.leads_to)]
        if self.exhaustive or not open_codes:
            return None
        return Reason.of("unknown_forms", count=_candidates(open_codes))

    def _labelled(self, code: QrCode) -> int:
        """How many of the expected words the caption has."""
        return sum(word in code.label for word in (self.name, *self.labels))

    def _nearness(self, code: QrCode, best: int) -> Reason:
        if (mistake := self._mistake(code.payload)) is not None:
            return mistake
        if code.where.in_comment:
            return IN_COMMENT if self._is_met_by(code.payload, ()) else OTHER_IN_COMMENT
        if best and self._labelled(code) == best:
            return _NEARNESS[1]
        found = parse_web_url(code.payload)
        hosts = {host for a in self.accept for host in a.hosts}
        return _NEARNESS[2] if found and found.host in hosts else _NEARNESS[3]


_NEARNESS = (
    IN_COMMENT,
    Reason.of("other_code_labelled"),
    Reason.of("other_code_of_host"),
    Reason.of("other_code"),
    OTHER_IN_COMMENT,
)


def _place(order: Sequence[Reason], note: Reason) -> int:
    """Where a note stands in the order; what the rules say themselves comes first."""
    return order.index(note) if note in order else -1


def _shown(page: Page) -> list[QrCode]:
    """The codes of the page; what stands in comments is not of it."""
    return [code for code in page.qr_codes if not code.where.in_comment]


def _candidates(codes: Sequence[QrCode]) -> int:
    """How many different codes could be it."""
    return len({code.payload for code in codes})


def _link(link: Link, note: Reason | None = None) -> Evidence:
    return Evidence(
        sense=Sense.LINK,
        value=link.href,
        label=link.text,
        note=note,
        visible=link.visible,
        where=link.where,
    )


def _code(code: QrCode, note: Reason | None = None) -> Evidence:
    return Evidence(
        sense=Sense.QR_CODE,
        value=code.payload,
        label=code.label,
        note=note,
        visible=code.visible,
        where=code.where,
    )


def _distinct(evidence: Iterable[Evidence]) -> Iterator[Evidence]:
    """Each value once."""
    seen: set[str] = set()
    for item in evidence:
        if item.value not in seen:
            seen.add(item.value)
            yield item


Requirement = Annotated[LinkRequirement | QrRequirement, Field(discriminator="kind")]
KINDS: dict[str, type[BaseRequirement]] = {"link": LinkRequirement, "qr": QrRequirement}
