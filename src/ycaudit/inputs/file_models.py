"""Targets and rules files as people write them."""

from __future__ import annotations

from pydantic import Field, field_validator

from ycaudit.model import Contact, Record, ThirdParty, Waiver
from ycaudit.rules import Requirement
from ycaudit.rules.matchers import Words


class UnitEntry(Record):
    """A unit; without an id, one is made of its address."""

    id: str | None = Field(default=None, min_length=1)
    name: str | None = Field(default=None, min_length=1)
    url: str
    tags: Words = ()
    contact: Contact | None = None
    intranet: Words = ()


class Defaults(Record):
    """Values for all units."""

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
