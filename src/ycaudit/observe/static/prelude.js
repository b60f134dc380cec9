// A page seen from inside a script, without a page: it notes what is written and where the visitor
// is sent, and halts the script at whatever it does not model.
//
// Why a script that halts cannot lie: the note that it halted lives in this closure, out of reach
// of the page, and every later write of that script is ignored, even if the page catches what is
// thrown. Page code may redefine every built-in, so nothing here calls one that is not captured
// first, and nothing here iterates, spreads or concatenates arrays.
(function () {
  "use strict";
  const { apply, construct, defineProperty, get, has, getOwnPropertyDescriptor, setPrototypeOf } = Reflect;
  const { indexOf, substring, toLowerCase, trim, toWellFormed, charCodeAt } = String.prototype;
  const { exec } = RegExp.prototype;
  const globalEval = eval, world = globalThis, ObjectPrototype = Object.prototype;
  const RealDate = Date, getTime = Date.prototype.getTime, dateText = Date.prototype.toString;
  const Mirror = Proxy, Mistake = TypeError, list = JSON.parse;
  const STOP = "this needs a browser";

  const find = (text, part, from) => apply(indexOf, text, [part, from]);
  const cut = (text, from, to) => apply(substring, text, [from, to]);
  const lower = (text) => apply(toLowerCase, text, []);
  // Not by `test`, which asks for whatever `exec` the page has put into its place.
  const matches = (pattern, text) => apply(exec, pattern, [text]) !== null;
  const at = (text, i) => apply(charCodeAt, text, [i]);
  const owns = (thing, key) => getOwnPropertyDescriptor(thing, key) !== undefined;
  const keep = (thing, key, value, configurable = true, enumerable = false) => defineProperty(
    thing, key, { __proto__: null, value, writable: true, enumerable, configurable });
  const fix = (thing, key, value) => defineProperty(
    thing, key, { __proto__: null, value, writable: false, enumerable: true, configurable: false });
  const accessor = (thing, key, read, write, configurable = true) => defineProperty(
    thing, key, { __proto__: null, get: read, set: write, enumerable: false, configurable });
  const names = (text) => {
    const found = { __proto__: null };
    for (const line of text.split("\n")) for (const name of line.split(" ")) if (name) found[name] = true;
    return found;
  };

  // --- what browsers have, and this does not: reading one of these halts ---

  const WINDOW = names(`
    AbortController AbortSignal AnalyserNode Animation AnimationEvent Attr Audio AudioContext
    BarProp Blob BroadcastChannel CDATASection CSS CSSRule CSSStyleDeclaration CSSStyleSheet Cache
    CacheStorage CanvasRenderingContext2D CharacterData Clipboard ClipboardEvent CloseEvent Comment
    CompositionEvent CompressionStream Credential Crypto CustomElementRegistry CustomEvent DOMError
    DOMException DOMImplementation DOMMatrix DOMParser DOMPoint DOMRect DOMStringList DOMTokenList
    DataTransfer DeviceMotionEvent DeviceOrientationEvent Document DocumentFragment DocumentType
    DragEvent Element ErrorEvent Event EventSource EventTarget External File FileList FileReader
    FileSystem FocusEvent FontFace FormData Gamepad Geolocation HTMLAllCollection HTMLAnchorElement
    HTMLAreaElement HTMLAudioElement HTMLBodyElement HTMLButtonElement HTMLCanvasElement
    HTMLCollection HTMLDivElement HTMLDocument HTMLElement HTMLEmbedElement HTMLFormElement
    HTMLFrameElement HTMLHeadElement HTMLHtmlElement HTMLIFrameElement HTMLImageElement
    HTMLInputElement HTMLLIElement HTMLLinkElement HTMLMapElement HTMLMediaElement HTMLMetaElement
    HTMLObjectElement HTMLOptionElement HTMLParagraphElement HTMLScriptElement HTMLSelectElement
    HTMLSpanElement HTMLStyleElement HTMLTableElement HTMLTextAreaElement HTMLTitleElement
    HTMLUListElement HTMLUnknownElement HTMLVideoElement HashChangeEvent Headers Highlight History
    IDBDatabase IDBFactory IDBKeyRange ImageBitmap ImageData InputEvent IntersectionObserver Intl
    KeyboardEvent Location Lock MediaQueryList MediaRecorder MediaSource MediaStream MessageChannel
    MessageEvent MessagePort MimeType MouseEvent MutationEvent MutationObserver MutationRecord
    NamedNodeMap Navigation Navigator Node NodeFilter NodeIterator NodeList Notification
    OffscreenCanvas Option PageTransitionEvent Path2D PaymentRequest Performance
    PerformanceObserver PerformanceTiming Plugin PluginArray PointerEvent PopStateEvent
    ProcessingInstruction ProgressEvent PromiseRejectionEvent RTCPeerConnection RadioNodeList Range
    ReadableStream Report ReportingObserver Request ResizeObserver Response SVGElement SVGSVGElement
    Screen Scheduler Selection ServiceWorker ShadowRoot SharedWorker SpeechSynthesis Storage
    StorageEvent StyleSheet StyleSheetList SubmitEvent Text TextDecoder TextEncoder TextEvent
    TextMetrics Touch TouchEvent TouchList TransitionEvent TreeWalker TrustedHTML UIEvent URL
    URLPattern URLSearchParams ValidityState WebAssembly WebGLRenderingContext WebKitCSSMatrix
    WebKitMutationObserver WebSocket WheelEvent Window Worker Worklet WritableStream XMLDocument
    XMLHttpRequest XMLSerializer XPathEvaluator XPathResult XSLTProcessor
    caches cancelAnimationFrame cancelIdleCallback captureEvents chrome clientInformation close
    closed confirm cookieStore createImageBitmap credentialless crossOriginIsolated crypto
    customElements devicePixelRatio dispatchEvent documentPictureInPicture event external fence
    fetch fetchLater find frameElement getComputedStyle getScreenDetails getSelection history
    indexedDB innerHeight isSecureContext launchQueue length localStorage locationbar matchMedia
    menubar name navigation offscreenBuffering open openDatabase opener origin originAgentCluster
    outerHeight outerWidth pageXOffset pageYOffset performance personalbar postMessage print prompt
    queryLocalFonts queueMicrotask releaseEvents removeEventListener reportError scheduler screenLeft
    screenTop screenX screenY scrollX scrollY scrollbars sessionStorage sharedStorage
    showDirectoryPicker showOpenFilePicker showSaveFilePicker speechSynthesis status statusbar stop
    structuredClone styleMedia toolbar trustedTypes viewport visualViewport
    webkitCancelAnimationFrame webkitMediaStream webkitRTCPeerConnection
    webkitRequestAnimationFrame webkitRequestFileSystem webkitResolveLocalFileSystemURL webkitURL
    webkitNotifications webkitIndexedDB webkitStorageInfo
    AsyncDisposableStack Atomics DisposableStack FinalizationRegistry Float16Array Iterator Promise
    SharedArrayBuffer SuppressedError WeakRef`);
  const DOCUMENT = names(`
    ATTRIBUTE_NODE DOCUMENT_NODE ELEMENT_NODE TEXT_NODE URL activeElement adoptNode
    adoptedStyleSheets alinkColor all anchors append appendChild applets baseURI bgColor body
    captureEvents caretRangeFromPoint characterSet charset childElementCount childNodes children
    clear cloneNode close compareDocumentPosition compatMode contains contentType cookie
    createAttribute createCDATASection createComment createDocumentFragment createElement
    createElementNS createEvent createExpression createNSResolver createNodeIterator createRange
    createTextNode createTreeWalker currentScript defaultView designMode dir dispatchEvent doctype
    documentElement documentURI domain elementFromPoint elementsFromPoint embeds evaluate
    execCommand exitFullscreen fgColor firstChild firstElementChild fonts forms
    fullscreenElement fullscreenEnabled getAnimations getElementById getElementsByClassName
    getElementsByName getElementsByTagName getElementsByTagNameNS getRootNode getSelection
    hasChildNodes hasFocus head hidden images implementation importNode inputEncoding insertBefore
    isConnected isDefaultNamespace isEqualNode isSameNode lastChild lastElementChild lastModified
    linkColor links localName location lookupNamespaceURI lookupPrefix moveBefore namespaceURI
    nextSibling nodeName nodeType nodeValue normalize open ownerDocument parentElement parentNode
    pictureInPictureEnabled plugins pointerLockElement prepend previousSibling
    queryCommandEnabled queryCommandState queryCommandSupported queryCommandValue querySelector
    querySelectorAll readyState referrer releaseEvents removeChild removeEventListener replaceChild
    replaceChildren rootElement scripts scrollingElement startViewTransition styleSheets
    textContent timeline title visibilityState vlinkColor webkitCancelFullScreen
    webkitCurrentFullScreenElement webkitExitFullscreen webkitFullscreenElement webkitHidden
    webkitIsFullScreen webkitVisibilityState wasDiscarded write writeln xmlEncoding xmlStandalone
    xmlVersion addEventListener constructor prerendering fragmentDirective`);
  const METHODS = names(`
    adoptNode append appendChild createAttribute createComment createDocumentFragment createElement
    createElementNS createEvent createRange createTextNode createTreeWalker elementFromPoint
    evaluate execCommand getElementById getElementsByClassName getElementsByName
    getElementsByTagName getElementsByTagNameNS hasFocus importNode insertBefore querySelector
    querySelectorAll dispatchEvent removeChild`);
  const ABSENT = names(`
    ActiveXObject attachEvent detachEvent execScript opera netscape XDomainRequest InstallTrigger
    mozRequestAnimationFrame msRequestAnimationFrame oRequestAnimationFrame setImmediate
    clearImmediate mozIndexedDB msIndexedDB mozInnerScreenX showModalDialog createPopup
    CollectGarbage ScriptEngine WeixinJSBridge StyleMedia __wxjs_environment`);
  // Names by which a library asks for its loader. An earlier script that could not be followed may
  // have brought one, so they are absent only while every script was followed.
  const LOADERS = names("define exports module require");
  const NOT_IN_DOCUMENT = names(`
    layers attachEvent detachEvent selection documentMode uniqueID createStyleSheet parentWindow
    frames ids namespaces mozHidden msHidden mozCancelFullScreen msExitFullscreen`);
  // Absent from browsers, or otherwise not as there.
  const STRANGE = "InternalError";

  // --- what a script does, noted ---

  let out, why, note, goes, stale, random, swallow, asked, left, tainted = false, settings;
  let halted, held = false, draining, nested, timers = 0;
  let text, place, waiting, blocked, odd;

  const halt = (reason) => {
    if (!halted) { halted = true; why = reason; }
    throw STOP;
  };
  // Held: work that a script put off until it has ended may run, but has no say.
  const live = () => { if (halted || held) throw STOP; };
  const refuse = (what) => () => halt(`uses ${what}`);

  const begin = (limit) => {
    out = ""; why = null; note = null; goes = null; asked = "";
    stale = false; random = false; swallow = false; halted = false; draining = false; odd = false;
    text = ""; place = 0; waiting = null; blocked = null; left = limit;
  };

  // --- the stream of written text, read as a browser's parser reads it ---

  const RAW = names("style textarea title xmp iframe noembed noframes noscript plaintext");
  const FOREIGN = names("svg math template");
  const ENDS = { __proto__: null };
  for (const name in RAW) ENDS[name] = new RegExp(`</${name}[\\t\\n\\f\\r />]`, "ig");
  ENDS.script = /<\/script[\t\n\f\r />]/ig;
  const COMMENT_END = /--!?>/g;
  const LETTER = /^[a-z]$/i;
  const JAVASCRIPT = /^(?:(?:text|application)\/(?:x-)?(?:java|ecma)script|text\/(?:javascript1\.[0-5]|jscript|livescript))$/;

  const search = (pattern, from) => {
    pattern.lastIndex = from;
    return apply(exec, pattern, [text]);
  };
  const blank = (c) => c === 32 || c === 9 || c === 10 || c === 12 || c === 13;
  const emit = (to) => {
    if (to > place) out += cut(text, place, to);
    place = to;
  };

  // The tag that starts at `i`, or null while its end is not written yet.
  const readTag = (i) => {
    const size = text.length, attributes = { __proto__: null };
    let j = at(text, i + 1) === 47 ? i + 2 : i + 1;
    const start = j;
    while (j < size && !blank(at(text, j)) && at(text, j) !== 47 && at(text, j) !== 62) j++;
    const name = lower(cut(text, start, j));
    for (;;) {
      while (j < size && (blank(at(text, j)) || at(text, j) === 47)) j++;
      if (j >= size) return null;
      if (at(text, j) === 62) return { __proto__: null, name, attributes, end: j + 1 };
      j = readAttribute(j, size, attributes);
      if (j < 0) return null;
    }
  };
  const readAttribute = (from, size, attributes) => {
    let j = from + 1;
    while (j < size && !blank(at(text, j)) && at(text, j) !== 47 && at(text, j) !== 62 && at(text, j) !== 61) j++;
    const name = lower(cut(text, from, j));
    let value = "";
    while (j < size && blank(at(text, j))) j++;
    if (at(text, j) === 61) {
      j++;
      while (j < size && blank(at(text, j))) j++;
      const quote = at(text, j);
      let end = j;
      if (quote === 34 || quote === 39) {
        end = find(text, quote === 34 ? '"' : "'", j + 1);
        if (end < 0) return -1;
        value = cut(text, j + 1, end);
        j = end + 1;
      } else {
        while (end < size && !blank(at(text, end)) && at(text, end) !== 62) end++;
        value = cut(text, j, end);
        j = end;
      }
    }
    if (!owns(attributes, name)) attributes[name] = value;
    return j;
  };

  // One step through what is written; false when more must be written, or fetched, first.
  const step = () => {
    const lt = find(text, "<", place);
    if (lt < 0) { emit(text.length); return false; }
    emit(lt);
    const next = cut(text, lt + 1, lt + 2);
    if (next === "") return false;
    if (next === "!" || next === "?") return comment(lt);
    if (next === "/") return endTag(lt);
    if (!matches(LETTER, next)) { emit(lt + 1); return true; }
    const tag = readTag(lt);
    if (tag === null) return false;
    if (tag.name === "script") return script(tag);
    if (FOREIGN[tag.name]) odd = true;
    return RAW[tag.name] ? rawText(tag) : (emit(tag.end), true);
  };
  const comment = (lt) => {
    const head = cut(text, lt, lt + 4);
    if (head !== "<!--") {
      if (head === "<!" || head === "<!-") return false;
      return upTo(find(text, ">", lt));
    }
    if (cut(text, lt + 4, lt + 5) === ">") return upTo(lt + 4);
    if (cut(text, lt + 4, lt + 6) === "->") return upTo(lt + 5);
    const end = search(COMMENT_END, lt + 4);
    return end === null ? false : upTo(end.index + end[0].length - 1);
  };
  const endTag = (lt) => {
    const next = cut(text, lt + 2, lt + 3);
    if (next === "") return false;
    if (!matches(LETTER, next)) return upTo(find(text, ">", lt));
    const tag = readTag(lt);
    return tag === null ? false : (emit(tag.end), true);
  };
  const upTo = (last) => last < 0 ? false : (emit(last + 1), true);
  const rawText = (tag) => {
    const end = tag.name === "plaintext" ? null : search(ENDS[tag.name], tag.end);
    const close = end && readTag(end.index);
    return close ? (emit(close.end), true) : false;
  };
  const script = (tag) => {
    const end = search(ENDS.script, tag.end);
    const close = end && readTag(end.index);
    if (!close) return false;
    const source = cut(text, tag.end, end.index);
    const kind = kindOf(tag.attributes);
    if (kind === "data") { emit(close.end); return true; }
    place = close.end;
    if (draining) {
      if (owns(tag.attributes, "src")) asked += tag.attributes.src + "\n";
      return true;
    }
    return execute(tag.attributes, source, kind);
  };
  const kindOf = (attributes) => {
    const type = attributes.type, language = attributes.language;
    if (owns(attributes, "nomodule")) return "data";
    if (type === "" || (type === undefined && !language)) return "run";
    const kind = lower(type === undefined ? `text/${language}` : apply(trim, type, []));
    return kind === "module" ? "module" : matches(JAVASCRIPT, kind) ? "run" : "data";
  };
  const execute = (attributes, source, kind) => {
    if (odd) halt("writes a script into a template or a drawing");
    if (kind === "module") halt("writes a module script");
    if (owns(attributes, "for") || owns(attributes, "event")) halt("writes a script for an event");
    if (find(source, "<!--", 0) >= 0 && find(lower(source), "<script", 0) >= 0) halt("writes a script with a script in a comment");
    if (++nested > settings.nested) halt("writes too many scripts");
    if (!owns(attributes, "src")) { runInline(source); return true; }
    if (owns(attributes, "async") || owns(attributes, "defer")) halt("writes a script that runs later");
    if (apply(trim, attributes.src, []) === "") return true;
    blocked = attributes.src;
    return false;
  };
  // A nested script writes in front of what its writer has written behind it.
  const enter = () => {
    waiting = { __proto__: null, text: cut(text, place), next: waiting };
    text = ""; place = 0;
  };
  const leave = () => {
    text = cut(text, place) + waiting.text; place = 0;
    waiting = waiting.next;
  };
  const runInline = (source) => {
    enter();
    guardAll(source);
    try {
      globalEval(source);
    } catch (error) {
      if (!halted) { halted = true; why = "a script that it writes fails"; }
    }
    leave();
    live();
  };
  const pump = () => { while (blocked === null && step()); };
  const writing = (parts, ending) => {
    live();
    let more = "";
    for (let i = 0; i < parts.length; i++) more += `${parts[i]}`;
    live();
    more += ending;
    if (more.length > left) halt("writes too much");
    left -= more.length;
    text = cut(text, place) + more; place = 0;
    pump();
  };

  // What stands at the end: an unfinished tag of a script that halted may have been finished in
  // ways unknown, so it goes; an unfinished comment stays, since it hides what follows.
  const finish = () => {
    draining = true;
    for (;;) {
      blocked = null;
      while (step());
      if (waiting === null) break;
      leave();
    }
    const rest = cut(text, place);
    if (rest !== "") {
      swallow = true;
      const head = lower(cut(rest, 0, 7));
      if (head === "<script") note = note || "leaves a script unfinished";
      else if (!halted || cut(rest, 0, 4) === "<!--" || readTag(place) !== null) out += rest;
    }
    return clean(out);
  };
  // A text as the binding can take it: it ends texts at NUL, and does not know the ropes that the
  // engine makes of long sums; toWellFormed leaves one piece without lone surrogates.
  const clean = (value) => {
    if (value === null) return null;
    let whole = "", from = 0;
    for (let nul = find(value, "\0", 0); nul >= 0; nul = find(value, "\0", from)) {
      whole += cut(value, from, nul) + "\ufffd";
      from = nul + 1;
    }
    return apply(toWellFormed, from === 0 ? value : whole + cut(value, from), []);
  };

  // --- handlers: what only the visitor's own doing sets off shows nothing at load ---

  const BY_HAND = names(`
    click dblclick contextmenu selectstart copy cut paste keydown keyup keypress mousedown mouseup
    dragstart drag dragend drop submit reset beforeunload unload pagehide auxclick`);
  // These come when every script of the page has run, so later scripts see nothing of them.
  const AFTERWARDS = names("load DOMContentLoaded pageshow readystatechange");
  const registers = (type, handler) => {
    if (handler === null || (typeof handler !== "function" && typeof handler !== "object")) return;
    if (BY_HAND[type]) return;
    note = note || `registers an on${type} handler`;
    if (!AFTERWARDS[type]) stale = true;
  };
  const listen = function (type, handler) { live(); registers(`${type}`, handler); };
  const HANDLER = /^on[a-z]+$/i;

  // --- host objects: what is not listed halts ---

  const spurn = (what) => ({
    __proto__: null,
    ownKeys: refuse(what), getOwnPropertyDescriptor: refuse(what), getPrototypeOf: refuse(what),
    setPrototypeOf: refuse(what), defineProperty: refuse(what), deleteProperty: refuse(what),
    isExtensible: refuse(what), preventExtensions: refuse(what), apply: refuse(what),
    construct: refuse(what),
  });
  const host = (what, tag, known, assign, holds) => {
    const traps = spurn(what);
    traps.get = (_, key) => {
      live();
      if (owns(known, key)) return get(known, key);
      if (typeof key === "symbol") return key === Symbol_toStringTag ? tag : key === Symbol_toPrimitive || key === Symbol_unscopables ? undefined : halt(`uses ${what}`);
      return halt(`uses ${what}.${key}`);
    };
    traps.set = (_, key, value) => {
      live();
      if (typeof key === "symbol" || !assign(key, value)) halt(`sets ${what}.${typeof key === "symbol" ? "a symbol" : key}`);
      return true;
    };
    traps.has = (_, key) => owns(known, key) || holds(key);
    return new Mirror({ __proto__: null }, traps);
  };
  const Symbol_toStringTag = Symbol.toStringTag, Symbol_toPrimitive = Symbol.toPrimitive;
  const Symbol_unscopables = Symbol.unscopables;
  const never = () => false;
  const nothing = () => undefined;

  const go = (value) => {
    live();
    const target = `${value}`;
    live();
    if (matches(/^[\0- ]*javascript:/i, target)) halt("goes to a javascript: address");
    goes = target;
  };
  const makeLocation = (parts) => {
    const known = { __proto__: null };
    for (const key in parts) if (key !== "href") known[key] = parts[key];
    accessor(known, "href", () => parts.href);
    known.assign = go;
    known.replace = go;
    known.toString = () => parts.href;
    known.reload = refuse("location.reload");
    known.valueOf = () => location;
    const assign = (key, value) => key === "href" ? (go(value), true) : false;
    const location = host("location", "Location", known, assign, refuse("location"));
    return location;
  };

  const makeDocument = (location) => {
    const own = { __proto__: null };
    const bound = (name, ending) => function () {
      // Browsers refuse a write that is torn off the document: `var w = document.write; w("x")`.
      if (this !== page) throw new Mistake("Illegal invocation");
      return writing(arguments, ending);
    };
    const known = {
      __proto__: null, URL: settings.location.href, documentURI: settings.location.href,
      domain: settings.location.hostname, referrer: "", readyState: "loading", nodeType: 9,
      nodeName: "#document", defaultView: world, hidden: false, visibilityState: "visible",
      write: bound("write", ""), writeln: bound("writeln", "\n"),
      // While the parser still reads the page, opening and closing its document does nothing.
      open: () => (live(), page), close: () => live(), addEventListener: listen,
      removeEventListener: () => live(), releaseEvents: nothing, captureEvents: nothing,
    };
    for (const name in METHODS) known[name] = refuse(`document.${name}`);
    for (const name in NOT_IN_DOCUMENT) known[name] = undefined;
    accessor(known, "location", () => location, go);
    accessor(known, "title", refuse("document.title"), undefined);
    accessor(known, "cookie", refuse("document.cookie"), undefined);
    const assign = (key, value) => {
      if (key === "location") { go(value); return true; }
      if (key === "cookie") return true;
      if (key === "title" || key === "domain") value = `${value}`;
      else if (matches(HANDLER, key)) registers(cut(key, 2), value);
      else if (DOCUMENT[key] && !(key === "write" || key === "writeln" || matches(/Color$/, key))) return false;
      keep(known, key, value);
      return true;
    };
    const holds = (key) => {
      if (typeof key === "symbol" || owns(NOT_IN_DOCUMENT, key)) return false;
      // Anything else could only be a form or an image of that name, which `with` would find too.
      return DOCUMENT[key] || matches(HANDLER, key) ? halt(`uses document.${key}`) : false;
    };
    const page = host("document", "HTMLDocument", known, assign, holds);
    return page;
  };

  const IMAGE = names("src alt title width height border id name className hspace vspace align");
  const Picture = function () {
    if (!new.target) throw new Mistake("Illegal constructor");
    // An image nobody puts into the page shows nothing; its events come at any time.
    const assign = (key, value) => {
      if (matches(HANDLER, key)) registers(`${cut(key, 2)} (of an image)`, value);
      return IMAGE[key] || matches(HANDLER, key);
    };
    return host("an image", "HTMLImageElement", { __proto__: null }, assign, refuse("an image"));
  };

  // --- the built-ins that differ from a visitor's ---

  const PLAIN_DATE = /^\s*(?:\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{3})?)?(?:Z|[+-]\d\d:\d\d)?)?|\d{4}[-/]\d{1,2}[-/]\d{1,2}(?: \d{1,2}:\d\d(?::\d\d)?)?|[A-Z][a-z]{2,8} \d{1,2}, ?\d{4}(?: \d{1,2}:\d\d(?::\d\d)?)?)\s*$/;
  const plainDate = (value) => {
    if (typeof value === "string" && !matches(PLAIN_DATE, value)) halt("parses a date of its own form");
    if (typeof value !== "object" || value === null) return value;
    try { return apply(getTime, value, []); } catch (error) { return halt("makes a date of an object"); }
  };
  const Clock = function Date() {
    if (!new.target) return apply(dateText, new RealDate(settings.now), []);
    if (arguments.length === 0) return construct(RealDate, [settings.now], new.target);
    if (arguments.length === 1) return construct(RealDate, [plainDate(arguments[0])], new.target);
    return construct(RealDate, arguments, new.target);
  };
  const parseDate = RealDate.parse;
  // The seed is fixed: a page that is followed twice asks for the same addresses. The two readings
  // of a page differ as far as chance can make them differ: near 0 and near 1.
  let seed = 20260615;
  const chance = () => {
    live();
    random = true;
    seed = (seed * 1103515245 + 12345) % 2147483648;
    const low = 0.01 + 0.08 * (seed / 2147483648);
    return settings.high ? 1 - low : low;
  };
  const setBuiltins = () => {
    defineProperty(Clock, "prototype", { __proto__: null, value: RealDate.prototype, writable: false });
    keep(RealDate.prototype, "constructor", Clock);
    keep(Clock, "now", () => settings.now);
    keep(Clock, "parse", (value) => parseDate(plainDate(`${value}`)));
    keep(Clock, "UTC", RealDate.UTC);
    keep(world, "Date", Clock);
    keep(Math, "random", chance);
    for (const kind of [RealDate, Number, Array, BigInt]) keep(kind.prototype, "toLocaleString", refuse("toLocaleString"));
    for (const name of ["toLocaleDateString", "toLocaleTimeString"]) keep(RealDate.prototype, name, refuse(name));
    keep(String.prototype, "localeCompare", refuse("localeCompare"));
    delete world[STRANGE];
  };

  // Lists of what window owns would differ from a browser's; a copy runs into the getter.
  const fence = (holder, name, asThis) => {
    const original = holder[name];
    keep(holder, name, function () {
      if ((asThis ? this : arguments[0]) === world) halt(`lists window by ${name}`);
      return apply(original, this, arguments);
    });
  };
  const fenceAll = () => {
    for (const name of ["keys", "values", "entries", "getOwnPropertyNames", "getOwnPropertySymbols",
      "getOwnPropertyDescriptor", "getOwnPropertyDescriptors", "hasOwn", "setPrototypeOf", "getPrototypeOf", "freeze", "seal",
      "isFrozen", "isSealed", "isExtensible", "preventExtensions"]) fence(Object, name, false);
    for (const name of ["ownKeys", "getOwnPropertyDescriptor", "getPrototypeOf", "setPrototypeOf", "isExtensible", "preventExtensions"]) fence(Reflect, name, false);
    for (const name of ["hasOwnProperty", "propertyIsEnumerable", "isPrototypeOf", "__lookupGetter__", "__lookupSetter__"]) fence(ObjectPrototype, name, true);
    defineProperty(world, "\u0001", { __proto__: null, get: refuse("window as a list"), enumerable: true, configurable: false });
  };

  // --- window ---

  const guard = (name) => {
    if (owns(world, name)) return;
    accessor(world, name, refuse(name), (value) => keep(world, name, value, true, true));
  };
  const WORD = /[A-Za-z_$\x80-\uffff][\w$\x80-\uffff]*/g;
  const SET = /(?<![.\w$\x80-\uffff]|\b(?:var|let|const)\s+)[A-Za-z_$\x80-\uffff][\w$\x80-\uffff]*(?=\s*=(?![=>])|\s+(?:in|of)\s)/g;
  // After a script that could not be followed, nobody knows what it left behind. So a later script
  // gets a world of its own, in which every name that it reads before it sets it halts it; `var x`
  // alone would otherwise make an x that is undefined here and perhaps something there.
  // In any world, `x = 1` without `var` needs its name known beforehand: the engine would ask the
  // keeper of unknown names whether it exists, which is not to be told from `"x" in window`.
  const guardAll = (source) => {
    const pattern = tainted ? WORD : SET;
    if (!tainted && find(source, "use strict", 0) >= 0) return;
    pattern.lastIndex = 0;
    for (let found = apply(exec, pattern, [source]); found !== null; found = apply(exec, pattern, [source])) guard(found[0]);
  };
  const timer = () => { live(); note = note || "sets a timer"; stale = true; return ++timers; };
  const setHandlers = () => {
    const types = names(`
      abort afterprint beforeprint beforeunload blur change click close contextmenu copy cut dblclick
      drag dragend dragenter dragleave dragover dragstart drop error focus hashchange input invalid
      keydown keypress keyup languagechange load loadend loadstart message messageerror mousedown
      mouseenter mouseleave mousemove mouseout mouseover mouseup mousewheel offline online pagehide
      pageshow paste play popstate progress rejectionhandled reset resize scroll search select
      selectstart storage submit toggle touchstart touchend touchmove touchcancel unhandledrejection
      unload wheel transitionend animationend pointerdown pointerup pointermove`);
    for (const type in types) {
      let current;
      // Not configurable: `function onload() {}` would be a handler in a browser, and fails here.
      accessor(world, `on${type}`, () => current === undefined ? halt(`uses on${type}`) : current,
        (value) => { live(); registers(type, value); current = value; }, false);
    }
  };
  const setWindow = (location, page) => {
    for (const name of ["window", "document"]) fix(world, name, name === "window" ? world : page);
    if (settings.framed) { guard("top"); guard("parent"); } else { fix(world, "top", world); keep(world, "parent", world); }
    for (const name of ["self", "frames"]) keep(world, name, world);
    accessor(world, "location", () => (live(), location), go, false);
    const { navigator, screen } = settings;
    keep(world, "navigator", host("navigator", "Navigator", knownOf(navigator), never, notIn("navigator", "userLanguage browserLanguage systemLanguage msPointerEnabled standalone")));
    keep(world, "screen", host("screen", "Screen", knownOf(screen), never, refuse("screen")));
    keep(world, "innerWidth", screen.width);
    keep(world, "Image", Picture);
    keep(world, "console", host("console", "console", quiet(), never, refuse("console")));
    for (const name of ["setTimeout", "setInterval", "requestAnimationFrame", "requestIdleCallback"]) keep(world, name, timer);
    for (const name of ["clearTimeout", "clearInterval", "alert", "focus", "blur", "scroll", "scrollTo", "scrollBy", "moveTo", "moveBy", "resizeTo", "resizeBy"]) keep(world, name, () => live());
    keep(world, "addEventListener", listen);
    for (const name of ["name", "status"]) accessor(world, name, refuse(`window.${name}`), (value) => { const kept = `${value}`; accessor(world, name, () => kept, refuse(`window.${name} again`)); });
    keep(world, Symbol_toStringTag, "Window");
  };
  const knownOf = (values) => {
    const known = { __proto__: null };
    for (const key in values) known[key] = values[key];
    return known;
  };
  const notIn = (what, absent) => {
    const missing = names(absent);
    return (key) => missing[key] ? false : halt(`uses ${what}`);
  };
  const quiet = () => {
    const known = { __proto__: null };
    for (const name in names("log info warn error debug dir dirxml table trace group groupEnd groupCollapsed time timeEnd timeLog assert clear count")) known[name] = nothing;
    return known;
  };
  // Stands behind window: asked for every name that no script has set.
  const setUnknown = () => {
    const traps = spurn("window as a list");
    const inherited = (key) => key !== "constructor" && (typeof key === "symbol" || owns(ObjectPrototype, key));
    const absent = (key) => ABSENT[key] === true || (!tainted && LOADERS[key] === true);
    traps.get = (_, key, receiver) => inherited(key) ? get(ObjectPrototype, key, receiver) : absent(key) ? undefined : halt(`uses ${key}`);
    traps.has = (_, key) => inherited(key) ? has(ObjectPrototype, key) : absent(key) ? false : halt(`uses ${key}`);
    traps.set = (_, key, value, receiver) => {
      if (receiver === world && typeof key === "string" && matches(HANDLER, key)) registers(cut(key, 2), value);
      return defineProperty(receiver, key, { __proto__: null, value, writable: true, enumerable: true, configurable: true });
    };
    setPrototypeOf(world, new Mirror(ObjectPrototype, traps));
  };

  const setUp = (given) => {
    settings = list(given);
    tainted = settings.tainted;
    nested = 0;
    begin(0);
    setBuiltins();
    for (const name in WINDOW) { delete world[name]; }
    const location = makeLocation(settings.location);
    setWindow(location, makeDocument(location));
    setHandlers();
    for (const name in WINDOW) guard(name);
    // Code that is put together at run time names what no guard has seen.
    if (tainted) keep(world, "eval", refuse("eval after a script that was not followed"));
    fenceAll();
    setUnknown();
  };

  const COMMANDS = {
    __proto__: null, setUp, begin, enter, leave, pump, finish, guardAll,
    fail: (reason) => { if (!halted) { halted = true; why = reason; } },
    hold: (on) => { held = on; },
    src: () => clean(blocked),
    unblock: () => { blocked = null; },
    halted: () => halted,
    why: () => clean(halted ? why : note),
    goes: () => clean(goes),
    asked: () => clean(asked),
    stale: () => stale || halted,
    swallow: () => swallow,
    random: () => random,
    left: () => left,
  };
  return (command, value) => COMMANDS[command](value);
})()
