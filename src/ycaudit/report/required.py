"""What the rules ask of a homepage, in a sentence for who runs it."""

from __future__ import annotations

from ycaudit.i18n import Message, translate, translated
from ycaudit.model import Sense
from ycaudit.report.rows import clean
from ycaudit.rules import Requirement

MAX_SHAPES = 4
_ASKED = {
    Sense.LINK: Message("a link to {0}"),
    Sense.QR_CODE: Message("a QR code that says {0}"),
    Sense.TEXT: Message("the text {0}"),
}
_UNKNOWN = Message("the official one, which the rules do not know yet")


def required(requirement: Requirement) -> str:
    """What must, or must not, be on the homepage: each form that counts, up to `MAX_SHAPES`."""
    thing = _thing(requirement) if requirement.has_forms() else translate(requirement.title)
    if not thing:
        return translate(_UNKNOWN)
    return translate("not {0}", thing) if requirement.expect == "absent" else thing


def _thing(requirement: Requirement) -> str:
    """The forms of a kind that has some; empty where the rules know none."""
    shapes = [clean(str(translated(shape)), 200) for shape in requirement.in_words()]
    if not shapes:
        return ""
    more = len(shapes) - MAX_SHAPES
    listed = translate(" or ").join(shapes[:MAX_SHAPES])
    named = translate("{0} and {1} other{1:|s}", listed, more) if more > 0 else listed
    return translate(_ASKED[min(requirement.needs)], named)
