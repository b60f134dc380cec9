"""The commands of the program."""

from __future__ import annotations

COMMANDS = {
    "scan": "scan",
    "check": "check",
    "judge": "judge",
    "show": "show",
    "diff": "diff",
    "history": "history",
    "review": "review",
    "cases": "cases",
    "desk": "desk",
    "sample": "sample",
    "mail": "mail",
    "collect": "collect",
    "pin": "pin",
    "decode": "decode",
    "verify": "verify",
    "validate": "validate",
    "init": "init",
    "doctor": "doctor",
    "schema": "schema",
    "import": "import_",
    "demo": "demo",
}
"""The module of each command, in the order in which `--help` lists them."""
