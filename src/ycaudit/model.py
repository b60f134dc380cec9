"""The data of an audit: frozen records without I/O, JSON there and back."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from datetime import date, datetime
from enum import StrEnum
from ipaddress import ip_network
from operator import eq
from typing import Annotated, Literal, overload

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    PlainSerializer,
    StringConstraints,
    computed_field,
    field_validator,
    model_validator,
)
from pydantic_core import core_schema

from ycaudit.errors import InvalidValueError
from ycaudit.reasons import Reason
from ycaudit.url import parse_web_url

Pixels = tuple[int, int]
Box = tuple[int, int, int, int]


class Record(BaseModel):
    """A frozen record that refuses unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="null")


HostPattern = Annotated[
    str,
    StringConstraints(
        pattern=r"^(\*\.)?[A-Za-z0-9\u4e00-\u9fff-]+(\.[A-Za-z0-9\u4e00-\u9fff-]+)+$", to_lower=True
    ),
]
"""A host, such as `dcs.conac.cn`; `*.` before it stands for one label."""


class Sense(StrEnum):
    """A kind of thing that can be seen on a page."""

    LINK = "link"
    IMAGE = "image"
    QR_CODE = "qr_code"
    TEXT = "text"


# Written in order, so that the same run gives the same document.
Senses = Annotated[frozenset[Sense], PlainSerializer(sorted, return_type=list[Sense])]
EVERY_SENSE = frozenset(Sense)
PICTURES = frozenset({Sense.IMAGE, Sense.QR_CODE})


class Visibility(StrEnum):
    """What a visitor gets to see of a thing, from the plainest."""

    SHOWN = "shown"
    ON_HOVER = "on_hover"
    """Hidden until the visitor hovers, opens a tab or waits for the next slide: counts as shown."""
    UNSURE = "unsure"
    """Styled such that only a browser can decide."""
    HIDDEN = "hidden"
    """Never shown, whatever the visitor does."""

    @property
    def counts(self) -> bool:
        """Whether a visitor can get to see it for sure."""
        return self in (Visibility.SHOWN, Visibility.ON_HOVER)

    @property
    def rank(self) -> int:
        """0 for what is plainly shown."""
        return _RANKS[self]

    def within(self, other: Visibility) -> Visibility:
        """How visible it is inside something that is so visible: the less of the two."""
        return self if _RANKS[self] >= _RANKS[other] else other


_RANKS = {visibility: rank for rank, visibility in enumerate(Visibility)}


class Cause(StrEnum):
    """Why a homepage could not be seen at all."""

    DNS = "dns"
    CONNECT = "connect"
    TLS = "tls"
    TIMEOUT = "timeout"
    HTTP_STATUS = "http_status"
    CHALLENGE = "challenge"
    NOT_HTML = "not_html"
    REFUSED_ADDRESS = "refused_address"
    REDIRECTS = "redirects"
    CRASH = "crash"
    OUR_BUG = "our_bug"


class Outcome(StrEnum):
    """The outcome of a verdict; of a unit the gravest counts."""

    WAIVED = "waived"
    PASS = "pass"  # noqa: S105 - an outcome, no password
    UNDETERMINED = "undetermined"
    FAIL = "fail"

    @property
    def gravity(self) -> int:
        """0 for the lightest."""
        return _GRAVITY[self]


_GRAVITY = {outcome: place for place, outcome in enumerate(Outcome)}
OPEN = (Outcome.FAIL, Outcome.UNDETERMINED)
"""What leaves something to do."""


class Contact(Record):
    """Whom to write to about a unit."""

    person: str | None = None
    phone: str | None = None
    email: str | None = None


class Listed(Record):
    """Where a unit stands in the list: the file as it was named, and the line (1-based)."""

    file: str
    line: int | None = None


MAX_FIGURE = 10**15 - 1
"""More digits than these no spreadsheet keeps."""


class Figure(Record):
    """A number that a unit reports of itself; `name` is the column that it stands in."""

    name: str = Field(min_length=1)
    number: int | None = Field(default=None, ge=0, le=MAX_FIGURE)
    """None where the unit has not reported it."""


class Datum(Record):
    """What a list says of a unit in a column that ycaudit has no use for."""

    name: str = Field(min_length=1)
    text: str


class NoWebsite(Record):
    """A unit of the list that runs no website: it is counted, and nothing is asked of it."""

    id: str
    name: str
    office: str | None = None
    """The body that supervises it."""
    tags: tuple[str, ...] = ()
    contact: Contact | None = None
    data: tuple[Datum, ...] = ()


class Target(Record):
    """One homepage that must comply; `id` is what history remembers it by."""

    id: str
    name: str
    url: str
    unit: str | None = None
    """The name of the unit that runs it, where that unit runs several: the gravest of them is its
    outcome (`runs.units`)."""
    office: str | None = None
    """The body that supervises the unit."""
    tags: tuple[str, ...] = ()
    contact: Contact | None = None
    data: tuple[Datum, ...] = ()
    """In the order of their columns."""
    listed: Listed | None = None
    figures: tuple[Figure, ...] = ()
    """In the order of their columns."""
    intranet: tuple[str, ...] = ()
    """Private networks in which this unit's pages may be; to all others they are closed."""

    @property
    def unit_name(self) -> str:
        """The name of the unit that runs it."""
        return self.unit or self.name

    @field_validator("url")
    @classmethod
    def _is_web_address(cls, url: str) -> str:
        if "://" not in url or parse_web_url(url) is None:
            raise InvalidValueError(
                "{0!r} is not an http or https address; write http://host/path", url
            )
        return url

    @field_validator("intranet")
    @classmethod
    def _are_networks(cls, networks: tuple[str, ...]) -> tuple[str, ...]:
        for text in networks:
            try:
                ip_network(text)
            except ValueError as error:
                raise InvalidValueError("{0!r} is no network; write 10.3.0.0/16", text) from error
        return networks


Origin = Literal["markup", "script", "frame", "style", "browser", "comment"]


class Where(Record):
    """Where something was seen."""

    origin: Origin
    url: str
    box: Box | None = None
    """x, y, width, height on the page, in CSS pixels."""
    state: Reason | None = None
    """What a visitor has done to see it; None: nothing but coming and scrolling."""

    @property
    def in_comment(self) -> bool:
        """Whether it stands in a comment of the markup: not a part of the page."""
        return self.origin == "comment"


class Link(Record):
    """A way to go somewhere from the page; `href` is absolute."""

    href: str
    text: str
    how: Literal["a", "area", "option", "handler", "form"]
    leads_to: tuple[str, ...] = ()
    """Where it redirects to, hop by hop; asked only where a rule says `resolve`."""
    unresolved: Reason | None = None
    """Why it could not be found out where it leads."""
    visible: Visibility = Visibility.SHOWN
    where: Where


class Image(Record):
    """One use of an image on the page."""

    src: str
    alt: str = ""
    nearby: str = ""
    href: str | None = None
    natural: Pixels | None = None
    shown: Pixels | None = None
    sha256: str | None = None
    visible: Visibility = Visibility.SHOWN
    where: Where


class QrCode(Record):
    """One symbol that was read; corners in natural pixels, clockwise from the top left."""

    payload: str
    guessed_charset: str = ""
    """How the payload was read, where neither the code nor its bytes tell the charset."""
    leads_to: tuple[str, ...] = ()
    """The payload's address and where it redirects to; asked only where a rule says `resolve`."""
    unresolved: Reason | None = None
    """Why it could not be found out where it leads."""
    label: str = ""
    src: str
    sha256: str
    corners: tuple[Pixels, ...] = ()
    visible: Visibility = Visibility.SHOWN
    where: Where


class Text(Record):
    """Lines of the page's text, parted as its blocks are.

    Where rules ask for something in them, only these lines, with what a visitor gets to see of
    them; all others together, since nobody has tried to meet them on the screen.
    """

    value: str
    visible: Visibility
    where: Where


class BlindSpot(Record):
    """Something that could not be seen, and what it may hide."""

    hides: Senses
    why: Reason
    where: Where
    sha256: str | None = None
    """The image that it lies in."""
    corners: tuple[Pixels, ...] = ()
    """Where in the image, in natural pixels, clockwise from the top left."""
    file: str | None = None
    """The place cut out, in the evidence folder, for a person to decide."""


class EvidenceFile(Record):
    """An evidence file in the evidence folder; `of` is the sha256 of the image that it keeps.

    `state`: in which state of the page the screen looked like this; such pictures are kept of a
    page that lacks something.
    """

    kind: Literal["html", "headers", "screenshot", "image", "state"]
    file: str
    of: str | None = None
    state: Reason | None = None


class Page(Record):
    """What was seen of a homepage, and what was not: all that a judge knows."""

    kind: Literal["page"] = "page"
    url: str
    final_url: str
    status: int
    observer: str
    taken_at: datetime
    sha256: str
    title: str = ""
    links: tuple[Link, ...] = ()
    images: tuple[Image, ...] = ()
    qr_codes: tuple[QrCode, ...] = ()
    texts: tuple[Text, ...] | None = None
    """None where no rule asked for a text."""
    blind_spots: tuple[BlindSpot, ...] = ()
    remarks: tuple[Reason, ...] = ()
    """What an inspector should know beside it, such as a certificate that was not verified."""
    states: tuple[Reason, ...] = ()
    """The states of the page that showed something new, in the order in which they were reached."""
    evidence_files: tuple[EvidenceFile, ...] = ()
    via: str | None = None
    """The proxy of another network through which it was seen (`--also-via`)."""

    def blind_to(self, senses: Set[Sense]) -> list[BlindSpot]:
        """The blind spots that hide one of these.

        Of a picture that was lost it is not told again that what came in its place is none.
        """
        lost = {s.why.params.get("src") for s in self.blind_spots if s.why.code == "image_lost"}
        return [
            spot
            for spot in self.blind_spots
            if spot.hides & senses
            and not (spot.why.code == "image_unopened" and spot.why.params.get("src") in lost)
        ]


class Unseen(Record):
    """A homepage that could not be seen at all."""

    kind: Literal["unseen"] = "unseen"
    url: str
    observer: str
    taken_at: datetime
    cause: Cause
    why: Reason
    via: str | None = None
    """The proxy of another network through which it was looked at (`--also-via`)."""


Observation = Annotated[Page | Unseen, Field(discriminator="kind")]


class Evidence(Record):
    """One thing that a verdict rests on; flat, so that no renderer knows observation kinds."""

    sense: Sense
    value: str
    label: str = ""
    note: Reason | None = None
    visible: Visibility = Visibility.SHOWN
    where: Where
    file: str | None = None


class Waiver(Record):
    """A requirement that a unit need not meet until the given day."""

    unit: str
    requirement: str
    reason: str
    approved_by: str
    until: date

    def holds(self, today: date) -> bool:
        """Whether it is still in force; it expires by itself."""
        return today <= self.until


class Decision(Record):
    """What a person decided about one verdict.

    It holds while the page shows the same and the rule asks for the same.
    """

    outcome: Outcome
    by: str
    at: datetime
    note: str = ""
    page: str
    """The fingerprint of what the page showed."""
    asked: str = ""
    """The verdict's `asked`; empty in decisions of earlier versions."""
    machine: Outcome | None = None
    """The outcome of the machine."""
    pictures: tuple[str, ...] = ()
    """The sha256 of each picture that there was to see for it, as the evidence folder has them."""
    also: tuple[Decision, ...] = ()
    """What other persons decided alike of the same page, the earliest first."""

    @property
    def made(self) -> tuple[Decision, ...]:
        """This decision and those alike, the earliest first, each by itself."""
        return (*self.also, self.model_copy(update={"also": ()}))

    @field_validator("outcome")
    @classmethod
    def _settles(cls, outcome: Outcome) -> Outcome:
        if outcome not in (Outcome.PASS, Outcome.FAIL):
            raise InvalidValueError("a person decides pass or fail")
        return outcome


def _without(*computed: str) -> Callable[[object], object]:
    """What is computed is written for readers, and computed again when read back."""

    def dropped(data: object) -> object:
        if not isinstance(data, dict):
            return data
        return {key: value for key, value in data.items() if key not in computed}

    return dropped


Basis = Literal["painted", "sent", "person"]
"""The witness: the painted screen, the markup as it was sent, or a person."""


class Verdict(Record):
    """Whether one unit meets one requirement, why, and what that rests on."""

    requirement: str
    name: str
    clause: str | None = None
    """The clause of the policy that asks for it."""
    level: Literal["must", "should"] = "must"
    expect: Literal["present", "absent"] = "present"
    asked: str = ""
    """A digest of what the rule asks for."""
    sense: Sense | None = None
    """What kind of thing it asks for."""
    outcome: Outcome
    why: Reason
    evidence: tuple[Evidence, ...] = ()
    near: tuple[Evidence, ...] = ()
    observer: str
    decision: Decision | None = None

    _reason_is_computed = model_validator(mode="before")(_without("reason", "reason_code", "basis"))

    @computed_field  # type: ignore[prop-decorator]
    @property
    def basis(self) -> Basis:
        """What it rests on."""
        if self.decision is not None:
            return "person"
        return "painted" if self.observer == "browser" else "sent"

    @computed_field  # type: ignore[prop-decorator]
    @property
    def reason(self) -> str:
        """The sentence in English, for whoever reads the document; `why` is what programs read."""
        return self.why.sentence

    @computed_field  # type: ignore[prop-decorator]
    @property
    def reason_code(self) -> str:
        """The code of the reason."""
        return self.why.code


class UnitReport(Record):
    """The verdicts on one unit and the clearest observation of each observer."""

    target: Target
    waivers: tuple[Waiver, ...] = ()
    observations: tuple[Observation, ...]
    verdicts: tuple[Verdict, ...]
    checked_before: tuple[datetime, ...] = ()
    """When it was checked in the runs that this one goes on with, the first check first."""
    recordings: tuple[str, ...] = ()
    """What its looks asked the network and got, as files of the evidence, in their order."""
    seconds: float = 0.0

    _outcome_is_computed = model_validator(mode="before")(_without("outcome"))

    @computed_field  # type: ignore[prop-decorator]
    @property
    def outcome(self) -> Outcome:
        """The gravest of its verdicts on what it must do."""
        return gravest(v.outcome for v in self.verdicts if v.level == "must")


class Tool(Record):
    """The program that made the document."""

    name: str = "ycaudit"
    version: str


class ThirdParty(Record):
    """One service: that what comes from its hosts is lost hides neither a link nor a code.

    `shows` is what could be seen of it: nothing, a badge of its own, or buttons for sharing.
    """

    name: str = Field(min_length=1)
    hosts: tuple[HostPattern, ...] = Field(min_length=1)
    shows: Literal["nothing", "badge", "buttons"]
    source: str = Field(min_length=1)


class Policy(Record):
    """The rules that were applied: their name and the sha256 of their content."""

    name: str
    sha256: str
    third_parties: tuple[ThirdParty, ...] = ()
    """Those that the rules add to the shipped ones."""
    source: str = ""
    """The issued document that they come from, as they name it."""


class Vouched(Record):
    """That a person has checked the rules and our own network where the figures were suspect."""

    by: str
    at: datetime
    note: str = ""


class RunHeader(Record):
    """The facts of a run, apart from its reports."""

    format: Literal[2] = 2
    id: str
    tool: Tool
    rules: Policy
    started_at: datetime
    finished_at: datetime
    complete: bool = True
    """False where the run was interrupted: there are reports on the finished units only."""
    no_website: tuple[NoWebsite, ...] = ()
    """The units of the list that run none."""
    partial: bool = False
    """Whether only some units of the list were chosen: such a run is never the last by itself."""
    carries: str | None = None
    """The run from which it took the reports on units that were not looked at again."""
    judges: str | None = None
    """The run whose observations it judges anew; it stands in that run's place."""
    suspicions: tuple[Reason, ...] = ()
    """Why the network or the rules of the auditor may be what is broken; nobody is to be named."""
    vouched: Vouched | None = None
    """Who has checked these since, so that the run counts all the same."""

    @property
    def is_suspect(self) -> bool:
        """Whether the auditor may be what is broken, and no person has checked that."""
        return bool(self.suspicions) and self.vouched is None

    def with_reports(self, reports: Reports) -> ScanRun:
        """The run with this header and these reports."""
        fields = {name: getattr(self, name) for name in RunHeader.model_fields}
        return ScanRun(**fields, reports=reports)


class Reports(ABC):
    """The reports of a run in the order of its list: in memory, or read when they are needed."""

    @abstractmethod
    def __len__(self) -> int: ...

    @abstractmethod
    def __iter__(self) -> Iterator[UnitReport]: ...

    @abstractmethod
    def briefs(self, order: Sequence[int] | None = None) -> Iterator[UnitReport]:
        """The reports without what the pages show (see `brief`), in this order of their places."""

    def __eq__(self, other: object) -> bool:
        """Whether the same reports stand in the same order, wherever they are kept."""
        if not isinstance(other, Reports):
            return NotImplemented
        return len(self) == len(other) and all(map(eq, self, other))

    def __hash__(self) -> int:
        return len(self)

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: object, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        """In JSON an array of reports, which is read into memory."""
        listed = core_schema.no_info_after_validator_function(
            MemoryReports, handler(tuple[UnitReport, ...])
        )
        return core_schema.json_or_python_schema(
            json_schema=listed,
            python_schema=core_schema.union_schema(
                [core_schema.is_instance_schema(Reports), listed]
            ),
            serialization=core_schema.plain_serializer_function_ser_schema(
                list, return_schema=handler(list[UnitReport])
            ),
        )


class MemoryReports(Reports):
    """Reports in memory."""

    def __init__(self, reports: Iterable[UnitReport] = ()) -> None:
        self._reports = tuple(reports)

    def __len__(self) -> int:
        return len(self._reports)

    def __iter__(self) -> Iterator[UnitReport]:
        return iter(self._reports)

    @overload
    def __getitem__(self, place: int) -> UnitReport: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[UnitReport, ...]: ...
    def __getitem__(self, place: int | slice) -> UnitReport | tuple[UnitReport, ...]:
        return self._reports[place]

    def briefs(self, order: Sequence[int] | None = None) -> Iterator[UnitReport]:
        """The reports themselves."""
        return iter(self._reports) if order is None else (self._reports[n] for n in order)


class ScanRun(RunHeader):
    """A finished run: the one document that every output is a function of."""

    reports: Reports

    _outcome_is_computed = model_validator(mode="before")(_without("outcome"))

    @property
    def header(self) -> RunHeader:
        """The run without its reports."""
        return RunHeader(**{name: getattr(self, name) for name in RunHeader.model_fields})

    @computed_field  # type: ignore[prop-decorator]
    @property
    def outcome(self) -> Outcome:
        """The gravest of its units."""
        return gravest(report.outcome for report in self.reports.briefs())


def brief(report: UnitReport) -> UnitReport:
    """The report without what its pages show: a tenth of it, and all that most readers need."""
    observations = tuple(
        observation.model_copy(update={"links": (), "images": (), "qr_codes": (), "texts": None})
        if isinstance(observation, Page)
        else observation
        for observation in report.observations
    )
    return report.model_copy(update={"observations": observations})


def gravest(outcomes: Iterable[Outcome]) -> Outcome:
    """The gravest of the outcomes; of none, pass."""
    return max(outcomes, key=lambda outcome: outcome.gravity, default=Outcome.PASS)
