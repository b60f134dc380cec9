"""What a command tells by the way: a quiet one only what nobody was told before."""

from __future__ import annotations

from collections.abc import Collection

from ycaudit.cli import console
from ycaudit.i18n import Message, fill
from ycaudit.terminal import legible


class Notices:
    """Prints notices on stderr and remembers them.

    A quiet command, which a clock starts night after night, keeps to itself what it has done as
    asked, and the notices of `before`: those of the time before.
    """

    def __init__(self, *, quiet: bool = False, before: Collection[str] = ()) -> None:
        self._quiet = quiet
        self._before = before
        self._said: set[str] = set()
        self.given: dict[str, None] = {}
        """The notices of this time, as they are known by, whether printed or not."""

    def notice(self, text: str, *values: object) -> None:
        """Something a person should know, and may have to mend."""
        message = Message(text, *values) if values else text
        if str(message) in self._said:
            return
        self._said.add(str(message))
        kept = legible(_same(message), "utf-8")  # it may name a file whose name is no text
        while kept in self.given:  # of another row of a list, say: one more than before is new
            kept += " +"
        self.given[kept] = None
        if not (self._quiet and kept in self._before):
            console.notice(message)

    def remark(self, text: str, *values: object) -> None:
        """What was done as asked."""
        if not self._quiet:
            console.notice(text, *values)


def _same(told: object) -> str:
    """What a notice is known by: a number that has grown since makes it no other.

    In the language of the source, as the night may have another than the day.
    """
    message = getattr(told, "message", told)
    if not isinstance(message, Message):
        return str(message)
    named = {str(n): v for n, v in enumerate(message.values) if not isinstance(v, int | float)}
    return fill(message.template, named, _same)
