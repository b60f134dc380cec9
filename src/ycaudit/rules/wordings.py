"""The words that a page must show, and how the text of a page is compared with them.

Both sides are folded first: full and half width are the same (NFKC), upper and lower case too, all
dashes are one, all middle dots and all colons, and white space counts only between two Latin
letters or digits. Patterns are matched by RE2, in time linear in the text, since they meet what
anybody may write on a page.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cached_property, lru_cache
from typing import Any, Self

from pydantic import Field, model_validator

from ycaudit.errors import InvalidValueError
from ycaudit.i18n import Message
from ycaudit.rules.forms import Form

MAX_WORDS = 1000
MAX_PATTERN_BYTES = 1 << 20
"""Of a compiled pattern: RE2 refuses what needs more."""
MAX_MATCHES = 100
"""Of one form on one page."""
_INVISIBLE = frozenset("\u00ad\u034f\u061c\u180e\u200b\u200c\u200d\u2060\ufeff")
_ALIKE = {
    **dict.fromkeys("‐‑‒–—―−﹣", "-"),
    **dict.fromkeys("•‧∙⋅●・･﹒", "·"),
    **dict.fromkeys("∶︰", ":"),
}
"""Signs that are typed for one another: dashes, middle dots and colons."""
_IDLE_SPACE = re.compile(r"(?<![A-Za-z0-9]) | (?![A-Za-z0-9])")
_BOUNDARY_BESIDE_CHINESE = re.compile(r"\\b[^\x00-\x7f]|[^\x00-\x7f]\\b")
_BLANK_BESIDE_CHINESE = re.compile(r"[^\x00-\x7f] | [^\x00-\x7f]")
Span = tuple[int, int]


@lru_cache(maxsize=20_000)
def folded(text: str) -> str:
    """A line as it is compared, apart from upper and lower case."""
    if text.isascii():
        return _IDLE_SPACE.sub("", " ".join(text.split()))
    return "".join(part for part, _ in _parts(text))


def places(text: str) -> list[int]:
    """For each character of a folded line, its place in the line itself."""
    return [place for part, place in _parts(text) for _ in part]


def _parts(text: str) -> Iterator[tuple[str, int]]:
    """The folded characters of a line, each with its place."""
    last, is_after_space = "", False
    for place, char in enumerate(text):
        if char.isspace():
            is_after_space = True
        elif part := fold(char):
            if is_after_space and _is_word(last) and _is_word(part[0]):
                yield " ", place - 1
            last, is_after_space = part[-1], False
            yield part, place


def fold(char: str) -> str:
    """A character that is no white space as it is compared; empty for one that nobody sees."""
    if char.isascii():
        return char
    if char in _INVISIBLE:
        return ""
    return _ALIKE.get(char) or unicodedata.normalize("NFKC", char).replace(" ", "")


class Wording(Form):
    """Words that a page may show: a phrase, or a pattern."""

    text: str | None = Field(default=None, min_length=1, max_length=MAX_WORDS)
    """The words, somewhere in one line of the page."""
    pattern: str | None = Field(default=None, min_length=1, max_length=MAX_WORDS)
    """A regular expression of RE2."""
    sample: str | None = Field(default=None, min_length=1, max_length=MAX_WORDS)
    """A text that the pattern must match."""

    @model_validator(mode="after")
    def _can_be_meant(self) -> Self:
        if (self.text is None) is (self.pattern is None):
            raise InvalidValueError("name either a text or a pattern")
        if self.text is not None and not folded(self.text):
            raise InvalidValueError("{0!r} shows nothing that could be compared", self.text)
        if self.pattern is not None:
            self._check_pattern(self.pattern)
        if self.sample is not None and not self.matches(self.sample):
            raise InvalidValueError("the sample {0!r} does not match", self.sample)
        if self.sample is not None and not self.matches(f"·\n{self.sample}\n·"):
            raise InvalidValueError(
                "{0!r} matches the sample only where nothing stands above or below it; ^ and $ "
                "are the ends of a line",
                self.pattern or self.text,
            )
        return self

    def _check_pattern(self, pattern: str) -> None:
        if _BLANK_BESIDE_CHINESE.search(pattern):
            raise InvalidValueError(
                "{0!r}: blanks beside Chinese are left out before texts are compared; leave them "
                "out here, too",
                pattern,
            )
        if _BOUNDARY_BESIDE_CHINESE.search(pattern):
            raise InvalidValueError(
                "{0!r}: \\b is a boundary of Latin letters and digits only; leave it out beside "
                "Chinese",
                pattern,
            )
        if self._compiled.search("") is not None:
            raise InvalidValueError("{0!r} matches even where nothing stands", pattern)

    def matches(self, text: str) -> bool:
        """Whether the words stand somewhere in the text."""
        return next(self.spans(folded_lines(text)), None) is not None

    def spans(self, text: str) -> Iterator[Span]:
        """Where the words stand in folded lines; at most MAX_MATCHES."""
        at = 0
        for _ in range(MAX_MATCHES):
            found = self._compiled.search(text, at)
            if found is None or found.end() == found.start():
                return
            yield found.span()
            at = found.end()

    def example(self) -> str | None:
        """The words, or the sample of the pattern."""
        return self.text or self.sample

    def in_words(self) -> Iterator[str]:
        """The words; of a pattern its sample, since few can read a pattern."""
        if self.sample is not None:
            yield Message("of the form of {0}", self.sample)
        else:
            yield self.text or self.pattern or ""

    def examples(self) -> Iterator[str]:
        """The words; a pattern is more than its sample."""
        if self.text is not None:
            yield self.text

    @cached_property
    def _compiled(self) -> Any:
        """Loaded here: few rules ask for a text."""
        import re2

        options = re2.Options()
        options.case_sensitive = False
        options.log_errors = False
        options.max_mem = MAX_PATTERN_BYTES
        # With (?m), ^ and $ are the ends of a line: RE2 has no option for it outside POSIX syntax.
        pattern = re2.escape(folded(self.text)) if self.text else _folded_pattern(self.pattern)
        try:
            return re2.compile(f"(?m){pattern}", options)
        except re2.error as error:
            raise InvalidValueError(
                "{0!r} is no pattern of RE2: {1}; https://github.com/google/re2/wiki/Syntax lists "
                "what it knows",
                self.pattern or "",
                _meant_by(error),
            ) from error


def folded_lines(text: str) -> str:
    """Lines as they are compared."""
    return "\n".join(map(folded, text.split("\n")))


def _folded_pattern(pattern: str | None) -> str:
    """The pattern, in which wide characters stand for themselves, not for signs of its language."""
    return "".join(map(_folded_sign, pattern or ""))


def _folded_sign(char: str) -> str:
    if char.isascii() or char.isspace():
        return char
    return "".join(c if c.isalnum() or not c.isascii() else f"\\{c}" for c in fold(char))


_RE2 = {
    "missing )": Message("a closing parenthesis is missing"),
    "unexpected )": Message("a closing parenthesis too many"),
    "missing ]": Message("a closing bracket is missing"),
    "invalid escape sequence": Message("a backslash before a sign that has no meaning with it"),
    "trailing \\": Message("a backslash at its end"),
    "no argument for repetition operator": Message("nothing stands before *, + or ?"),
    "bad repetition operator": Message("two signs of repetition in a row"),
    "invalid repetition size": Message("a repetition of more than 1000"),
    "invalid character class range": Message("a range in brackets that goes backwards"),
    "invalid perl operator": Message("(?…) of a kind that it does not know"),
    "pattern too large": Message("it is too large"),
}
"""By the words of RE2 (re2.cc)."""


def _meant_by(error: Exception) -> str:
    said = error.args[0] if error.args else b""
    words = said.decode(errors="replace") if isinstance(said, bytes) else str(said)
    known = (text for sign, text in _RE2.items() if words.startswith(sign))
    return next(known, Message("it cannot be understood"))


def _is_word(char: str) -> bool:
    return char.isascii() and char.isalnum()
