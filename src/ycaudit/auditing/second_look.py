"""The second look, which confirms that something lacks: from here, or from another network."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from ycaudit.model import Cause, Observation, Outcome, Unseen, Verdict
from ycaudit.observe import Observer
from ycaudit.observe.redirects import RedirectFollower
from ycaudit.rules.judge import Unit

Judged = tuple[Observation, tuple[Verdict, ...]]


class Look(Protocol):
    """One look by one observer; `again` to confirm that something lacks."""

    def __call__(self, unit: Unit, observer: Observer, *, again: bool = False) -> Awaitable[Judged]:
        """What is seen, and how it is judged."""
        ...


Again = Callable[[Unit], Awaitable[Observation]]
"""A second look."""


@dataclass(frozen=True, slots=True)
class Beyond:
    """Another network, through which the second look goes."""

    observer: Observer
    """The witness that decides."""
    redirects: RedirectFollower
    via: Callable[[Unit], Awaitable[str | None]]
    """The proxy by which a homepage is reached; None where it is reached without."""


def second(observer: Observer, look: Look) -> Again:
    """Looks from here, past every cache of the run."""

    async def again(unit: Unit) -> Observation:
        return (await look(unit, observer, again=True))[0]

    return again


def through(beyond: Beyond, look: Callable[..., Awaitable[Judged]]) -> Again:
    """Looks from another network; what is reached without its proxy is not said to be."""

    async def again(unit: Unit) -> Observation:
        seen, _ = await look(unit, beyond.observer, redirects=beyond.redirects, again=True)
        return seen.model_copy(update={"via": await beyond.via(unit)})

    return again


def wants_both(unit: Unit, observations: Sequence[Observation]) -> bool:
    """Whether another network should see it, too: it seems to fail, or cannot be reached."""
    unseen = [one for one in observations if isinstance(one, Unseen)]
    if len(unseen) == len(observations):
        return not any(one.cause in _OF_THE_LIST for one in unseen)
    fails = any(v.outcome is Outcome.FAIL for v in unit.conclude(observations))
    return fails or unit.unconfirmed(observations)


_OF_THE_LIST = frozenset({Cause.REFUSED_ADDRESS, Cause.NOT_HTML, Cause.OUR_BUG})
"""Why a homepage is not seen, whatever network it is asked from."""
