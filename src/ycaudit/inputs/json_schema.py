"""JSON Schemas of the files, for completion and checks in editors."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from ycaudit.inputs.file_models import RulesFile, TargetsFile
from ycaudit.model import ScanRun
from ycaudit.reason_table import REASONS
from ycaudit.rules import KINDS
from ycaudit.url import WEB_PATTERN

DIALECT = "https://json-schema.org/draft/2020-12/schema"
STAMP = "# yaml-language-server: $schema="
"""Precedes the address of a schema in the first line of a YAML file, for editors."""

KEYS = {
    "TargetsFile.note": "What people should know of this list.",
    "TargetsFile.source": "Where the list comes from.",
    "TargetsFile.defaults": "What holds for every unit that does not say otherwise.",
    "TargetsFile.units": "The units: a mapping each, or a bare address.",
    "TargetsFile.waivers": "Requirements that a unit need not meet until a day.",
    "Defaults.office": "The body that supervises every unit that names no other.",
    "Defaults.tags": "Tags that every unit carries besides its own.",
    "UnitEntry.id": "A short name that does not change; without one the address gives it.",
    "UnitEntry.name": "What the unit is called in tables, reports and circulars.",
    "UnitEntry.url": "The address of the homepage, with http:// or https://.",
    "UnitEntry.sites": "Its homepages, where it runs several: the gravest decides. Not with url.",
    "UnitEntry.no_website": "true: it runs no website, is counted, and nothing is asked of it.",
    "UnitEntry.office": "The body that supervises it.",
    "UnitEntry.tags": "Groups that rules (`applies_to`) and summaries go by.",
    "UnitEntry.contact": "Whom to write to about the unit.",
    "UnitEntry.intranet": "Networks such as 10.3.0.0/16 that are open to the look at this unit.",
    "UnitEntry.data": "What else the list says of it: the column, and the text.",
    "SiteEntry.id": "A short name that does not change; without one the address gives it.",
    "SiteEntry.name": "What the site is called; without a name the unit's with its address.",
    "SiteEntry.url": "The address of the homepage, with http:// or https://.",
    "Contact.person": "The name of the person.",
    "Contact.phone": "The telephone number.",
    "Contact.email": "The address that `ycaudit mail --to-units` writes to.",
    "Waiver.unit": "The id or the name of the unit, or of one of its sites.",
    "Waiver.requirement": "The id or the name of the requirement.",
    "Waiver.reason": "Why: it stands in the reports.",
    "Waiver.approved_by": "Who approved it.",
    "Waiver.until": "The last day on which it holds.",
    "RulesFile.name": "The name of the policy.",
    "RulesFile.source": "The document that the policy comes from.",
    "RulesFile.note": "What people should know of these rules.",
    "RulesFile.requirements": "What every homepage must carry.",
    "RulesFile.third_parties": "Services whose loss hides nothing, beside the known ones.",
    "ThirdParty.name": "What the service is called.",
    "ThirdParty.hosts": "The hosts that it comes from; `*.` before one stands for one label.",
    "ThirdParty.shows": "What a visitor sees of it: `nothing` (then it is not even asked for), a "
    "`badge` of its own, or `buttons` for sharing.",
    "ThirdParty.source": "Where this is known from.",
    "Requirement.id": "A short name that does not change.",
    "Requirement.name": "What the thing is called in tables and reports.",
    "Requirement.clause": "The clause of the document that asks for it.",
    "Requirement.source": "Where what stands here comes from.",
    "Requirement.note": "What people should know of this requirement.",
    "Requirement.kind": " or ".join(f"`{kind}` ({what.title})" for kind, what in KINDS.items())
    + ".",
    "Requirement.level": "`must`, or `should`: reported, but it does not decide the outcome.",
    "Requirement.expect": "`present`, or `absent`: the thing must not be there.",
    "Requirement.visible": "What is never shown to a visitor: `expected` is undetermined, "
    "`required` fails, `any` is enough.",
    "Requirement.labels": "How sites caption it; ranks what came near and proves nothing.",
    "Requirement.resolve": "Also accept an address that redirects to an accepted one.",
    "Requirement.applies_to": "Only for units that carry one of the tags.",
    "Requirement.accept": "The forms in which it may appear: one of them is enough.",
    "Requirement.mistakes": "What is often shown instead; its `note` is shown beside a fail.",
    "Requirement.exhaustive": "Whether these forms are all there are. true: all others are wrong. "
    "false (codes only): no other code proves anything. Left out: only other addresses of the "
    "account's platform leave doubt.",
    "Requirement.as_text": "true: only text counts. Otherwise a missing text may be in a picture, "
    "which nobody has read.",
    "AppliesTo.tags": "The tags, one of which is enough.",
    "Accept.payload": "The whole text of the code, or the whole address.",
    "Accept.weibo": "Any address that names this account of Weibo.",
    "Accept.wechat": "This code of WeChat, by http or https.",
    "Accept.scheme": "http, https or another; each of them where it is left out.",
    "Accept.host": "The host, such as www.example.gov.cn; or several.",
    "Accept.domain": "A domain with all hosts below it; for `expect: absent` and for mistakes.",
    "Accept.port": "The port, where it is not the usual one.",
    "Accept.path": "A path, a glob such as /gov/*, or `root` for the homepage in all its forms.",
    "Accept.query": "Parameters that the address must have; others do not matter.",
    "Accept.resolve": "Also matches an address that redirects to this form.",
    "Form.source": "Where this form was seen.",
    "Form.note": "What it is; shown beside a fail where it stands under `mistakes`.",
    "Form.verified": "The day on which somebody compared it with the original; false: nobody "
    "could, so that it proves nothing.",
    "Wording.text": "Words that stand in one line of the page.",
    "Wording.pattern": "A regular expression (RE2) for what stands there.",
    "Wording.sample": "A text that the pattern must match: a check of the pattern itself.",
    "WeiboAccount.uid": "The number in the addresses of the account.",
    "WeChatAccount.code": "The opaque part of the code: `r/…` or `q/…`.",
}
"""What each key is for, in one sentence; keys that all kinds of requirement share stand once."""

PATTERNS = {
    "UnitEntry.url": WEB_PATTERN,
    "SiteEntry.url": WEB_PATTERN,
    "Accept.host": r"^[^*/\\?#@\s,;，；、]+$",
    "Accept.domain": r"^[^:*/\\?#@\s,;，；、]+$",
    "Accept.path": r"^(root$|[/*])",
}
"""What a text must look like; the loader looks closer and says what to write instead."""
_NAMING = {
    "Accept": ("payload", "host", "domain", "weibo", "wechat"),
    "Wording": ("text", "pattern"),
}
"""Of these keys an entry must have one."""

_SAME = dict.fromkeys((kind.__name__ for kind in KINDS.values()), "Requirement")


def targets() -> dict[str, Any]:
    """The schema of targets.yaml."""
    schema = _of_yaml(TargetsFile)
    unit = {"$ref": "#/$defs/UnitEntry"}
    address = {"type": "string", "pattern": WEB_PATTERN}
    runs = ("url", "sites", "no_website")
    schema["$defs"]["UnitEntry"]["oneOf"] = [{"required": [key]} for key in runs]
    schema["properties"]["units"]["items"] = {"anyOf": [address, unit]}
    return schema


def rules() -> dict[str, Any]:
    """The schema of a rules file."""
    schema = _of_yaml(RulesFile)
    known = schema["$defs"]
    for form, keys in _NAMING.items():
        known[form]["anyOf"] = [{"required": [key]} for key in keys]
    return schema


def run() -> dict[str, Any]:
    """The schema of the run document, which `--format json` writes."""
    schema = ScanRun.model_json_schema(mode="serialization")
    codes = [{"const": code, "description": kind.text} for code, kind in sorted(REASONS.items())]
    schema["$defs"]["Reason"]["properties"]["code"] = {"title": "Code", "oneOf": codes}
    return schema


SCHEMAS: dict[str, Callable[[], dict[str, Any]]] = {"targets": targets, "rules": rules, "run": run}


def text_of(name: str) -> str:
    """The schema as the text of a file."""
    return json.dumps(SCHEMAS[name](), ensure_ascii=False, indent=2, sort_keys=name == "run") + "\n"


def _of_yaml(model: type[TargetsFile] | type[RulesFile]) -> dict[str, Any]:
    schema = model.model_json_schema()
    for record in (schema, *schema["$defs"].values()):
        owner = _SAME.get(record["title"], record["title"])
        for name, of_key in record.get("properties", {}).items():
            of_key.pop("title", None)
            _as_written(of_key)
            if (pattern := PATTERNS.get(f"{owner}.{name}")) is not None:
                _narrow(of_key, pattern)
            of_key["description"] = KEYS[key_of(owner, name)]
    return {"$schema": DIALECT, **schema}


def key_of(owner: str, name: str) -> str:
    """Under which key of KEYS a key of a record stands: forms share some."""
    own = f"{_SAME.get(owner, owner)}.{name}"
    return own if own in KEYS else f"Form.{name}"


def _as_written(part: dict[str, Any]) -> None:
    """Also allow what the loader accepts: a word for a list of one, a number for text."""
    if part.get("type") == "array" and part["items"].get("type") == "string":
        one, many = dict(part["items"]), {k: part.pop(k) for k in ("type", "items")}
        _as_written(one)
        part["anyOf"] = [one, many]
    elif part.get("type") == "string" and not {"enum", "const", "format"} & set(part):
        part["type"] = ["string", "number"]
    else:
        for option in (*part.get("anyOf", ()), *filter(None, [part.get("additionalProperties")])):
            _as_written(option)


def _narrow(part: dict[str, Any], pattern: str) -> None:
    """Add a pattern wherever the part takes text."""
    if "string" in part.get("type", ()):
        part["pattern"] = pattern
    for option in (*part.get("anyOf", ()), *filter(None, [part.get("items")])):
        _narrow(option, pattern)
