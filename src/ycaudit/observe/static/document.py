"""A document of the homepage at one stage of a visit; each stage makes the next one of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from ycaudit.model import EVERY_SENSE, PICTURES, BlindSpot, Link, Visibility, Where
from ycaudit.observe.challenges import no_homepage
from ycaudit.observe.static import markup
from ycaudit.observe.static.styles import Sheet
from ycaudit.observe.static.tree import Tree, shallow
from ycaudit.reasons import Reason

MAX_SHEETS = 60
"""Style sheets that one document may link, and as many more that those import."""


@dataclass(frozen=True, slots=True)
class Source:
    """The text of a document as it was received, and the frame that holds it."""

    html: str
    url: str
    truncated: Reason | None = None
    origin: markup.Origin = "markup"
    within: Visibility = Visibility.SHOWN
    depth: int = 0
    """Frames around it."""


@dataclass(frozen=True, slots=True)
class Document:
    """The homepage, or a document framed in it, as far as it is known.

    Its stages: opened, in full, with its style sheets, and with what its scripts wrote; the last
    needs its style sheets again.
    """

    source: Source
    tree: Tree
    markup: markup.Markup = field(default_factory=markup.Markup)
    hosts: frozenset[str] | None = None
    """Only links to these were read so far."""
    sheets: tuple[Sheet, ...] = ()
    sheets_read: bool = False
    scripts_run: bool = False
    unread_scripts: tuple[BlindSpot, ...] = ()

    @classmethod
    def opened(
        cls, source: Source, *, hosts: frozenset[str] | None = None, scripted: bool | None = None
    ) -> Document:
        """Parse and read a document for the first time."""
        html, deep = shallow(source.html)
        source = replace(source, html=html, truncated=source.truncated or deep)
        return cls(source, Tree(html, source.url), hosts=hosts)._read(scripted)

    def in_full(self, scripted: bool | None) -> Document:
        """With all of its links and images, not only links to some hosts."""
        return replace(self, hosts=None)._read(scripted)

    def with_sheets(self, sheets: Sequence[Sheet], scripted: bool | None) -> Document:
        """With its linked style sheets applied."""
        return replace(self, sheets=tuple(sheets), sheets_read=True)._read(scripted)

    def with_written(self, written: Sequence[str], scripted: bool | None) -> Document:
        """With what each of its scripts wrote in the place of the script."""
        source = replace(self.source, html=self.tree.with_written(written))
        html, deep = shallow(source.html)
        source = replace(source, html=html, truncated=source.truncated or deep)
        new = replace(self, source=source, tree=Tree(html, source.url), sheets_read=False)
        new = new._read(scripted)
        before = {link.href for link in self.markup.links}
        links = tuple(_by_script(link, before, source.url) for link in new.markup.links)
        return replace(new, markup=replace(new.markup, links=links))

    def _read(self, scripted: bool | None) -> Document:
        found = markup.read(
            self.tree,
            sheets=self.sheets,
            origin=self.source.origin,
            scripted=scripted,
            within=self.source.within,
            awaiting=not self.sheets_read,
            hosts=self.hosts,
        )
        return replace(self, markup=found)

    @property
    def url(self) -> str:
        """Its address; of a document written into an attribute, that of the page around it."""
        return self.source.url

    def why_no_homepage(self) -> Reason | None:
        """Why it is no homepage, as far as what it shows tells."""
        return no_homepage(self.markup.things, self.tree.text_size, self.source.html)

    def blind_spots(self) -> Iterator[BlindSpot]:
        """What of it could not be seen, its images and frames apart."""
        where = Where(origin=self.source.origin, url=self.url)
        if self.hosts is not None:
            yield BlindSpot(hides=EVERY_SENSE, why=Reason.of("glimpsed"), where=where)
            return
        if self.source.truncated:
            yield BlindSpot(hides=EVERY_SENSE, why=self.source.truncated, where=where)
        if self.markup.cut or len(self.tree.sheet_urls) > MAX_SHEETS:
            yield BlindSpot(hides=EVERY_SENSE, why=Reason.of("page_too_large"), where=where)
        if not self.sheets_read:
            yield BlindSpot(hides=PICTURES, why=Reason.of("sheets_not_read"), where=where)
        yield from self.unread_scripts


def _by_script(link: Link, before: set[str], url: str) -> Link:
    """The link, marked as written by a script if it was not there before."""
    if link.href in before:
        return link
    return link.model_copy(update={"where": Where(origin="script", url=url)})
