"""Writes a verified form into the text of a rules file; all else stays byte for byte."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import yaml

_EMPTY = re.compile(r"\[[ \t]*\]")
_PROPERTIES = re.compile(r"(?:[&!]\S*\s+)*")
"""The anchor and the tag before a value."""


class NotInPlaceError(Exception):
    """The file cannot be changed without changing something else, too."""


class RulesText:
    """The text of a rules file, of which one requirement is changed."""

    def __init__(self, text: str, requirement: str) -> None:
        self.text = text
        self._requirement = requirement
        self._line_end = "\r\n" if "\r\n" in text else "\n"
        self._expected = _plain(text)

    @property
    def holds_it(self) -> bool:
        """Whether the requirement stands in this file."""
        return any(self._is_it(entry) for entry in self._expected["requirements"])

    def form(self, payload: str) -> Mapping[str, str] | None:
        """The form with this payload, as it stands there; None where there is none."""
        return next((f for f in self._forms if f.get("payload") == payload), None)

    def add(self, form: Mapping[str, str]) -> None:
        """Add a form below the others that are accepted."""
        self._entry_expected["accept"] = [*self._forms, dict(form)]
        written = [f"{key}: {_scalar(key, value)}" for key, value in form.items()]
        self._add(written)

    def renew(self, payload: str, values: Mapping[str, str]) -> None:
        """Give the form with this payload other values."""
        for key, value in values.items():
            place = self._forms.index(self.form(payload))
            self._forms[place][key] = value
            self._set(_of(self._entry, "accept").value[place], key, _scalar(key, value))

    def set_exhaustive(self, *, exhaustive: bool) -> None:
        """Say whether all forms are known."""
        self._entry_expected["exhaustive"] = str(exhaustive).lower()
        self._set(self._entry, "exhaustive", str(exhaustive).lower())

    def check(self) -> None:
        """Raises NotInPlaceError where the text says something else than what was asked for."""
        try:
            found = _plain(self.text)
        except yaml.YAMLError as error:
            raise NotInPlaceError from error
        if found != self._expected:
            raise NotInPlaceError

    def _is_it(self, entry: Any) -> bool:
        return isinstance(entry, dict) and entry.get("id") == self._requirement

    @property
    def _entry_expected(self) -> dict[str, Any]:
        return next(e for e in self._expected["requirements"] if self._is_it(e))

    @property
    def _forms(self) -> list[Any]:
        return self._entry_expected.get("accept") or []

    @property
    def _entry(self) -> Any:
        """The requirement in the text as it is now."""
        entries = _of(self._root, "requirements").value
        places = [self._is_it(entry) for entry in self._expected["requirements"]]
        return entries[places.index(True)]

    @property
    def _root(self) -> Any:
        return yaml.compose(self.text, Loader=yaml.SafeLoader)

    def _add(self, written: list[str]) -> None:
        entry, flow = self._entry, f"{{{', '.join(written)}}}"
        accept = _of(entry, "accept")
        if accept is not None and accept.value and isinstance(accept, yaml.SequenceNode):
            if accept.flow_style:
                self._put(_end(accept.value[-1]), f", {flow}")
            else:
                self._put_lines(_end(accept), _item(self._column(accept), written))
        elif entry.flow_style:
            self._set(entry, "accept", f"[{flow}]")
        elif accept is None:
            column = _first_column(entry)
            lines = _item(column + self._offset, written)
            self._put_lines(_end(entry), [f"{' ' * column}accept:", *lines])
        elif _EMPTY.fullmatch(self._of_node(accept)):
            self._blank(accept)
            lines = _item(_first_column(entry) + self._offset, written)
            self._put_lines(accept.start_mark.index, lines)
        else:  # an empty list with a comment or an anchor
            self._put(self.text.index("[", accept.start_mark.index) + 1, flow)

    def _set(self, mapping: yaml.MappingNode, key: str, written: str) -> None:
        """Give the key this value, in the style of the mapping."""
        value = _of(mapping, key)
        if value is None and mapping.flow_style:
            self._put(_end(mapping.value[-1][1]), f", {key}: {written}")
        elif value is None:
            self._put_lines(_end(mapping), [f"{' ' * _first_column(mapping)}{key}: {written}"])
        else:
            old = self._of_node(value)
            kept = _PROPERTIES.match(old)
            start = value.start_mark.index + (kept.end() if kept else 0)
            end = value.start_mark.index + len(old)
            written = written if self.text[start - 1].isspace() else f" {written}"
            self.text = self.text[:start] + written + self.text[end:]

    def _of_node(self, node: yaml.Node) -> str:
        return self.text[node.start_mark.index : node.end_mark.index].rstrip()

    def _put(self, at: int, written: str) -> None:
        self.text = self.text[:at] + written + self.text[at:]

    def _put_lines(self, at: int, lines: list[str]) -> None:
        """Put the lines below the line of this place."""
        at = len(self.text[:at].rstrip())  # a text of several lines ends behind its last line
        line_end = self.text.find("\n", at)
        block = self._line_end.join(lines)
        if line_end < 0:
            self.text += self._line_end + block
        else:
            self._put(line_end + 1, block + self._line_end)

    def _blank(self, node: yaml.Node) -> None:
        """Take out a value; a comment behind it stays in its column."""
        start, end = node.start_mark.index, node.end_mark.index
        rest = self.text[end:].split("\n", 1)[0]
        if rest.strip():
            self.text = self.text[:start] + " " * (end - start) + self.text[end:]
        else:
            self.text = self.text[:start].rstrip(" ") + self.text[end + len(rest.rstrip("\r")) :]

    def _column(self, block: yaml.SequenceNode) -> int:
        """The column of the dashes of a list."""
        start = block.value[0].start_mark.index
        dashes = (
            token.start_mark
            for token in yaml.scan(self.text, Loader=yaml.SafeLoader)
            if isinstance(token, yaml.BlockEntryToken)
        )
        return int(max((d for d in dashes if d.index < start), key=lambda d: d.index).column)

    @property
    def _offset(self) -> int:
        """How far the dashes of this file stand in from the key above them."""
        return self._column(_of(self._root, "requirements")) - _first_column(self._root)


def _of(mapping: yaml.MappingNode, key: str) -> Any:
    """The node of the value; None where the mapping has no such key."""
    return next((value for name, value in mapping.value if name.value == key), None)


def _end(node: yaml.Node) -> int:
    """Where the last value of a node ends; a block itself ends behind the comments after it."""
    if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        # An alias is the node that it stands for, which ends above the key.
        return max(map(_end, last if isinstance(last, tuple) else (last,)))
    return int(node.end_mark.index)


def _first_column(mapping: yaml.MappingNode) -> int:
    return int(mapping.value[0][0].start_mark.column)


def _item(column: int, written: list[str]) -> list[str]:
    """The lines of an entry of a list."""
    dash, *rest = written
    return [f"{' ' * column}- {dash}", *(f"{' ' * column}  {line}" for line in rest)]


def _plain(text: str) -> Any:
    """The values as text, without what aliases share."""
    values = yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506 - makes nothing but text
    return json.loads(json.dumps(values))


def _scalar(key: str, text: str) -> str:
    """A value as YAML; in quotes, with escapes for what does not show, where it is not plain."""
    if key == "verified" or _is_plain(text):
        return text
    named = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}
    return f'"{"".join(named.get(sign) or _shown(sign) for sign in text)}"'


def _shown(sign: str) -> str:
    return sign if sign.isprintable() else f"\\U{ord(sign):08X}"


def _is_plain(text: str) -> bool:
    """Whether it needs no quotes, neither on a line of its own nor within brackets."""
    if not text.isprintable():
        return False
    try:
        read = yaml.load(f"- {text}\n- [{text}]\n- {{k: {text}}}", Loader=yaml.SafeLoader)
    except yaml.YAMLError:
        return False
    return bool(read == [text, [text], {"k": text}])
