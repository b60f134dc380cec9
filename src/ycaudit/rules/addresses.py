"""What kinds have in common that are met by an address: redirects may lead to it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Self

from pydantic import model_validator

from ycaudit.errors import InvalidValueError
from ycaudit.model import Evidence, Link, Sense
from ycaudit.reasons import Reason
from ycaudit.rules.base import BaseRequirement
from ycaudit.rules.matchers import Accept
from ycaudit.rules.platforms import is_short


class AddressRequirement(BaseRequirement):
    """A requirement that an address meets, or a payload that may be one."""

    resolve: bool = False
    """Also accept an address that redirects to an accepted one."""
    accept: tuple[Accept, ...] = ()
    mistakes: tuple[Accept, ...] = ()

    @model_validator(mode="after")
    def _names_what_must_be_there(self) -> Self:
        for place, form in enumerate(self.accept if self.expect == "present" else ()):
            if form.domain is not None:
                raise InvalidValueError(
                    "domain: {0!r} has many sites, of which only some are meant; list each host "
                    "by its name (domain: is for expect: absent, and for mistakes)",
                    form.domain,
                    at=("accept", place, "domain"),
                )
        return self

    @property
    def named_hosts(self) -> Iterable[str]:
        """Hosts of the accepted addresses."""
        return (host for a in self.accept for host in a.hosts)

    @property
    def resolves(self) -> bool:
        """Whether the destination of a redirect counts."""
        return self.resolve or any(a.resolve for a in self.accept)

    def identifies(self, text: str) -> bool:
        """Whether a text is the verified payload, or an address of the account."""
        return any(a.is_proof and a.is_exact and a.matches(text) for a in self.accept)

    def may_be_met_by(self, text: str) -> bool:
        """Whether a text is accepted, nearly so, or a short link that may lead to the account."""
        return any(
            a.matches(text) or a.all_but(text) or (is_short(text) and a.leaves_open(text))
            for a in self.accept
        )

    def _is_met_by(self, text: str, leads_to: Iterable[str]) -> bool:
        """Whether a text, or a hop of its redirects where those count, is an accepted form."""
        return any(
            a.matches(text)
            or ((a.resolve or self.resolve) and any(a.matches(hop) for hop in leads_to))
            for a in self.accept
            if a.is_proof
        )


def link_evidence(link: Link, note: Reason | None = None) -> Evidence:
    """A link that meets a requirement, or with what is to be said of it: else its jump, if any."""
    state = link.where.state
    if note is None and state is not None and state.code == "state_jump":
        note = state
    return Evidence(
        sense=Sense.LINK,
        value=link.href,
        label=link.text,
        note=note,
        visible=link.visible,
        where=link.where,
    )
