"""The ways on which a visitor came to something: what he pointed at and clicked, in order."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Literal, NamedTuple

from ycaudit.observe import Doubts
from ycaudit.observe.browser.dom import Dom
from ycaudit.observe.browser.leads import Lead
from ycaudit.observe.browser.nodes import Node
from ycaudit.observe.browser.openers import Opener
from ycaudit.reasons import Reason

MAX_LOOKS = 500
"""Characters of what a thing says and looks like by which it is known again."""
_QUERY = re.compile(r"\?\S*")
How = Literal["pointed", "clicked", "unrolled"]
Tried = tuple[int, int, str, How, str]
"""What was tried: by what has opened it, its own place and looks, as one dialog may be opened by
many things, and lead elsewhere each time; how, and what the pane said in which it stood."""


News = frozenset[tuple[int, str]]
"""Where something else is shown than before: places, or rows of which another is shown now, by the
place of what holds them and by name."""


Turning = dict[int, dict[int, News]]
"""The places of what shows other panes, as tabs do: with the places of these, and what was new."""


class Pane(NamedTuple):
    """What has something else in it from time to time."""

    place: int
    says: str
    news: News
    is_beside: bool = False
    """Of a thing in it: whether that stands in one row with what was clicked, as the other tabs."""
    is_joint: bool = False
    """Of a thing: whether it stands elsewhere and shows other things in it, too, as a second row of
    tabs does."""

    def is_turned_by(self, news: News) -> bool:
        """Whether what shows these news shows another pane, and not something more in this one."""
        return len(news & self.news) * 2 > len(self.news)


class Step(NamedTuple):
    """What a visitor did with one thing."""

    is_click: bool
    """Whether it stays when the mouse leaves the thing."""
    place: int
    choice: int | None = None
    """Of a list: the number of what he chose in it."""
    times: int = 1
    """How often he clicked it, as the arrow of a pager."""


Steps = tuple[Step, ...]
"""In order."""


@dataclass(frozen=True, slots=True)
class Way:
    """How a visitor came to what is open now."""

    steps: Steps
    lead: Lead
    """What he clicked or pointed at last; its words are those of all before it, too."""
    state: Reason
    tried: set[Tried] = field(default_factory=set)
    """What was tried on any way that begins like this one."""
    pane: Pane | None = None
    """The pane because of which its last step is tried once more."""

    @property
    def hovers(self) -> bool:
        """Whether what is open goes when the mouse leaves it."""
        return not any(step.is_click for step in self.steps)

    def is_new(self, opener: Opener, dom: Dom, how: How, *, pane: str = "") -> bool:
        """Whether it was not tried yet, while its pane said this; from now on it was."""
        key = self.steps[-1].place, *self._key(opener, dom), how, pane
        if key in self.tried:
            return False
        self.tried.add(key)
        return True

    def knows(self, opener: Opener, dom: Dom) -> bool:
        """Whether it was tried, looking as it does, whatever had opened it."""
        return any(key[1:3] == self._key(opener, dom) for key in self.tried)

    def _key(self, opener: Opener, dom: Dom) -> tuple[int, str]:
        node = dom.again(opener.node, opener.place)
        looks = " ".join(without_query(inner.key[1]) for inner in node.down()) if node else ""
        return opener.place, in_short(f"{opener.caption} {looks}")

    def again(self, times: int) -> Way:
        """This way, with so many clicks on the last thing."""
        *first, last = self.steps
        return replace(self, steps=(*first, last._replace(times=times)))

    def then(self, node: Node, caption: str, *, is_click: bool, pane: Pane | None) -> Way:
        """This way and one step more; what a click opens is told by the first click."""
        state = self.state
        if is_click and self.hovers:
            state = Reason.of("state_click", name=caption)
        lead = handler(node, f"{caption} {self.lead.text}")
        steps = *self.steps, Step(is_click, node.place)
        return replace(self, steps=steps, lead=lead, state=state, pane=pane)


def in_short(looks: str) -> str:
    """Looks by which something is known again, however long an address in them is."""
    return looks if len(looks) <= MAX_LOOKS else f"{looks[:MAX_LOOKS]} {hash(looks)}"


def without_query(looks: str) -> str:
    """What a node looks like, but for what a script adds to the address of its picture."""
    return _QUERY.sub("", looks)


def handler(node: Node, text: str) -> Lead:
    """A thing whose script may lead somewhere."""
    return Lead(node, "", "handler", text, is_plain=False)


class Clicked:
    """What clicks have shown, to know what may show something if it is clicked first."""

    def __init__(self, doubts: Doubts) -> None:
        self._doubts = doubts
        self._called: dict[tuple[Steps, str], Way] = {}
        """The ways to all that was clicked, with what it was called then."""
        self._idle: dict[Steps, tuple[_Group, Way]] = {}
        self._fruitful: set[_Group] = set()
        """The ways to what has shown nothing, and the groups of what has shown something."""

    def note(self, node: Node, opener: Opener, way: Way, *, has_shown: bool) -> None:
        """Note whether a click has shown anything."""
        group = _group_of(node)
        self._called.setdefault((way.steps, opener.caption), way)
        if has_shown:
            self._fruitful.add(group)
        else:
            self._idle.setdefault(way.steps, (group, way))

    @property
    def named(self) -> dict[Steps, Way]:
        """The ways to what is called as something that is in doubt."""
        names = self._doubts().names
        return {steps: way for (steps, caption), way in self._called.items() if names(caption)}

    @property
    def idle(self) -> dict[Steps, Way]:
        """The ways to what showed nothing, while that beside it did: a dialog may open but once, or
        go on showing what it showed first."""
        return {s: way for s, (group, way) in self._idle.items() if group in self._fruitful}


_Group = tuple[int, str]
"""What stands beside each other: buttons of one row, entries of one list."""


def _group_of(node: Node) -> _Group:
    row = node.row
    return (row[0].parent.place, row[0].name) if row and row[0].parent else (0, node.name)
