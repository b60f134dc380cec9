"""What a policy asks for, and the judge that compares an observation with it.

To add a kind of requirement, write its class and name it in `Requirement` and in `KINDS`.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from ycaudit.rules.base import BaseRequirement
from ycaudit.rules.link import LinkRequirement
from ycaudit.rules.qr import QrRequirement

Requirement = Annotated[LinkRequirement | QrRequirement, Field(discriminator="kind")]
KINDS: dict[str, type[BaseRequirement]] = {"link": LinkRequirement, "qr": QrRequirement}
"""By the value of `kind` in a rules file; a test compares this with `Requirement`."""
