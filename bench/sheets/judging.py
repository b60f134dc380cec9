"""What ycaudit claims of the probes of a page from its markup alone, and whether it is so."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from grow import URL, Page, Probe

from ycaudit.model import Visibility
from ycaudit.observe.static import markup
from ycaudit.observe.static.sheets import Sheet
from ycaudit.observe.static.tree import Tree

SHOWN, OPENED, HIDDEN, UNCLEAR = "shown", "opened", "hidden", "unclear"
WRONG = ("wrong shown", "wrong hidden")
COLUMNS = (*WRONG, "shown at once", "unsure", "right", "left out")


def claimed(page: Page) -> dict[int, Visibility]:
    """What is said of each probe, the most of it; what is not found counts as hidden."""
    tree = Tree(page.html, URL)
    best = {probe.number: Visibility.HIDDEN for probe in page.probes}
    numbers = {_address(probe): probe.number for probe in page.probes}
    for address, visible in _found(tree, _sheets(tree, page.sheets), Visibility.SHOWN):
        number = numbers.get(address)
        if number is not None and visible.rank < best[number].rank:
            best[number] = visible
    return best


def judge(truth: str, claim: Visibility) -> str:
    """The column of the table that a probe falls into."""
    if truth == UNCLEAR:
        return "left out"
    if claim is Visibility.UNSURE:
        return "unsure"
    if claim is Visibility.HIDDEN:
        return "right" if truth == HIDDEN else "wrong hidden"
    if truth == OPENED and claim is Visibility.SHOWN:
        return "shown at once"  # counts the same, and yet it takes a hand
    return "wrong shown" if truth == HIDDEN else "right"


def _address(probe: Probe) -> str:
    n = probe.number
    return f"http://p{n}.test/" if probe.kind == "link" else f"{URL}i{n}.png"


def _sheets(tree: Tree, served: Mapping[str, str]) -> list[Sheet]:
    """Those that the page links and imports, in the order of the observer."""
    imports = [url for sheet in tree.inline_sheets for url in sheet.imports]
    return [Sheet(served.get(url, ""), url) for url in (*imports, *tree.sheet_urls)]


def _found(
    tree: Tree, sheets: Sequence[Sheet], within: Visibility
) -> Iterator[tuple[str, Visibility]]:
    read = markup.read(tree, sheets=sheets, within=within)
    yield from ((link.href, link.visible) for link in read.links)
    yield from ((image.src, image.visible) for image in read.images)
    for frame in read.frames:
        if frame.srcdoc:
            yield from _found(Tree(frame.srcdoc, tree.url), (), frame.visible)
