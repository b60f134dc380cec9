"""What all records are, and the types that several of them use."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

Pixels = tuple[int, int]
Box = tuple[int, int, int, int]


class Record(BaseModel):
    """A frozen record that refuses unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="null")


class LeanRecord(Record):
    """A record of which a scan holds one for each unit.

    It forgets which of its fields were given and which are defaults: that weighs half a kilobyte.
    """

    def model_post_init(self, _context: object) -> None:
        """Forget it as soon as it is known."""
        self.model_fields_set.clear()


HostPattern = Annotated[
    str,
    StringConstraints(
        pattern=r"^(\*\.)?[A-Za-z0-9\u4e00-\u9fff-]+(\.[A-Za-z0-9\u4e00-\u9fff-]+)+$", to_lower=True
    ),
]
"""A host, such as `dcs.conac.cn`; `*.` before it stands for one label."""


def without(*computed: str) -> Callable[[object], object]:
    """What is computed is written for readers, and computed again when read back."""

    def dropped(data: object) -> object:
        if not isinstance(data, dict):
            return data
        return {key: value for key, value in data.items() if key not in computed}

    return dropped
