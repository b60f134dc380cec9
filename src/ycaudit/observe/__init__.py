"""The ways of looking at a homepage: what an observer is, and which there are."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager
from importlib import import_module
from typing import TYPE_CHECKING, Protocol, TypeAlias

if TYPE_CHECKING:
    # Worker processes import this package without the nouns, which take longer than their work.
    from ycaudit.model import Observation
    from ycaudit.observe.deadline import Share
    from ycaudit.observe.tools import Tools
    from ycaudit.rules.judge import InDoubt, Unit

Doubts: TypeAlias = "Callable[[], InDoubt]"
"""What the judge still doubts after the last observation: nothing else need be looked for."""


class Observer(Protocol):
    """Yields ever fuller observations of a homepage until the caller doubts nothing."""

    name: str

    def place(self) -> AbstractAsyncContextManager[Share | None]:
        """A place for one visit, and its share of the machine while that lasts, as `deadline` wants
        it; waiting for it does not count."""
        ...

    def look(
        self, unit: Unit, doubts: Doubts, *, again: bool = False
    ) -> AsyncGenerator[Observation, None]:
        """The observations, each with all that is known so far and what could not be seen.

        `again`: it seemed to lack something, and is looked at once more to make sure.
        """
        ...

    async def aclose(self) -> None:
        """Release what it holds for the run."""
        ...


def _maker(module: str, name: str) -> Callable[[Tools], Observer]:
    """Imported when first used: most runs need no browser."""

    def make(tools: Tools) -> Observer:
        maker: Callable[[Tools], Observer] = getattr(import_module(module), name)
        return maker(tools)

    return make


OBSERVERS: dict[str, Callable[[Tools], Observer]] = {
    "browser": _maker("ycaudit.observe.browser.observer", "BrowserObserver"),
    "static": _maker("ycaudit.observe.static.observer", "StaticObserver"),
}
"""From the strongest witness to the weakest; `auto` asks them in this order."""
