"""A run: the reports on all units of a list, and under which rules they were made."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from operator import eq
from typing import Literal, overload

from pydantic import Field, GetCoreSchemaHandler, computed_field, model_validator
from pydantic_core import core_schema

from ycaudit.model.page import Observation, Page
from ycaudit.model.record import HostPattern, Record, without
from ycaudit.model.target import NoWebsite, Target
from ycaudit.model.verdict import Outcome, Verdict, Waiver, gravest
from ycaudit.reasons import Reason


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

    _outcome_is_computed = model_validator(mode="before")(without("outcome"))

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

    _outcome_is_computed = model_validator(mode="before")(without("outcome"))

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
