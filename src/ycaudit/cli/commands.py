"""The commands of the program."""

from __future__ import annotations

from ycaudit.i18n import Message

COMMANDS = {
    "scan": Message("Look at every homepage of the list and judge it by the rules."),
    "check": Message("Look at one homepage and print everything that was seen, and what was not."),
    "judge": Message(
        "Judge what a stored run saw by the rules and the list as they are now, offline."
    ),
    "show": Message("Show a stored run again, without looking at any homepage."),
    "diff": Message(
        "List who newly fails, who has mended what, who has not, and what can no longer be seen."
    ),
    "history": Message(
        "List the runs that are kept, the newest first, with the figures as persons decided them."
    ),
    "review": Message(
        "Walk through what is undetermined, with its pictures, and record what a person sees."
    ),
    "cases": Message("List how far the hearing of each unit is, or record what happened to one."),
    "desk": Message(
        "Open the week as a local web page: list, rules, check, review and papers. Ctrl-C ends it."
    ),
    "sample": Message(
        "Measure the error: draw verdicts for people to check blindly, and read what they saw."
    ),
    "mail": Message(
        "Write about a run to the office, or to each failing unit; nobody gets the same run twice."
    ),
    "collect": Message("Book who has reported, and set what units claim beside what was found."),
    "pin": Message(
        "Write the payload of an official code into the rules, with its source and today's date."
    ),
    "decode": Message("Read every QR code of the images."),
    "verify": Message(
        "Check that proof is as it was written. Exit 1: something is missing, changed or was added."
    ),
    "validate": Message(
        "Check the files without looking at any homepage; every problem with file and line."
    ),
    "init": Message(
        "Write a commented targets.yaml, rules, settings, and the schemas that editors check by."
    ),
    "doctor": Message(
        "Try everything that an audit uses here, and print how to mend what does not work."
    ),
    "schema": Message(
        "Print the JSON Schema of targets.yaml, of a rules file, or of the run document."
    ),
    "import": Message(
        "Write a targets file of a list in a spreadsheet; prints what was taken and left out."
    ),
    "demo": Message(
        "Audit a fictional city on this machine, and compare with what each case must show."
    ),
}
"""What each command does, in the order in which `--help` lists them: so the list needs none of
them loaded. It is the first sentence of each one's own help."""


def module_of(name: str) -> str:
    """The module of a command."""
    return f"ycaudit.cli.{'import_' if name == 'import' else name}"
