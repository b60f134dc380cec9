"""The one table of reasons: each a code with an English sentence and what to do about it.

To add a reason, add a line here and its translation, which stands under `reason.CODE` in the
catalogues. (It stands on the ground floor, since run documents carry the English sentence.)
"""

from __future__ import annotations

from dataclasses import dataclass

from ycaudit.i18n import Message


@dataclass(frozen=True, slots=True)
class Kind:
    """A sentence in English, whose holes are parameters or {because}, and what to do about it."""

    text: str
    remedy: str = ""
    """What an office that checks does about it."""
    of_site: str = ""
    """What who runs the site does about it, where `_OF_SITE` does not say so for the remedy."""
    hint: str = ""
    """What can be done about it at a terminal; not in documents."""


def _run(command: str) -> Message:
    """The hint that names a command."""
    return Message("run `{0}`", command)


_AGAIN = Message("look again later", hint=_run("ycaudit scan --only undetermined"))
_OPEN = Message(
    "open the address in a browser: if it opens, check our own network; if not, tell the unit"
)
_LIST = Message("correct the address in the list of units")
_BROWSER = Message(
    "look with a browser, and install one if there is none", hint=_run("ycaudit doctor")
)
PERSON = Message("let a person look and decide", hint=_run("ycaudit review"))
_PIN = Message("pin the official code", hint=_run("ycaudit pin"))
_VERIFY = Message("verify the form and say so in the rules file")
_UNIT = Message("the unit corrects its homepage")
_NETWORK = Message("check our own network and the rules before anybody is named")
_INTRANET = Message(
    "permit the network: `intranet:` of the unit in the list",
    hint=Message("or look at it with --allow-private"),
)
_PROXY = Message(
    "check the proxy and its name and password, or ask who runs it", hint=_run("ycaudit doctor")
)
_BUG = Message("report it with the run document: it is a bug")

OF_SITE: dict[str, str] = {
    _AGAIN: Message("look again later, with the same line"),
    _OPEN: Message(
        "see whether the homepage opens in a browser: if not, mend the site; if it does, look "
        "again later"
    ),
    _LIST: Message("check what was typed; where it is right, see to the domain and the server"),
    _BROWSER: _BROWSER,
    _PIN: Message("use the official code: ask the office that checks for its picture"),
    _VERIFY: Message("ask the office that checks whether this form counts"),
    _UNIT: Message("put what is required where visitors of the homepage see it"),
    _NETWORK: Message("check the network of this machine"),
    _INTRANET: Message("look at it with --allow-private"),
    _PROXY: _PROXY,
    _BUG: _BUG,
}
"""What who runs the site does, by what an office does; to decide is not theirs."""
ASK = Message("tell the office that checks what is said here: a person decides")
_HOMEPAGE = Message(
    "check what was typed: it must be the address of a page; where it is right, let the server "
    "answer with the page",
    hint=Message("the codes of a picture are read by `ycaudit decode`"),
)
_ADDRESS = Message("correct the address of the image, or put the image back")
_PLAIN = Message("write the address with http:// in place of https://")
_CHECK_FIRST = Message(
    "check the address first; where it is right, see whether it opens in a browser: if not, mend "
    "the site; if it does, look again later"
)
_LOAD = Message("see to it that it loads, or take it out of the page")
_PICTURE = Message("use a sound picture")
_CODE = Message("use the official picture of the code, and show it large enough")
_OFFICIAL = Message("use the official picture of the code: the office that checks has it")
_SHOW_OFFICIAL = Message(
    "show the official code where visitors of the homepage see it: the office that checks has its "
    "picture"
)
_UPLOAD = Message("upload the picture to the site, and write its address there into the page")
_CORRECT = Message("correct the address of this link to the one that is required")
_SCHEME = Message("write the address of this link with http:// in front, in half-width signs")
_FRONT_PAGE = Message("link to the front page of that site in place of this page")
_OUT_OF_COMMENT = Message("move it out of the comment")
_DIRECT = Message("link directly to the address that is required")
_REPLACE = Message("put what is required in its place")
_REQUIRED = Message(
    "use the address that is required, or the official picture of the code: the office that checks "
    "has it"
)
_ENOUGH = Message(
    "use the official code, that is enough: until the office that checks has pinned it, this is "
    "undetermined on every site"
)
_KNOWN_FORM = Message(
    "use the official code; whether one that does not tell whose it is counts, the office that "
    "checks decides"
)
_SHOW = Message("show it where visitors see it, and large enough, or take it out of the page")
_PLAINLY = Message("write it into the page itself: an image with its address in src, and no script")
_WRITE = Message("write it on the homepage as text")
_WITHOUT_LOGIN = Message("let the homepage be seen without a login")
_LET_IN = Message("let the check through: the office that checks says from which address it comes")
OF_WHAT_IS_WANTED = frozenset(
    {
        *(OF_SITE[_PIN], OF_SITE[_UNIT], _CODE, _OFFICIAL, _SHOW_OFFICIAL, _CORRECT, _SCHEME),
        *(_FRONT_PAGE, _OUT_OF_COMMENT, _DIRECT, _REPLACE, _REQUIRED, _ENOUGH, _KNOWN_FORM),
        *(_SHOW, _PLAINLY, _WRITE),
    }
)
"""What who runs the site does only about a thing that must be there."""

REASONS: dict[str, Kind] = {
    # --- what a verdict says ---
    "found": Kind("shows {value}{more:? (and # more)}"),
    "found_in_page": Kind("{value} is in the page{more:? (and # more)}"),
    "unwanted_found": Kind("shows {value}, which must not be there{more:? (and # more)}", _UNIT),
    "unwanted_in_page": Kind(
        "{value} is in the page, which must not have it{more:? (and # more)}", _UNIT
    ),
    "no_link": Kind("the homepage has no link at all", _UNIT),
    "no_image": Kind("the homepage has no image at all", _UNIT),
    "no_qr_code": Kind("the homepage has no QR code at all", _UNIT, _SHOW_OFFICIAL),
    "no_text": Kind("the homepage shows no text at all", _UNIT),
    "not_among": Kind("not among {things} of the homepage", _UNIT),
    "unwanted_not_among": Kind("as it must be: not among {things} of the homepage"),
    "links": Kind("{count} {count:link|links}"),
    "images": Kind("{count} {count:image|images}"),
    "qr_codes": Kind("{count} QR {count:code|codes}"),
    "texts": Kind("{count} {count:line|lines} of text"),
    "and": Kind("{first} and {second}"),
    "both": Kind("{first}; {second}"),
    "never_shown": Kind(
        "{value} is in the page, but no visitor gets to see it or to use it", _UNIT, _SHOW
    ),
    "never_shown_undecided": Kind(
        "{value} is in the page, but no visitor gets to see it or to use it: whether that counts, "
        "a person decides",
        PERSON,
        _SHOW,
    ),
    "visibility_unknown": Kind(
        "{value} is there, but whether a visitor gets to see it is unknown", _BROWSER
    ),
    "not_seen": Kind("not seen: {because}"),
    "not_all_seen": Kind(
        "not found, but not everything could be seen: {because}{more:? (and # more)}", PERSON
    ),
    "hidden_not_all_seen": Kind(
        "{value} is in the page, but was not seen to be shown, and not everything could be seen: "
        "{because}{more:? (and # more)}",
        PERSON,
    ),
    "waived": Kind("waived until {until} by {by}: {why}"),
    "decided": Kind("decided by {by} on {day}{note:?: #}; the machine said: {because}"),
    "unconfirmed": Kind("{first}; a second look ({observer}) could not tell: {because}", PERSON),
    "varies": Kind(
        "the page shows something else each time it is loaded, such as {value} only once", _AGAIN
    ),
    "only_sent": Kind(
        "{because}; whether a visitor's screen shows it so needs a browser", _BROWSER
    ),
    "one_look_only": Kind("{because}; only one look has seen it so", _AGAIN),
    "networks_differ": Kind(
        "two networks see it differently; from here: {here}; through {proxy}: {there}", PERSON
    ),
    "from_both_networks": Kind("from here: {here}; through {proxy}: {there}", _OPEN),
    "only_beyond": Kind("seen only through {proxy}; from here: {because}"),
    "observer_static": Kind("without a browser"),
    "observer_browser": Kind("by the browser"),
    "legacy": Kind("{text}"),
    # --- what the rules leave open ---
    "unpinned": Kind(
        "no verified payload to compare with: {count} {count:candidate|candidates} seen; "
        "pin it first",
        _PIN,
        _ENOUGH,
    ),
    "unverified_code": Kind(
        "shows {value}, but nobody has verified that it is the right one", _VERIFY
    ),
    "unverified_link": Kind(
        "{value} is there, but nobody has verified that this form is the right one", _VERIFY
    ),
    "unverified_text": Kind(
        "shows {value}, but nobody has verified that this form is the right one", _VERIFY
    ),
    "text_in_picture": Kind(
        "not in the text, but pictures may show it, which nobody has read: {src}"
        "{more:? (and # more)}",
        PERSON,
        _WRITE,
    ),
    "not_sought": Kind("that look was for other rules", _AGAIN),
    "text_not_kept": Kind("that look did not keep the text of the page", _AGAIN),
    "almost_the_same": Kind("shows {value}, which is the right one but for {difference}", _PIN),
    "link_almost_the_same": Kind(
        "{value} is there, which is the right address but for {difference}", _VERIFY
    ),
    "right_but_for": Kind("the right address but for {difference}"),
    "differs_in_both": Kind("{first} and {second}"),
    "differs_in_scheme": Kind("http or https"),
    "differs_in_start": Kind("http:// in front"),
    "differs_in_www": Kind("www."),
    "differs_in_slash": Kind("the slash at its end"),
    "differs_in_slashes": Kind("the number of slashes"),
    "differs_in_index": Kind("the name of the index page at its end"),
    "differs_in_case": Kind("upper and lower case"),
    "differs_in_query": Kind("what stands behind the ?"),
    "differs_in_fragment": Kind("what stands behind the #"),
    "unknown_forms": Kind(
        "not all forms of this code are known: {count} {count:candidate|candidates} seen; "
        "pin its payload",
        _PIN,
        _KNOWN_FORM,
    ),
    "other_form": Kind(
        "{value} is of the same platform and does not say whose it is: it may be the wanted "
        "account",
        PERSON,
        _REQUIRED,
    ),
    "may_jump": Kind("{value} may jump there: only following it can tell", PERSON, _DIRECT),
    "code_destination_unknown": Kind(
        "where the code {value} leads could not be found out: {because}", PERSON, _OFFICIAL
    ),
    "links_not_followed": Kind("where the links redirect to was not asked", _AGAIN),
    "codes_not_followed": Kind(
        "where {count} {count:candidate|candidates} seen redirect to was not asked", _AGAIN
    ),
    "destination_unknown": Kind(
        "where {value} leads could not be found out: {because}", PERSON, _DIRECT
    ),
    # --- what came near ---
    "in_comment": Kind(
        "stands only in a comment of the page, which no visitor sees", _UNIT, _OUT_OF_COMMENT
    ),
    "only_in_markup": Kind(
        "stands in the markup, but the browser did not show it", _UNIT, _PLAINLY
    ),
    "other_code_in_comment": Kind("another code, in a comment of the page"),
    "known_mistake": Kind("is known to be something else", _UNIT, _REPLACE),
    "rule_says": Kind("{text}", _UNIT, _REPLACE),
    "asked_by_other": Kind("is what {other} asks for, not {mine}"),
    "link_lacks_www": Kind("the address lacks the www. of {host}", _UNIT, _CORRECT),
    "link_has_www": Kind("the address has www., which {host} has not", _UNIT, _CORRECT),
    "link_lacks_scheme": Kind(
        "the address lacks its http://, so browsers take it for a page of this site", _UNIT, _SCHEME
    ),
    "link_has_wide_sign": Kind(
        "the address has the sign {sign} in its start, so browsers take it for a page of this site",
        _UNIT,
        _SCHEME,
    ),
    "link_scheme_misspelt": Kind(
        "the address begins with {start} in place of http://, so browsers do not find it",
        _UNIT,
        _SCHEME,
    ),
    "named_other_page": Kind(
        "has the right name, but leads to another page of the site", _UNIT, _FRONT_PAGE
    ),
    "lookalike_host": Kind("looks alike, but leads to another host", _UNIT, _CORRECT),
    "named_leads_elsewhere": Kind("has the right name, but leads elsewhere", _UNIT, _CORRECT),
    "named_own_page": Kind("has the right name, but leads to a page of this site", _UNIT, _DIRECT),
    "sends_there": Kind("the homepage sends its visitors there by itself"),
    "named_leads_nowhere": Kind(
        "has the right name, but no address: a click leads nowhere", _UNIT, _DIRECT
    ),
    "other_page": Kind("another page of the right site"),
    "other_code_labelled": Kind("another code under the right label", _UNIT, _OFFICIAL),
    "code_of_unknown_owner": Kind(
        "under the right label; what it says does not tell whose account it is", _UNIT, _OFFICIAL
    ),
    "link_in_place_of_code": Kind(
        "a link to it, but what is asked for is its QR code", _UNIT, _OFFICIAL
    ),
    "code_labelled_so": Kind("under the right label; there is no official one to compare it with"),
    "picture_without_code": Kind(
        "a picture of this name, in which no code was read", _UNIT, _OFFICIAL
    ),
    "picture_lost": Kind("a picture of this name, which cannot be opened", _UNIT, _ADDRESS),
    "picture_on_own_disk": Kind(
        "a picture of this name on the computer of whoever wrote the page: no visitor gets it",
        _UNIT,
        _UPLOAD,
    ),
    "other_code_of_host": Kind("another code of the right host"),
    "named_other_text": Kind("has the name, but not the words that are asked for", _UNIT, _REPLACE),
    "other_code": Kind("another code of the page"),
    # --- reaching the server ---
    "refused_address": Kind(
        "{host:?# is at }{address}, no public address",
        _INTRANET,
        hint=Message("--allow-private permits it, or for a unit of a list its `intranet`"),
    ),
    "dns_timeout": Kind("no name server answered for {host} in {seconds:g} s", _AGAIN),
    "dns_no_address": Kind("the name {host} has no address", _LIST),
    "bad_address": Kind("no such address", _LIST),
    "connection_refused": Kind("the server refuses connections", _OPEN),
    "network_unreachable": Kind("no way leads to the server's network", _OPEN),
    "host_unreachable": Kind("no way leads to the server", _OPEN),
    "connection_reset": Kind("the connection was reset", _OPEN),
    "connection_closed": Kind("the server hung up without an answer", _OPEN),
    "connection_broken": Kind("the server hung up before the end", _OPEN),
    "connection_failed": Kind("no connection", _OPEN),
    "not_recorded": Kind("the recording has no answer to it"),
    "connection_timeout": Kind("the server does not answer in time", _OPEN),
    "timeout": Kind("no whole answer within {seconds:g} s", _OPEN),
    "proxy_unreachable": Kind("the proxy {proxy} cannot be reached{because:?: #}", _PROXY),
    "proxy_locked": Kind(
        "the proxy {proxy} asks for a name and password, or does not take those given (407)", _PROXY
    ),
    "proxy_no_proxy": Kind("what answers at {proxy} is no HTTP proxy", _PROXY),
    "proxy_refuses": Kind(
        "the proxy {proxy} does not let us through to {place} (it answered {status})", _PROXY
    ),
    "proxy_found_no_way": Kind(
        "the proxy {proxy} found no way to {place} (it answered {status})", _OPEN
    ),
    "not_http": Kind("the server does not speak HTTP properly", _OPEN),
    "http_ambiguous": Kind(
        "the server sends two different {header} headers: two readers may see two answers, and "
        "browsers show none",
        _OPEN,
    ),
    "http_headers_too_long": Kind("the server's headers are too long or have no end", _OPEN),
    "tls_failed": Kind("no TLS handshake in any version{because:?: #}", _OPEN),
    "tls_unverified": Kind("read without verifying TLS: {because}"),
    "tls_expired": Kind("the certificate has expired"),
    "tls_not_yet_valid": Kind("the certificate is not valid yet"),
    "tls_self_signed": Kind("the certificate is signed by nobody else"),
    "tls_unknown_issuer": Kind("the certificate's issuer is unknown or was not sent along"),
    "tls_wrong_host": Kind("the certificate is for another host"),
    "tls_outdated": Kind("the server speaks outdated TLS only"),
    "tls_unverifiable": Kind("the certificate cannot be verified"),
    "tls_other": Kind("the handshake fails"),
    "tls_not_spoken": Kind(
        "no TLS is spoken at that port; the address may begin with http://", of_site=_PLAIN
    ),
    "tls_broken_off": Kind("the server broke off the handshake"),
    "too_many_redirects": Kind("more than {count} redirects", _OPEN),
    "bad_redirect": Kind("redirected to {target}, which is no web address", _OPEN),
    "too_many_onward_pages": Kind("more than {count} pages that send the visitor on", _OPEN),
    # --- bodies that are not whole ---
    "body_too_long": Kind("longer than {megabytes} MB: cut off", PERSON),
    "body_broke_off": Kind("broke off after {count} {count:byte|bytes}", _AGAIN),
    "body_encoding_unknown": Kind("packed as {encoding}, which was not asked for", PERSON),
    "body_encoding_broke_off": Kind("broke off in the middle of its {encoding} data", _AGAIN),
    "body_encoding_damaged": Kind("damaged {encoding} data", _AGAIN),
    "too_many_tags": Kind("more than {count} tags: cut off", PERSON),
    "nested_too_deep": Kind("nested deeper than {count} elements: cut off", PERSON),
    # --- what stands in place of a homepage ---
    "http_status": Kind("the server answered {status}", _OPEN, _CHECK_FIRST),
    "gateway_status": Kind("answered {status}, as gateways do to robots", PERSON, _LET_IN),
    "gateway_page": Kind("answered {status} with a page that checks visitors", PERSON, _LET_IN),
    "checks_visitors": Kind(
        "the server answered with a page that checks visitors", PERSON, _LET_IN
    ),
    "answered_instead": Kind("answered {status}: {because}", PERSON),
    "stands_in_login": Kind(
        "a page to log in stands in place of the homepage", PERSON, _WITHOUT_LOGIN
    ),
    "maintenance": Kind("the page only says that the site is under maintenance or closed", _AGAIN),
    "stands_in_gateway": Kind("a gateway's page stands in place of the homepage", PERSON, _LET_IN),
    "stands_in_too_often": Kind("the server says that it was asked too often", _AGAIN),
    "stands_in_region": Kind("the server lets in visitors from some regions only", PERSON, _LET_IN),
    "stands_in_parked": Kind("the domain is parked or for sale", _LIST),
    "stands_in_default": Kind(
        "the default page of a server stands in place of the homepage", _OPEN
    ),
    "stands_in_hosting": Kind("the hosting company's page stands in place of the homepage", _OPEN),
    "stands_in_portal": Kind("a page to log in to a network stands in its place", _NETWORK),
    "stands_in_error": Kind("the page only tells an error", _OPEN),
    "stands_in_bare": Kind(
        "a page of {links} {links:link|links} and {text} characters is no homepage", PERSON
    ),
    "no_own_link": Kind("no link leads to the site itself"),
    "ends_elsewhere": Kind("the address leads to the homepage of {unit}"),
    "sends_on": Kind("after {seconds:g} s the homepage sends its visitors on to {url}"),
    "cloaked": Kind("shows a browser another page than a program that says what it is"),
    "empty_page": Kind("the server answered with an empty page", _OPEN),
    "almost_empty_page": Kind("the server answered with an almost empty page", _OPEN),
    "nothing_readable": Kind("nothing of the page could be read: {because}", _OPEN),
    "not_html": Kind("the homepage is not HTML but {type}", _LIST, _HOMEPAGE),
    "no_content_type": Kind("something without a content type"),
    "a_picture": Kind("a picture"),
    "a_file": Kind("a file"),
    "download": Kind("the homepage is a file to download", _LIST, _HOMEPAGE),
    "url_answered": Kind("{url} answered {status}", PERSON, _DIRECT),
    "url_checks_visitors": Kind("{url} checks its visitors", PERSON, _DIRECT),
    "url_keeps_out": Kind("{url} does not let everybody in", PERSON, _DIRECT),
    "url_short_script": Kind(
        "{url} is a short page with a script, which may send the visitor on", PERSON, _DIRECT
    ),
    "url_has_script": Kind("a script of {url} may send the visitor on", PERSON, _DIRECT),
    "url_by_device": Kind(
        "{url} leads a phone to {phone} and a computer to {computer}", PERSON, _DIRECT
    ),
    "url_names_address": Kind(
        "{url} may send the visitor on to the address that it names", PERSON, _DIRECT
    ),
    # --- parts of a page that were not seen ---
    "glimpsed": Kind("only what the rules ask for was looked for, and found"),
    "page_too_large": Kind("the page holds too much", PERSON),
    "page_cut_off": Kind("the document did not come to its end", _AGAIN),
    "sheets_not_read": Kind("style sheets not looked at yet"),
    "frame_not_read": Kind("frame {url} not looked at yet"),
    "script_not_run": Kind("{script} not looked at yet"),
    "images_not_read": Kind("{count} {count:image|images} not looked at closely yet"),
    "shadow_roots": Kind("parts of the page that only a browser puts together", _BROWSER),
    "only_in_a_browser": Kind("{part}: what comes of it only a browser can tell", _BROWSER),
    "drawn_with_boxes": Kind("very many empty boxes, which may draw a code", _BROWSER),
    "frame_lost": Kind("frame {url} was lost: {because}", PERSON, _LOAD),
    "frame_too_deep": Kind("nested too deep to enter"),
    "sheet_lost": Kind("sheet {url} was lost: {because}", PERSON, _LOAD),
    "sheet_not_whole": Kind("sheet {url} is not whole: {because}", PERSON, _LOAD),
    "sheet_not_read": Kind("sheet {url} was not read: sheets import too many others", PERSON),
    "script_lost": Kind("script {url} was lost: {because}", PERSON, _LOAD),
    "request_lost": Kind("the page did not get {url}: {because}", PERSON, _LOAD),
    "request_pending": Kind("{url} had not come when we looked", _AGAIN),
    "script_at": Kind("script {url}"),
    "script_inline": Kind("a script in the page"),
    "needs_browser": Kind("{script} needs a browser ({because})", _BROWSER),
    "too_many_scripts": Kind("too many scripts"),
    "script_unavailable": Kind("source was not available"),
    "script_runs_later": Kind("runs later"),
    "script_out_of_time": Kind("out of time"),
    "script_no_engine": Kind("no script engine"),
    "script_by_chance": Kind("depends on chance"),
    "script_markup_open": Kind("an earlier script leaves markup open"),
    "script_write_replaced": Kind("an earlier script may replace document.write"),
    "script_fails": Kind("fails"),
    "script_uses_promises": Kind("uses promises"),
    "script_does_more": Kind("does more than write"),
    "image_lost": Kind("image {src} was lost: {because}", PERSON, _ADDRESS),
    "image_unopened": Kind("image {src} could not be opened: {because}", PERSON, _PICTURE),
    "image_not_whole": Kind(
        "image {src} is cut off, or an animation too long to be looked at whole", PERSON, _PICTURE
    ),
    "code_unread": Kind(
        "image {src} holds a code that could not be read ({because})", PERSON, _CODE
    ),
    "modules_blurred": Kind("its modules could not be told apart"),
    "may_be_mini_program": Kind("it may be a mini-program code, which no decoder reads"),
    "captioned_as_other": Kind("its caption says {other}"),
    "shown_too_small": Kind(
        "shown only {width} × {height} pixels large; 160 × 160 are large enough"
    ),
    "charset_guessed": Kind(
        "the code does not say in which charset its text is; it was read as {charset}"
    ),
    "data_url_empty": Kind("a data address without data"),
    "data_url_damaged": Kind("damaged base64 in a data address"),
    "image_empty": Kind("the image is empty"),
    "image_too_large": Kind("the image has {width} × {height} pixels"),
    "image_too_many_pixels": Kind("the image has too many pixels to be opened"),
    "image_too_small": Kind("the image is only {width} × {height} pixels"),
    "image_too_much_memory": Kind("the image needs too much memory"),
    "image_damaged": Kind("the image is damaged"),
    "image_unknown_format": Kind("the bytes are no image of a known format"),
    "image_shown_by_few": Kind(
        "HEIC is a format that Chromium does not show; saved as PNG or JPEG, everybody sees it"
    ),
    "image_needs_jxl": Kind(
        'JPEG XL is not opened here; in the folder of ycaudit, run pip install ".[jxl]"'
    ),
    "image_given_up": Kind(
        "it takes too long or too much memory to open, so it was given up", _AGAIN
    ),
    "drawing_too_large": Kind("the drawing is larger than 4 MB"),
    "drawing_has_entities": Kind("the drawing's entities unfold too far, as those of attacks do"),
    "sheet_shows_text": Kind("a style sheet puts text on the page", _BROWSER),
    "text_too_long": Kind("more than {count} characters of text", PERSON),
    "drawing_not_read": Kind("a drawing may show text, which nobody has read"),
    # --- the browser ---
    "browser_failed": Kind("the browser could not load it", _OPEN),
    "browser_gave_up": Kind("the browser gave up", _AGAIN),
    "browser_no_answer": Kind("the browser got no answer in time", _OPEN),
    "asks_without_end": Kind("the page asks its visitor again and again", PERSON),
    "browser_no_page": Kind("the browser shows no page", _AGAIN),
    "browser_kept_out": Kind("the page's scripts never let the browser look", PERSON, _LET_IN),
    "browser_lost": Kind("the browser lost it", _AGAIN),
    "too_costly": Kind("the page loads more than a look may cost", PERSON),
    "not_explored_yet": Kind("not everything that a visitor reaches was tried yet"),
    "not_all_tried": Kind(
        "{count} more {count:thing|things} that may open something {count:was|were} not tried",
        PERSON,
    ),
    "other_page_came": Kind(
        "loaded once more, the site gave another page, and not everything was tried by then", _AGAIN
    ),
    "not_waited_for": Kind("more things do something than could be waited for", PERSON),
    "browser_refuses": Kind("the server keeps other sites from showing it"),
    "blank_window": Kind("a click opens a window, and where it leads is not known", PERSON),
    "closes_page": Kind("a click on “{name}” closes the page", PERSON),
    "page_too_long": Kind("the page is longer than {count} screens", PERSON),
    "painted_unread": Kind(
        "the screen shows a code that could not be read ({because})", PERSON, _CODE
    ),
    "not_asked_for": Kind("the browser did not ask for it"),
    # --- states of a page ---
    "state_scrolled": Kind("after scrolling"),
    "state_turned": Kind("at another moment of what moves by itself"),
    "state_box_scrolled": Kind("after scrolling a box"),
    "state_waited": Kind("after {seconds:g} s"),
    "state_hover": Kind("while pointing at “{name}”"),
    "state_focus": Kind("with the focus on “{name}”"),
    "state_chosen": Kind("after choosing “{name}”"),
    "state_click": Kind("after a click on “{name}”"),
    "state_jump": Kind("by way of {url}"),
    # --- our own ---
    "look_timeout": Kind("the look took longer than {seconds:g} s", _AGAIN),
    "saw_nothing": Kind("the observer saw nothing", _BUG),
    "our_bug": Kind("the program failed at this page", _BUG),
    "workers_died": Kind("every process that looked at it died", _AGAIN),
    "many_unreachable": Kind(
        "{count} of {units} units cannot be reached: our own network is the likelier cause",
        _NETWORK,
    ),
    "unreachable_jumped": Kind(
        "units that cannot be reached went from at most {before:.0%} to {now:.0%}: our own network "
        "is the likelier cause",
        _NETWORK,
    ),
    "failing_jumped": Kind(
        "units that fail went from at most {before:.0%} to {now:.0%}: check the rules and our own "
        "network first",
        _NETWORK,
    ),
    "control_page_misjudged": Kind(
        "{page}: “{requirement}” was judged {outcome} ({observer}: {because})", _NETWORK
    ),
    "control_page_full": Kind("control page that carries everything"),
    "control_page_empty": Kind("control page that carries nothing"),
    "worker_says": Kind("{worker}: {because}"),
    "worker_not_checked": Kind("did not pass the control pages", _NETWORK),
    "outcome_pass": Kind("pass"),
    "outcome_fail": Kind("fail"),
    "outcome_undetermined": Kind("undetermined"),
    "outcome_waived": Kind("waived"),
}
"""By code; codes are part of the run document and stay as they are."""
