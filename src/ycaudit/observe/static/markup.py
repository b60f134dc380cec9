"""Reads what a document shows at one stage of a visit: its links, images and frames. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from ycaudit.model import Image, Link, Origin, Text, Visibility, Where
from ycaudit.observe.static.images import Images
from ycaudit.observe.static.links import idle_in, links_in
from ycaudit.observe.static.sheets import Sheet
from ycaudit.observe.static.texts import texts_in
from ycaudit.observe.static.tree import StyledTree, Tree, has_zero_size
from ycaudit.observe.text_lines import Spans

MAX_LINKS = 20_000
MAX_IMAGES = 2_000
_THINGS = "a[href], img, iframe, frame"


@dataclass(frozen=True, slots=True)
class Frame:
    """A document shown inside this one: by address, or written into the attribute."""

    url: str | None
    srcdoc: str | None
    visible: Visibility


@dataclass(frozen=True, slots=True)
class Markup:
    """What one document shows; addresses are absolute."""

    links: tuple[Link, ...] = ()
    images: tuple[Image, ...] = ()
    svgs: dict[str, str] = field(default_factory=dict)
    """Inline drawings, by the `src` of their image."""
    frames: tuple[Frame, ...] = ()
    things: int = 0
    """Links, images and frames: an almost empty page is no homepage."""
    cut: bool = False
    """There are more links, images or texts than are read."""
    texts: tuple[Text, ...] = ()
    commented_links: tuple[Link, ...] = ()
    commented_images: tuple[Image, ...] = ()
    """What stands in comments: no part of the page, but worth telling where it is missing."""
    idle_links: tuple[Link, ...] = ()
    """Anchors without an address: none leads anywhere, but their names may say what was meant."""
    disk_images: tuple[Image, ...] = ()
    """Named by files of the computer on which the page was written: worth telling, too."""


def read(
    tree: Tree,
    *,
    sheets: Sequence[Sheet] = (),
    origin: Origin = "markup",
    scripted: bool | None = None,
    within: Visibility = Visibility.SHOWN,
    awaiting: bool = False,
    restricted: bool = False,
    hosts: frozenset[str] | None = None,
    spans: Spans | None = None,
) -> Markup:
    """What a document shows. Never raises.

    `sheets` are the linked style sheets known so far; `scripted` says whether scripts may still do
    something in the page around it (None: whether it has some); `within` is how visible the frame
    is that holds it; `awaiting` that sheets are still unread, so that of what they may hide nobody
    is sure; `restricted` that a policy tells what may be loaded. With `hosts`, only the links that
    plainly lead there are read, and no images: enough to find, not to miss. `spans` finds what
    rules ask for in the text; without it, no text is read.
    """
    page = StyledTree(
        tree,
        sheets,
        scripted=bool(tree.scripts) or tree.reacts if scripted is None else scripted,
        within=within,
        awaiting=awaiting,
        restricted=restricted,
    )
    where = Where(origin=origin, url=tree.url)
    return _part(page, where, hosts) if hosts is not None else _whole(page, where, spans)


def _whole(page: StyledTree, where: Where, spans: Spans | None) -> Markup:
    found = Images(page, where)
    links = tuple(islice(links_in(page, where), MAX_LINKS + 1))
    images = tuple(islice(found.all(), MAX_IMAGES + 1))
    frames = tuple(_frames(page))
    texts, too_many = texts_in(page, where, spans) if spans is not None else ((), False)
    comments = [] if where.in_comment else [_commented(tree) for tree in page.tree.comments]
    return Markup(
        links=links[:MAX_LINKS],
        images=images[:MAX_IMAGES],
        svgs=found.svgs,
        frames=frames,
        things=len(links) + len(images) + len(frames),
        cut=len(links) > MAX_LINKS or len(images) > MAX_IMAGES or too_many,
        texts=texts,
        commented_links=tuple(link for comment in comments for link in comment.links),
        commented_images=tuple(image for comment in comments for image in comment.images),
        idle_links=tuple(islice(idle_in(page, where), MAX_LINKS)),
        disk_images=tuple(found.on_disk[:MAX_IMAGES]),
    )


def _part(page: StyledTree, where: Where, hosts: frozenset[str]) -> Markup:
    """The links to some hosts, and what decides whether this is the homepage at all."""
    return Markup(
        links=tuple(islice(links_in(page, where, hosts), MAX_LINKS)),
        frames=tuple(_frames(page)),
        things=len(page.tree.parser.css(_THINGS)),
    )


def _commented(tree: Tree) -> Markup:
    return read(tree, origin="comment", within=Visibility.HIDDEN)


def _frames(page: StyledTree) -> Iterator[Frame]:
    for node in page.tree.parser.css("iframe, frame, object[type='text/html']"):
        attributes = node.attributes
        srcdoc = (attributes["srcdoc"] or "") if "srcdoc" in attributes else None
        url = page.tree.absolute(attributes.get("src") or attributes.get("data"))
        visible = page.loaded(node)
        if has_zero_size(node):
            visible = visible.within(Visibility.UNSURE)
        if srcdoc or url:
            yield Frame(url, srcdoc, visible)
