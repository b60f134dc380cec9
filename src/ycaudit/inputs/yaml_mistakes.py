"""What the parser's words mean to whoever wrote the file."""

from __future__ import annotations

import re

from ycaudit.i18n import Message

_YAML_BREAK = re.compile("\r\n|[\r\n\x85\u2028\u2029]")
_TAB = Message("a tab or an odd sign begins the line; indent with blanks")
_TABBED = re.compile(r" *\t")
"""What indents a line with a tab."""
_TAB_IS_MEANT = ("','", "end of stream", "document indicator", "escape")
"""Of messages about brackets and quotes, within which a line may be indented with a tab."""
_YAML = (
    ("cannot start any token", _TAB),
    ("tab character", _TAB),
    ("did not find expected ',' or", Message("a comma or a closing bracket is missing")),
    ("did not find expected key", Message("the line is indented otherwise than those above")),
    ("did not find expected '-'", Message("the line is indented otherwise than those above")),
    ("mapping values are not allowed", Message("a colon too many; put the text into quotes")),
    ("could not find expected ':'", Message("a colon is missing after a key")),
    ("unexpected end of stream", Message("a closing quote is missing")),
    ("unexpected document indicator", Message("a closing quote is missing")),
    ("undefined alias", Message("a word begins with *; put it into quotes")),
    ("alphabetic or numeric character", Message("a word begins with * or &; put it into quotes")),
    ("escape", Message("a backslash within double quotes; use single quotes")),
)
"""What the commonest messages of libyaml mean to whoever wrote the file."""


def meaning(problem: str, line: int | None, text: str) -> Message:
    """What is wrong in this line (1-based) of a file, by what libyaml says is the problem."""
    what = next((told for sign, told in _YAML if sign in problem), None)
    if _TABBED.match(_text_of(line, text)) and not any(sign in problem for sign in _TAB_IS_MEANT):
        what = _TAB
    return Message(
        "not valid YAML: {0}",
        what or Message("compare this line and the one above with an example"),
    )


def _text_of(line: int | None, text: str) -> str:
    """The line as YAML counts lines; empty where there is none."""
    lines = _YAML_BREAK.split(text)
    return lines[line - 1] if line is not None and line <= len(lines) else ""
