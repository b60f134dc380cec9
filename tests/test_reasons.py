"""What can be done about a reason: by an office that checks, and by who runs the site."""

from __future__ import annotations

import re

import pytest

from ycaudit import i18n
from ycaudit.reason_table import REASONS
from ycaudit.reasons import Reason, remedy, site_remedy

_OF_OFFICES = re.compile(r"ycaudit (review|pin|scan)|list of units|rules file|tell the unit")


def advised(reason: Reason) -> str:
    with i18n.in_language("en"):
        return site_remedy(reason)


@pytest.mark.parametrize("code", [code for code, kind in REASONS.items() if kind.remedy])
def test_who_runs_the_site_is_never_sent_to_what_only_an_office_has(code: str) -> None:
    advice = advised(Reason(code=code))
    assert advice
    assert not _OF_OFFICES.search(advice)


def test_where_nothing_is_to_be_done_no_advice_is_given() -> None:
    assert advised(Reason.of("found", value="x", more=0)) == ""


@pytest.mark.parametrize(
    ("inner", "advice"),
    [
        (Reason.of("image_lost", src="a.png", because=Reason.of("http_status", status=404)),
         "correct the address of the image, or put the image back"),
        (Reason.of("code_unread", src="a.png", because=Reason.of("modules_blurred")),
         "use the official picture of the code, and show it large enough"),
        (Reason.of("needs_browser", script=Reason.of("script_inline"),
                   because=Reason.of("script_does_more")),
         "look with a browser, and install one if there is none; run `ycaudit doctor`"),
        (Reason.of("page_too_large"),
         "tell the office that checks what is said here: a person decides"),
    ],
)  # fmt: skip
def test_of_what_was_not_seen_the_advice_is_that_of_the_thing_itself(
    inner: Reason, advice: str
) -> None:
    whole = Reason.of("not_all_seen", because=inner, more=0)
    assert advised(whole) == advice
    with i18n.in_language("en"):
        assert remedy(whole) == "let a person look and decide; run `ycaudit review`"


def test_a_link_that_may_jump_is_to_lead_there_directly() -> None:
    advice = advised(Reason.of("may_jump", value="http://own.test/go"))
    assert advice == "link directly to the address that is required"


def test_what_is_known_of_a_failed_handshake_is_what_the_advice_says() -> None:
    why = Reason.of("tls_failed", because=Reason.of("tls_not_spoken"))
    assert advised(why) == "write the address with http:// in place of https://"


def test_a_code_is_never_to_be_linked_to() -> None:
    code = Reason.of("code_destination_unknown", value="x", because=Reason.of("url_answered",
                     url="x", status=500))  # fmt: skip
    assert advised(code).startswith("use the official picture of the code")


def test_an_address_that_is_not_public_is_named_once() -> None:
    alone = Reason.of("refused_address", host="", address="127.0.0.1")
    assert str(alone).startswith("127.0.0.1, no public address")
    named = Reason.of("refused_address", host="a.test", address="10.0.0.1")
    assert str(named).startswith("a.test is at 10.0.0.1, no public address")


def test_away_from_a_terminal_no_command_is_named_and_none_asks_again_who_has_decided() -> None:
    unread = Reason.of("code_unread", src="a.png", because=Reason.of("modules_blurred"))
    pin = Reason.of("unpinned", count=0)
    with i18n.in_language("en"), i18n.away_from_terminal():
        assert remedy(unread) == "let a person look and decide"
    with i18n.in_language("en"):
        assert remedy(Reason.of("decided", by="王敏", day="", note="", because=unread)) == ""
        decided = Reason.of("decided", by="王敏", day="", note="", because=pin)
        assert remedy(decided) == "pin the official code; run `ycaudit pin`"


def test_how_a_terminal_permits_an_address_is_said_at_a_terminal_alone() -> None:
    inside = Reason.of("refused_address", host="", address="10.0.0.1")
    with i18n.in_language("en"):
        assert inside.translated().startswith("10.0.0.1, no public address; --allow-private")
        with i18n.away_from_terminal():
            assert inside.translated() == "10.0.0.1, no public address"
    assert inside.sentence == "10.0.0.1, no public address"
