"""A parsed document together with the style sheets that are known so far."""

from __future__ import annotations

from collections.abc import Sequence

from selectolax.lexbor import LexborNode

from ycaudit.model import Visibility
from ycaudit.observe.static.styles import Sheet, Styling
from ycaudit.observe.static.tree import Tree


class StyledTree:
    """What a visitor gets to see of each element of a tree."""

    def __init__(
        self,
        tree: Tree,
        sheets: Sequence[Sheet],
        *,
        scripted: bool,
        within: Visibility,
        awaiting: bool,
    ) -> None:
        """`sheets`, `scripted`, `within` and `awaiting` are as in `markup.read`."""
        every = (*sheets, *tree.inline_sheets)
        self.tree = tree
        self.scripted = scripted
        self.styling = Styling(tree.parser, every, scripted=scripted)
        self.cut = any(sheet.cut for sheet in every)
        self._within = within
        missing = awaiting and (bool(tree.sheet_urls) or tree.has_imports)
        self._unsure = missing or self.cut or any(sheet.part for sheet in sheets)

    def visible(self, node: LexborNode) -> Visibility:
        """How visible an element is, the frame around the document considered."""
        visible = self.styling.visibility(node).within(self._within)
        return Visibility.UNSURE if self._unsure and visible.counts else visible
