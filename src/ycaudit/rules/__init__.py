"""What a policy asks for, and the judge that compares an observation with it.

To add a kind of requirement, write its class and name it in `Requirement`.
"""

from __future__ import annotations

from typing import Annotated, get_args

from pydantic import Field

from ycaudit.rules.base import BaseRequirement
from ycaudit.rules.link import LinkRequirement
from ycaudit.rules.qr import QrRequirement
from ycaudit.rules.text import TextRequirement

Requirement = Annotated[
    LinkRequirement | QrRequirement | TextRequirement, Field(discriminator="kind")
]
KINDS: dict[str, type[BaseRequirement]] = {
    kind.word(): kind for kind in get_args(get_args(Requirement)[0])
}
"""By the value of `kind` in a rules file."""
