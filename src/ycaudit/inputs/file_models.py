"""Targets and rules files as people write them."""

from __future__ import annotations

from typing import Self

from pydantic import Field, field_validator, model_validator

from ycaudit.errors import InvalidValueError
from ycaudit.model import Contact, LeanRecord, Record, ThirdParty, Waiver
from ycaudit.rules import Requirement
from ycaudit.rules.matchers import Words


class SiteEntry(Record):
    """One of the sites of a unit that runs several; without an id, one is made of its address."""

    id: str | None = Field(default=None, min_length=1)
    name: str | None = Field(default=None, min_length=1)
    url: str


class UnitEntry(LeanRecord):
    """A unit with its one site, with several, or with none.

    Without an id, the one site has one made of its address.
    """

    id: str | None = Field(default=None, min_length=1)
    name: str | None = Field(default=None, min_length=1)
    url: str | None = None
    sites: tuple[SiteEntry, ...] = ()
    no_website: bool = False
    office: str | None = Field(default=None, min_length=1)
    tags: Words = ()
    contact: Contact | None = None
    intranet: Words = ()
    data: dict[str, str] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _says_what_it_runs(self) -> Self:
        said = (self.url is not None) + bool(self.sites) + self.no_website
        if said > 1:
            raise InvalidValueError("url, sites and no_website exclude each other: keep one")
        if not said:
            raise InvalidValueError(
                "'url' is missing; a unit that runs no website says no_website: true"
            )
        if self.no_website and not (self.name or self.id):
            raise InvalidValueError("'name' is missing")
        return self


class Defaults(Record):
    """Values for all units."""

    office: str | None = Field(default=None, min_length=1)
    tags: Words = ()


class TargetsFile(Record):
    """A targets file, such as targets.yaml."""

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
    """A rules file: one policy and its requirements."""

    name: str = Field(min_length=1)
    source: str | None = None
    note: str | None = None
    requirements: tuple[Requirement, ...] = Field(min_length=1)
    third_parties: tuple[ThirdParty, ...] = ()
