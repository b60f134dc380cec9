"""What a rules file may ask for: one class a kind of requirement, and the weighing of a sight.

A kind only searches. The base class alone weighs, so no kind can mistake blindness for absence.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from fnmatch import fnmatchcase
from functools import cached_property
from typing import Annotated, ClassVar, Literal, Self
from urllib.parse import unquote

from pydantic import BeforeValidator, Field, field_validator, model_validator

from ycaudit import address
from ycaudit.model import (
    BlindSpot,
    Cause,
    Evidence,
    Link,
    Outcome,
    Page,
    QrCode,
    Record,
    Sense,
    Sight,
    Target,
    Unseen,
    Verdict,
    Visibility,
    Waiver,
)

MOST_NEAR = 6


def _listed(value: object) -> object:
    """One word is a list of one."""
    return [value] if isinstance(value, str) else value


Words = Annotated[tuple[str, ...], BeforeValidator(_listed)]


class Accept(Record):
    """One form in which the required thing may appear; matches when all that it names matches."""

    payload: str | None = None
    scheme: Words | None = None
    host: Words | None = None
    port: int | None = Field(default=None, ge=1, le=65535)
    path: str | None = None
    query: dict[str, str] | None = None
    resolve: bool = False
    """Also matches an address that redirects to this form."""
    source: str | None = None
    note: str | None = None
    verified: date | Literal[False] | None = None
    """When somebody compared it with the original; False: nobody could, so it proves nothing."""

    @field_validator("verified", mode="before")
    @classmethod
    def _is_day_or_no(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        if value.lower() in {"false", "no"}:
            return False
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise ValueError(f"{value!r} must be a day like 2026-11-23, or false") from None

    @field_validator("host")
    @classmethod
    def _hosts_are_hosts(cls, hosts: tuple[str, ...] | None) -> tuple[str, ...] | None:
        for host in hosts or ():
            if address.canonical_host(host) is None:
                raise ValueError(f"{host!r} is not a host name; write it like www.example.gov.cn")
        return hosts

    @field_validator("path")
    @classmethod
    def _path_is_absolute(cls, path: str | None) -> str | None:
        if path is not None and path != "root" and not path.startswith(("/", "*")):
            raise ValueError(f"path {path!r} must be `root` or begin with a slash")
        return path

    @model_validator(mode="after")
    def _names_something(self) -> Self:
        if self.payload is None and self.host is None:
            raise ValueError("an accept entry must name a payload or a host")
        return self

    def matches(self, text: str) -> bool:
        """Whether an address or a payload is this form."""
        if self.payload is not None and not _same(text, self.payload):
            return False
        return not self._names_parts or self._parts_match(text)

    @property
    def is_proof(self) -> bool:
        """Whether a match says anything: not where it is marked as unverified."""
        return self.verified is not False

    @cached_property
    def hosts(self) -> frozenset[str]:
        """The hosts that it names, in comparable form."""
        return frozenset(filter(None, map(address.canonical_host, self.host or ())))

    @property
    def _names_parts(self) -> bool:
        parts = (self.scheme, self.host, self.port, self.path, self.query)
        return any(part is not None for part in parts)

    def _parts_match(self, text: str) -> bool:
        found = address.parse(text.strip())
        return (
            found is not None
            and found.scheme in (self.scheme or address.WEB)
            and self._host_matches(found)
            and self._port_matches(found)
            and self._path_matches(found)
            and frozenset((self.query or {}).items()) <= found.parameters
        )

    def _host_matches(self, found: address.Address) -> bool:
        return self.host is None or not self.hosts.isdisjoint(
            (found.host, f"{found.host}:{found.port}")
        )

    def _port_matches(self, found: address.Address) -> bool:
        usual = {"http": 80, "https": 443}.get(found.scheme)
        return self.port is None or self.port == (int(found.port) if found.port else usual)

    def _path_matches(self, found: address.Address) -> bool:
        match self.path:
            case None:
                return True
            case "root":
                return found.is_root
            case path:
                wanted = unquote(path)
                return found.path == wanted or fnmatchcase(found.path, wanted)


def _same(text: str, payload: str) -> bool:
    """Equal as text or, both being addresses, equal as addresses."""
    if text == payload:
        return True
    one, other = address.web(text.strip()), address.web(payload.strip())
    return one is not None and other is not None and one.href == other.href


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

    def doubt(self, page: Page) -> str | None:
        """Why absence cannot be concluded even from full sight; None where it can."""
        raise NotImplementedError  # pragma: no cover - every kind has its own

    def judge(self, sight: Sight) -> Verdict:
        """The verdict on one sight of a homepage."""
        match sight:
            case Unseen():
                return self._verdict(sight, Outcome.UNDETERMINED, f"not seen: {sight.detail}")
            case Page():
                return self._weigh(sight)

    @property
    def _resolves(self) -> bool:
        return self.resolve or any(a.resolve for a in self.accept)

    def _weigh(self, page: Page) -> Verdict:
        found = tuple(self.find(page))
        if shown := tuple(e for e in found if self._counts(e)):
            return self._verdict(page, self._if_there, _present(shown), evidence=shown)
        near = tuple(self.near(page))[:MOST_NEAR]
        if why := self._cannot_tell(page, found):
            return self._verdict(page, Outcome.UNDETERMINED, why, evidence=found, near=near)
        reason = self._hidden(found) if found else self._absent(page)
        return self._verdict(page, self._if_missing, reason, evidence=found, near=near)

    def _counts(self, evidence: Evidence) -> bool:
        return self.visible == "any" or evidence.visible.counts

    def _cannot_tell(self, page: Page, found: tuple[Evidence, ...]) -> str | None:
        """Why the page settles nothing; None where it does."""
        if any(e.visible is Visibility.UNSURE for e in found):
            return f"{found[0].value} is there, but whether a visitor gets to see it is unknown"
        if blind := [spot for spot in page.blind_spots if spot.hides & self.needs]:
            return _blind(blind)
        if found:
            return None if self.visible == "required" else self._hidden(found)
        return self.doubt(page)

    def _hidden(self, found: tuple[Evidence, ...]) -> str:
        return f"{found[0].value} is in the page, but is never shown to a visitor"

    def _absent(self, page: Page) -> str:
        counted = [f"{len(getattr(page, f'{s}s'))} {_NOUN[s]}" for s in sorted(self.needs)]
        return f"not among {' and '.join(counted)} of the homepage"

    @property
    def _if_there(self) -> Outcome:
        return Outcome.PASS if self.expect == "present" else Outcome.FAIL

    @property
    def _if_missing(self) -> Outcome:
        return Outcome.FAIL if self.expect == "present" else Outcome.PASS

    def _verdict(
        self,
        sight: Sight,
        outcome: Outcome,
        reason: str,
        *,
        evidence: tuple[Evidence, ...] = (),
        near: tuple[Evidence, ...] = (),
    ) -> Verdict:
        return Verdict(
            requirement=self.id,
            name=self.name,
            level=self.level,
            outcome=outcome,
            reason=reason,
            evidence=evidence,
            near=near,
            observer=sight.observer,
        )


_NOUN = {Sense.LINK: "links", Sense.IMAGE: "images", Sense.QR_CODE: "QR codes"}


def _present(shown: tuple[Evidence, ...]) -> str:
    more = f" (and {len(shown) - 1} more)" if len(shown) > 1 else ""
    return f"shows {shown[0].value}{more}"


def _blind(spots: list[BlindSpot]) -> str:
    more = f" (and {len(spots) - 1} more)" if len(spots) > 1 else ""
    return f"not found, but not everything could be seen: {spots[0].why}{more}"


class LinkRequirement(BaseRequirement):
    """A link to one of the accepted addresses."""

    needs = frozenset({Sense.LINK})

    kind: Literal["link"]
    accept: tuple[Accept, ...] = Field(min_length=1)

    def find(self, page: Page) -> Iterator[Evidence]:
        """The links that lead to an accepted address."""
        yield from (
            _link(link)
            for link in page.links
            if any(a.is_proof and a.matches(link.href) for a in self.accept)
        )

    def near(self, page: Page) -> Iterator[Evidence]:
        """Links by the right name first, then lookalikes, then other pages of an accepted host."""
        notes = [(link, note) for link in page.links if (note := self._resemblance(link))]
        ranked = sorted(notes, key=lambda pair: _RESEMBLANCE.index(pair[1]))
        yield from _distinct(_link(link, note) for link, note in ranked)

    def doubt(self, page: Page) -> str | None:
        """An unverified form, or a jump address of the site's own, may well lead there."""
        for link in page.links:
            if any(not a.is_proof and a.matches(link.href) for a in self.accept):
                return (
                    f"{link.href} is there, but nobody has verified that this form is the right one"
                )
        own = address.web(page.final_url)
        for link in page.links:
            found = address.web(link.href)
            if own and found and found.host == own.host and self._jumps(found):
                return f"{found.href} may jump there: only following it can tell"
        if page.links and self._resolves:
            return "where the links redirect to was not asked"
        return None

    def _jumps(self, found: address.Address) -> bool:
        return any(a.matches(value) for _, value in found.parameters for a in self.accept)

    def _resemblance(self, link: Link) -> str | None:
        found = address.web(link.href)
        hosts = {host for a in self.accept for host in a.hosts}
        if found is None:
            return None
        named = any(name in link.text for name in (self.name, *self.labels))
        if found.host in hosts:
            return _RESEMBLANCE[0] if named else _RESEMBLANCE[3]
        if any(host in found.href or _akin(host, found.host) for host in hosts):
            return _RESEMBLANCE[1]
        return _RESEMBLANCE[2] if named else None


_RESEMBLANCE = (
    "has the right name, but leads to another page of the site",
    "looks alike, but leads to another host",
    "has the right name, but leads elsewhere",
    "another page of the right site",
)


def _akin(host: str, other: str) -> bool:
    """Whether two hosts share the name that stands before the public suffix, or letters only."""
    bare = host.removeprefix("www.")
    return other.endswith(f".{bare}") or other.replace("-", "").replace(".", "") == host.replace(
        ".", ""
    )


class QrRequirement(BaseRequirement):
    """A QR code with an accepted payload."""

    needs = frozenset({Sense.QR_CODE})

    kind: Literal["qr"]
    exhaustive: bool = True
    """False: the account has codes of other forms too, so another code is no proof of absence."""

    def find(self, page: Page) -> Iterator[Evidence]:
        """The codes that say, or lead to, an accepted payload."""
        yield from (_code(code) for code in page.qr_codes if self._meets(code))

    def near(self, page: Page) -> Iterator[Evidence]:
        """Codes that stand under the right label first, then codes of the same host, then any."""
        best = max((self._labelled(code) for code in page.qr_codes), default=0)
        notes = {id(code): self._nearness(code, best) for code in page.qr_codes}
        ranked = sorted(page.qr_codes, key=lambda code: _NEARNESS.index(notes[id(code)]))
        yield from _distinct(_code(code, notes[id(code)]) for code in ranked)

    def doubt(self, page: Page) -> str | None:
        """No verified payload, or codes that could still be it."""
        if not any(a.is_proof for a in self.accept):
            return f"no verified payload to compare with: {self._candidates(page)}; pin it first"
        if not page.qr_codes:
            return None
        if why := self._unproven(page):
            return why
        if self._resolves and any(not code.leads_to for code in page.qr_codes):
            return f"where the codes redirect to was not asked: {self._candidates(page)}"
        if not self.exhaustive:
            return (
                f"not all forms of this code are known: {self._candidates(page)}; pin its payload"
            )
        return None

    def _unproven(self, page: Page) -> str | None:
        for code in page.qr_codes:
            if any(not a.is_proof and a.matches(code.payload) for a in self.accept):
                return f"shows {code.payload}, but nobody has verified that it is the right one"
        return None

    def _candidates(self, page: Page) -> str:
        count = len({code.payload for code in page.qr_codes})
        return f"{count} candidate{'' if count == 1 else 's'} seen"

    def _meets(self, code: QrCode) -> bool:
        said = (code.payload, *(code.leads_to if self._resolves else ()))
        return any(a.is_proof and a.matches(text) for a in self.accept for text in said)

    def _labelled(self, code: QrCode) -> int:
        """How many of the expected words the caption has."""
        return sum(word in code.label for word in (self.name, *self.labels))

    def _nearness(self, code: QrCode, best: int) -> str:
        if best and self._labelled(code) == best:
            return _NEARNESS[0]
        found = address.web(code.payload)
        hosts = {host for a in self.accept for host in a.hosts}
        return _NEARNESS[1] if found and found.host in hosts else _NEARNESS[2]


_NEARNESS = (
    "another code under the right label",
    "another code of the right host",
    "another code of the page",
)


def _link(link: Link, note: str = "") -> Evidence:
    return Evidence(
        sense=Sense.LINK,
        value=link.href,
        label=link.text,
        note=note,
        visible=link.visible,
        where=link.where,
    )


def _code(code: QrCode, note: str = "") -> Evidence:
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


# No observer gets past these: there is no server to ask, or no page.
_SAME_FOR_ALL = frozenset({Cause.DNS, Cause.REFUSED_ADDRESS, Cause.NOT_HTML})


class Unit(Record):
    """A target with the requirements that apply to it and the waivers that hold today."""

    target: Target
    requirements: tuple[Requirement, ...]
    waivers: tuple[Waiver, ...] = ()

    def judge(self, sight: Sight) -> tuple[Verdict, ...]:
        """One verdict a requirement, in the order of the rules."""
        waived = {waiver.requirement: waiver for waiver in self.waivers}
        verdicts = (requirement.judge(sight) for requirement in self.requirements)
        return tuple(_waive(v, waived.get(v.requirement)) for v in verdicts)

    def in_doubt(self, sight: Sight, verdicts: Iterable[Verdict]) -> frozenset[Sense]:
        """The senses that a clearer sight could still settle something with."""
        return frozenset(
            sense
            for requirement, verdict in zip(self.requirements, verdicts, strict=True)
            if _looking_helps(sight, requirement, verdict)
            for sense in requirement.needs
        )

    def worth_another_look(self, sight: Sight, verdicts: Sequence[Verdict]) -> bool:
        """Whether another observer should look: to settle a doubt, or to confirm a fail."""
        if isinstance(sight, Unseen) and sight.cause in _SAME_FOR_ALL:
            return False
        if any(verdict.outcome is Outcome.FAIL for verdict in verdicts):
            return True
        return bool(self.in_doubt(sight, verdicts))


def _looking_helps(sight: Sight, requirement: BaseRequirement, verdict: Verdict) -> bool:
    """Whether the doubt comes from what was not seen, rather than from what the rules lack."""
    if verdict.outcome is not Outcome.UNDETERMINED:
        return False
    if isinstance(sight, Unseen) or verdict.evidence:
        return True
    return any(spot.hides & requirement.needs for spot in sight.blind_spots)


def _waive(verdict: Verdict, waiver: Waiver | None) -> Verdict:
    if waiver is None:
        return verdict
    reason = f"waived until {waiver.until} by {waiver.approved_by}: {waiver.reason}"
    return verdict.model_copy(update={"outcome": Outcome.WAIVED, "reason": reason})


def agree(before: Verdict, after: Verdict) -> Verdict:
    """What two looks at the same homepage say together; the later look sees more clearly.

    Presence may be concluded from a glimpse, so it stands where the later look saw less. What was
    absent from full sight stays absent where the later look was blind. Only where one look shows
    what the other, seeing everything, denies is nobody certain.
    """
    if after.outcome is Outcome.UNDETERMINED:
        found_but_hidden = bool(after.evidence)
        return after if found_but_hidden or not _settled(before) else before
    if _settled(before) and _there(before) and not _there(after):
        reason = f"one look ({before.observer}) {before.reason}, another ({after.observer}) did not"
        return before.model_copy(update={"outcome": Outcome.UNDETERMINED, "reason": reason})
    return after


def _settled(verdict: Verdict) -> bool:
    return verdict.outcome in (Outcome.PASS, Outcome.FAIL)


def _there(verdict: Verdict) -> bool:
    return any(evidence.visible.counts for evidence in verdict.evidence)
