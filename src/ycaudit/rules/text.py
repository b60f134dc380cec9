"""The requirement that a homepage shows certain words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Literal

from pydantic import Field

from ycaudit.model import Evidence, Image, Page, QrCode, Sense, Text, Visibility
from ycaudit.reasons import Reason
from ycaudit.rules.base import BaseRequirement, distinct, rank
from ycaudit.rules.wordings import Span, Wording, folded_lines

MAX_VALUE, MAX_LABEL = 200, 200
LEAST_CHARACTER = 6
"""CSS pixels a side: in a picture of a text, less a character cannot be read."""
LINE = 2.5
"""A picture that is so many times as wide as high may be one of a line."""
QUIET, UNEVEN = 0.45, 0.1
"""Of a code's side: what its quiet zone adds, 8 modules to 21 (ISO/IEC 18004), and by how much more
to one side than to the other."""


class TextRequirement(BaseRequirement):
    """Words that a visitor reads on the page, as a phrase or as a pattern."""

    title = "a text"
    needs = frozenset({Sense.TEXT})

    kind: Literal["text"]
    accept: tuple[Wording, ...] = Field(min_length=1)
    mistakes: tuple[Wording, ...] = ()
    as_text: bool = False
    """Whether only text counts. Else a text that is missing may stand in a picture, which nobody
    has read."""

    def find(self, page: Page) -> Iterator[Evidence]:
        """Yield the accepted words, shown or not, each with the line in which it stands."""
        proofs = [wording for wording in self.accept if wording.is_proof]
        yield from (_evidence(*found) for found in _pieces(page, proofs))

    def near(self, page: Page) -> Iterator[Evidence]:
        """Yield what is known to be wrong, then lines with the name or a label."""
        found = [*self._mistaken(page), *self._named(page)]
        yield from distinct(sorted(found, key=lambda e: rank(_NEARNESS, e.note or _NAMED)))

    def not_comparable(self, page: Page, *, is_blind: bool) -> Reason | None:
        """The look was for rules that ask for no text."""
        return Reason.of("text_not_kept") if page.texts is None else None

    def doubt(self, page: Page) -> Reason | None:
        """An unverified form, or a picture that may show it."""
        unproven = [wording for wording in self.accept if not wording.is_proof]
        for _, piece, _ in _pieces(page, unproven):
            return Reason.of("unverified_text", value=piece)
        return None if self.as_text else self._in_picture(page)

    def example(self) -> str | None:
        """Accepted words; none where pictures leave in doubt that they are absent."""
        is_decided = self.expect == "present" or self.as_text
        return super().example() if is_decided else None

    def spans(self, text: str) -> Iterator[Span]:
        """Where something that could meet this stands in folded lines."""
        for wording in self.accept:
            yield from wording.spans(text)

    def _in_picture(self, page: Page) -> Reason | None:
        lost = [spot for spot in page.blind_spots if Sense.IMAGE in spot.hides]
        codes = {code.src: code for code in page.qr_codes}
        roomy = [i for i in page.images if self._has_room(i) and not _is_filled(i, codes)]
        pictures = [image.src for image in sorted(roomy, key=self._unlikeness)]
        pictures += [spot.where.url for spot in lost]
        if not pictures:
            return None
        return Reason.of("text_in_picture", src=pictures[0], more=len(pictures) - 1)

    def _has_room(self, image: Image) -> bool:
        if image.where.in_comment or image.visible is Visibility.HIDDEN:
            return False
        if image.shown is None:
            return True
        wide, high = sorted(image.shown, reverse=True)
        return high >= LEAST_CHARACTER and wide * high >= self._least_room

    def _unlikeness(self, image: Image) -> tuple[bool, bool]:
        """Lower for a picture that is likelier to show it: called so, or formed like a line."""
        size = image.shown or image.natural
        is_line = size is not None and size[0] >= LINE * size[1]
        return not self.is_named_in(image.alt), not is_line

    @cached_property
    def _least_room(self) -> int:
        """Square pixels that its shortest form needs."""
        sizes = [len(a.example() or "") or 1 for a in self.accept]
        return min(sizes) * LEAST_CHARACTER**2

    def _absent(self, page: Page) -> Reason:
        lines = sum(text.value.count("\n") + 1 for text in page.texts or ())
        if not lines:
            return Reason.of("no_text")
        return Reason.of("not_among", things=Reason.of("texts", count=lines))

    def _mistaken(self, page: Page) -> Iterator[Evidence]:
        for text, piece, line in _pieces(page, self.mistakes):
            yield _evidence(text, piece, line, self._mistake(piece))

    def _named(self, page: Page) -> Iterator[Evidence]:
        for text in page.texts or ():
            for line in text.value.split("\n"):
                if self.is_named_in(line) and not any(self.spans(folded_lines(line))):
                    yield _evidence(text, line, "", _NAMED)


def _is_filled(image: Image, codes: Mapping[str, QrCode]) -> bool:
    """Whether it is a QR code and its quiet zone: a caption would make it higher on one side."""
    code = codes.get(image.src)
    if code is None:
        return False
    if code.where.box is not None and image.shown is not None:  # as it is painted
        size, (wide, high) = image.shown, code.where.box[2:]
    elif code.corners and image.natural is not None:
        xs, ys = zip(*code.corners, strict=True)
        size, wide, high = image.natural, max(xs) - min(xs), max(ys) - min(ys)
    else:
        return False
    over, above = size[0] - wide, size[1] - high
    return max(over, above) <= QUIET * wide and abs(over - above) <= UNEVEN * wide


_NAMED = Reason.of("named_other_text")
_NEARNESS = (_NAMED,)


def _pieces(page: Page, wordings: Sequence[Wording]) -> Iterator[tuple[Text, str, str]]:
    """What of the page's text has one of these forms, and the line in which it begins."""
    for text in page.texts or () if wordings else ():
        lines = folded_lines(text.value)
        for wording in wordings:
            for start, end in wording.spans(lines):
                line = lines[lines.rfind("\n", 0, start) + 1 :].partition("\n")[0]
                yield text, " ".join(lines[start:end].split()), line


def _evidence(text: Text, piece: str, line: str, note: Reason | None = None) -> Evidence:
    return Evidence(
        sense=Sense.TEXT,
        value=piece[:MAX_VALUE],
        label=line[:MAX_LABEL],
        note=note,
        visible=text.visible,
        where=text.where,
    )
