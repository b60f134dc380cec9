"""The languages that people read, and which of them is wanted."""

from __future__ import annotations

from collections.abc import Mapping

LANGUAGES = ("zh", "en")
VARIABLE = "YCAUDIT_LANG"


def wanted(environment: Mapping[str, str]) -> str:
    """The language that YCAUDIT_LANG names, else that of the locale: Chinese or English."""
    if (named := environment.get(VARIABLE, "")) in LANGUAGES:
        return named
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if locale := environment.get(variable):
            return "zh" if locale.lower().startswith("zh") else "en"
    return "en"
