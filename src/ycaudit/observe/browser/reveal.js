// Tries what a visitor would do to open what is hidden: hover rules, then pointing and clicking
// nearby, then waiting. Returns, for every marked root, whether it can be seen then.
async ({ most, tries, pause, ticks }) => {
  const find = (n) => {
    const search = (root) => {
      const hit = root.querySelector(`[data-ycaudit-root="${n}"]`);
      if (hit) return hit;
      for (const el of root.querySelectorAll("*")) if (el.shadowRoot) { const h = search(el.shadowRoot); if (h) return h; }
      return null;
    };
    return search(document);
  };
  const visible = (el) => {
    if (!el.isConnected || !el.checkVisibility({ checkOpacity: false, checkVisibilityCSS: true })) return false;
    const r = el.getBoundingClientRect(), s = getComputedStyle(el);
    if (parseFloat(s.opacity) === 0 && !(s.transitionDuration !== "0s")) return false;
    const kids = [...el.querySelectorAll("a, img, p, span, div")].slice(0, 30).map((k) => k.getBoundingClientRect());
    const sized = [r, ...kids].some((q) => q.width > 1 && q.height > 1 && q.right + scrollX > 0 && q.bottom + scrollY > 0);
    const squeezed = s.overflowX !== "visible" && (r.width <= 1 || r.height <= 1);
    return sized && !squeezed;
  };
  const rules = [];
  const gather = (list) => {
    for (const rule of list) {
      if (rule.selectorText && /:(hover|focus|focus-within|active|target|checked)/.test(rule.selectorText)) rules.push(rule);
      if (rule.cssRules && rule.cssRules.length) gather(rule.cssRules);
    }
  };
  for (const sheet of document.styleSheets) { try { gather(sheet.cssRules); } catch (e) { /* of another origin */ } }
  const shows = (style) =>
    (style.display && style.display !== "none") || style.visibility === "visible" || parseFloat(style.opacity) > 0 ||
    (style.height && parseFloat(style.height) > 1) || style.height === "auto" || (style.maxHeight && parseFloat(style.maxHeight) > 1) ||
    /^-?\d/.test(style.left) || /^-?\d/.test(style.right) || /^-?\d/.test(style.top) || style.transform || (style.width && parseFloat(style.width) > 1) || style.clip || style.clipPath;
  const byRule = (el) => rules.some((rule) => {
    if (!shows(rule.style)) return false;
    return rule.selectorText.split(",").some((s) => {
      if (!/:(hover|focus|focus-within|active|target|checked)/.test(s)) return false;
      try { return el.matches(s.replace(/:(hover|focus-within|focus-visible|focus|active|target|checked)/g, "") || "*"); } catch (e) { return false; }
    });
  });
  const point = (el) => {
    for (const type of ["pointerover", "pointerenter", "mouseover", "mouseenter", "mousemove", "focusin", "focus"]) {
      const Kind = type.startsWith("pointer") ? PointerEvent : type.startsWith("mouse") ? MouseEvent : FocusEvent;
      el.dispatchEvent(new Kind(type, { bubbles: !/enter$|^focus$/.test(type), cancelable: true, composed: true, view: window }));
    }
  };
  const click = (el) => {
    // Links that lead away are not followed: only what stays on this page can open something here.
    const a = el.closest("a[href]");
    const stop = (e) => { if (a && !/^(#|javascript:)/i.test(a.getAttribute("href"))) e.preventDefault(); };
    document.addEventListener("click", stop, { capture: true, once: true });
    for (const type of ["mousedown", "mouseup", "click"]) el.dispatchEvent(new MouseEvent(type, { bubbles: true, cancelable: true, composed: true, view: window }));
    document.removeEventListener("click", stop, { capture: true });
  };
  const candidates = (root) => {
    const found = new Set();
    const add = (el) => { if (el && el !== document.body && el !== document.documentElement && !root.contains(el)) found.add(el); };
    const id = root.id;
    if (id) for (const el of document.querySelectorAll(`[href="#${CSS.escape(id)}"], [data-target="#${CSS.escape(id)}"], [aria-controls="${CSS.escape(id)}"]`)) add(el);
    for (let near = root.parentElement, i = 0; near && i < 5; near = near.parentElement, i++) {
      for (const el of [...near.querySelectorAll("[onmouseover], [onmouseenter], [onmousemove], [onclick]")].slice(0, 20)) add(el);
    }
    let near = root;
    for (let i = 0; i < 4 && near; i++) {
      const parent = near.parentElement;
      if (!parent || parent === document.documentElement) break;
      if (parent !== document.body) add(parent);
      for (const s of [near.previousElementSibling, near.nextElementSibling]) {
        add(s);
        if (s) for (const el of [...s.querySelectorAll("a, li, span, button, label, img, i, h2, h3, h4, dt, p, div, [onclick], [onmouseover]")].slice(0, 10)) add(el);
      }
      for (const el of [...parent.querySelectorAll(":scope > a, :scope > span, :scope > button, :scope > img, :scope > h2, :scope > h3, :scope > label, :scope > i, :scope > p")].slice(0, 6)) add(el);
      near = parent;
    }
    for (const el of document.querySelectorAll("[onmouseover], [onmouseenter], [onclick]")) {
      const code = `${el.getAttribute("onmouseover")} ${el.getAttribute("onmouseenter")} ${el.getAttribute("onclick")}`;
      if (id && code.includes(id)) add(el);
    }
    return [...found].filter((el) => el.checkVisibility()).slice(0, tries);
  };
  const wait = (ms) => new Promise((done) => setTimeout(done, ms));
  const opened = {};
  for (let n = 0; n < most; n++) {
    const root = find(n);
    if (!root) continue;
    let open = byRule(root) || (root.closest("details") !== null && root.localName !== "details");
    if (!open && visible(root)) open = true; // the next slide came while we waited
    const tried = open ? [] : candidates(root);
    for (const act of [point, click]) {
      for (const el of tried) {
        if (open) break;
        try { act(el); } catch (e) { continue; }
        open = visible(root);
      }
      if (!open && tried.length) { await wait(pause); open = visible(root); }
      if (open) break;
    }
    opened[n] = open;
  }
  // The next slides: time is turned on, and what comes up by itself is seen.
  const closed = Object.keys(opened).filter((n) => !opened[n]).map((n) => [n, find(n)]);
  for (let i = 0; i < ticks && closed.some(([n]) => !opened[n]) && window.__ycaudit_tick; i++) {
    window.__ycaudit_tick();
    for (const [n, root] of closed) if (root && visible(root)) opened[n] = true;
  }
  return opened;
}
