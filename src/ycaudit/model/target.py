"""What a list says of units and their websites."""

from __future__ import annotations

from ipaddress import ip_network

from pydantic import ConfigDict, Field, field_validator
from pydantic.dataclasses import dataclass

from ycaudit.errors import InvalidValueError
from ycaudit.model.record import LeanRecord, Record
from ycaudit.url import parse_web_url


class Contact(Record):
    """Whom to write to about a unit."""

    person: str | None = None
    phone: str | None = None
    email: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True, config=ConfigDict(extra="forbid"))
class Listed:
    """Where a unit stands in the list: the file as it was named, and the line (1-based)."""

    # No record, which takes half a kilobyte: a scan holds one of these for each unit.

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


class Target(LeanRecord):
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
