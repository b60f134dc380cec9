// Tells what a document shows: links, images and what of them a visitor can see.
// Runs in the page, so nothing here is trusted: the caller checks every value that comes back.
({ mostLinks, mostImages, mostElements }) => {
  if (window.__ycaudit_stay) window.__ycaudit_stay(null);
  const text = (s, n = 200) => (s || "").replace(/\s+/g, " ").trim().slice(0, n);
  const elements = [];
  const walk = (root) => {
    for (const el of root.querySelectorAll("*")) {
      if (elements.length >= mostElements) return;
      elements.push(el);
      if (el.shadowRoot) walk(el.shadowRoot);
    }
  };
  walk(document);
  const up = (el) => el.assignedSlot || el.parentElement || (el.getRootNode() instanceof ShadowRoot ? el.getRootNode().host : null);
  const style = (el) => getComputedStyle(el);
  const page = document.documentElement;

  // Whether the element itself is gone, its ancestors left aside.
  const gone = (el, s) => {
    if (s.display === "none") return true;
    if (parseFloat(s.opacity) === 0) return true;
    if (/^rect\(0(px)?,? 0(px)?,? 0(px)?,? 0(px)?\)|^rect\((\d+px),? \4,? \4,? \4\)/.test(s.clip) && s.position !== "static") return true;
    if (/inset\((50|100)%|circle\(0/.test(s.clipPath)) return true;
    // Replaced elements clip by nature; of the others, what clips and has no room shows nothing.
    if (!/^(img|input|video|canvas|iframe|object|embed|svg)$/.test(el.localName) && s.overflowX !== "visible" && s.display !== "inline" && s.display !== "contents" && el !== page && el !== document.body) {
      if (el.clientWidth <= 1 && el.offsetWidth <= 2 || el.clientHeight <= 1 && el.offsetHeight <= 2) return true;
    }
    return false;
  };
  const box = (el) => {
    let rects = [...el.getClientRects()].filter((r) => r.width > 1 && r.height > 1);
    if (!rects.length && el.children) {
      rects = [...el.querySelectorAll("*")].slice(0, 50).flatMap((c) => [...c.getClientRects()]).filter((r) => r.width > 1 && r.height > 1);
    }
    if (!rects.length) return null;
    const left = Math.min(...rects.map((r) => r.left)), top = Math.min(...rects.map((r) => r.top));
    const right = Math.max(...rects.map((r) => r.right)), bottom = Math.max(...rects.map((r) => r.bottom));
    return [left + scrollX, top + scrollY, right - left, bottom - top].map(Math.round);
  };
  const roots = new Map(); // topmost hidden element -> its number
  const hiddenBy = (el) => {
    let top = null;
    for (let e = el; e && e !== page; e = up(e)) if (gone(e, style(e))) top = e;
    return top;
  };
  const offScreen = (el, b) => {
    if (b[0] + b[2] > 0 && b[1] + b[3] > 0 && b[0] < Math.max(page.scrollWidth, innerWidth) + 5) return false;
    for (let e = up(el); e && e !== document.body && e !== page; e = up(e)) {
      const s = style(e), r = e.getBoundingClientRect();
      // A slide that waits its turn stands outside of a window that is on the screen.
      if (s.overflowX !== "visible" && r.width > 20 && r.height > 20 && r.right + scrollX > 0 && r.bottom + scrollY > 0) return false;
    }
    return true;
  };
  // "shown", or the number of the root that hides it, or "hidden" where no root can be opened.
  const seen = (el) => {
    const top = hiddenBy(el);
    if (top) {
      if (!roots.has(top)) roots.set(top, roots.size);
      return [roots.get(top), null];
    }
    const b = box(el);
    if (style(el).visibility !== "visible" || !b || offScreen(el, b)) {
      let top = el; // visibility is inherited: the rule that hides may be an ancestor's
      if (b) for (let e = up(el); e && e !== document.body && style(e).visibility !== "visible"; e = up(e)) top = e;
      if (!roots.has(top)) roots.set(top, roots.size);
      return [roots.get(top), b];
    }
    return ["shown", b];
  };
  const nearby = (el) => {
    for (let e = up(el), i = 0; e && i < 4 && e !== document.body; e = up(e), i++) {
      const t = text(e.innerText || e.textContent, 400);
      if (t) return t.length <= 200 ? t : "";
    }
    return "";
  };
  const around = (el) => { const a = el.closest && el.closest("a[href]"); return a ? a.href : null; };

  const links = [];
  let pointers = 0;
  const link = (el, href, how, shownBy, code) => {
    if (links.length >= mostLinks) return;
    const [state, b] = seen(shownBy || el);
    const img = el.querySelector && el.querySelector("img[alt]");
    if (code !== undefined && code !== null) el.setAttribute("data-ycaudit-code", String(links.length));
    links.push({ href, how, state, box: b, code: code === undefined ? null : code,
      text: text(el.innerText || el.textContent || "") || text(el.title || el.alt || (img && img.alt) || "") });
  };
  const mapImage = (area) => {
    const map = area.closest("map"), name = map && (map.name || map.id);
    return (name && elements.find((e) => (e.getAttribute("usemap") || "").replace(/^#/, "").toLowerCase() === name.toLowerCase())) || area;
  };
  for (const el of elements) {
    const tag = el.localName;
    if (tag === "a" || tag === "area") {
      const raw = el.getAttribute("href") || el.getAttribute("xlink:href");
      if (raw) {
        const href = typeof el.href === "string" ? el.href : new URL(raw, document.baseURI).href;
        if (/^javascript:/i.test(href)) link(el, "", "handler", null, href);
        else link(el, href, tag, tag === "area" ? mapImage(el) : null);
      }
    } else if (tag === "option") {
      const v = (el.getAttribute("value") || "").trim();
      if (/^(https?:)?\/\//i.test(v)) link(el, v, "option", el.closest("select") || el);
    } else if (tag === "form" && el.getAttribute("action")) {
      link(el, el.getAttribute("action"), "form");
    }
    const onclick = el.getAttribute("onclick");
    if (onclick) link(el, "", "handler", null, onclick);
    // What looks clickable without saying where it leads: a handler was bound to it by a script.
    else if (tag !== "a" && tag !== "area" && pointers < 60 && !el.closest("a[href], label, button[type=submit]") &&
             style(el).cursor === "pointer" && (!up(el) || style(up(el)).cursor !== "pointer")) {
      pointers++;
      link(el, "", "handler", null, "");
    }
  }

  const images = [];
  const image = (el, src, kind, extra) => {
    if (!src || images.length >= mostImages) return;
    // An image that did not load has no size of its own: it would show unless something hides it.
    const missing = extra && extra.broken && !hiddenBy(el);
    const [state, b] = missing ? ["shown", null] : seen(el);
    const wide = b ? b[2] : 0, high = b ? b[3] : 0;
    const tiny = b !== null && Math.min(wide, high) < 21; // no code can be seen in it
    images.push({ src, kind, state: tiny && state === "shown" ? "tiny" : state, box: b, shown: b ? [wide, high] : null,
      alt: text(`${el.getAttribute("alt") || ""} ${el.getAttribute("title") || ""}`), nearby: nearby(el),
      href: around(el), ...extra });
  };
  const backgrounds = (el, pseudo) => {
    const s = getComputedStyle(el, pseudo);
    const value = `${s.backgroundImage} ${pseudo ? s.content : ""} ${s.listStyleImage !== "none" && el.localName === "li" ? s.listStyleImage : ""}`;
    return [...value.matchAll(/url\("((?:[^"\\]|\\.)*)"\)/g)].map((m) => m[1].replace(/\\(.)/g, "$1"));
  };
  let drawn = 0;
  for (const el of elements) {
    const tag = el.localName;
    if (tag === "img" || (tag === "input" && el.type === "image")) {
      const src = el.currentSrc || el.src;
      image(el, src, "img", { natural: el.naturalWidth ? [el.naturalWidth, el.naturalHeight] : null,
        broken: !!src && tag === "img" && el.complete && !el.naturalWidth && el.loading !== "lazy" });
    } else if (tag === "image" && el.href && el.href.baseVal) {
      image(el, new URL(el.href.baseVal, document.baseURI).href, "img", {});
    } else if (tag === "object" || tag === "embed") {
      const src = el.data || el.src;
      if (src && (/^image\//.test(el.type) || /\.(png|jpe?g|gif|webp|svg|bmp)([?#]|$)/i.test(src))) image(el, src, "img", {});
    } else if (tag === "video" && el.poster) {
      image(el, el.poster, "img", {});
    } else if (tag === "canvas" && el.width >= 21 && el.height >= 21) {
      let data = null;
      try { data = el.toDataURL("image/png"); } catch (e) { data = null; }
      el.setAttribute("data-ycaudit-drawn", String(++drawn));
      image(el, data || `drawn:${drawn}`, "canvas", { drawn });
    } else if (tag === "svg" && !(el.parentElement && el.parentElement.closest("svg"))) {
      const source = new XMLSerializer().serializeToString(el);
      if (source.length >= 200) image(el, "data:image/svg+xml," + encodeURIComponent(source), "svg", {});
    } else if ((tag === "table" && el.rows.length >= 21 && el.rows[0] && el.rows[0].cells.length >= 21) ||
               (tag === "div" && el.children.length >= 21 && (el.children.length >= 441 || el.children[0].children.length >= 21))) {
      const r = el.getBoundingClientRect();
      if (r.width >= 42 && r.width < 1000 && Math.abs(r.width - r.height) < 0.1 * r.width) {
        el.setAttribute("data-ycaudit-drawn", String(++drawn));
        image(el, `drawn:${drawn}`, "drawn", { drawn });
      }
    }
    for (const src of backgrounds(el, null)) image(el, src, "background", {});
    for (const pseudo of ["::before", "::after"]) for (const src of backgrounds(el, pseudo)) image(el, src, "background", {});
  }
  // The hidden roots are marked, so that the next step can try to open them.
  for (const [el, number] of roots) el.setAttribute("data-ycaudit-root", String(number));
  const body = document.body;
  return {
    title: document.title.slice(0, 300), url: document.URL, base: document.baseURI,
    textSize: body ? (body.innerText || "").replace(/\s+/g, "").length : 0,
    links, images, roots: [...roots.keys()].map((el) => ({ links: el.querySelectorAll("a[href]").length })),
    tooMany: elements.length >= mostElements || links.length >= mostLinks || images.length >= mostImages, whole: document.readyState !== "loading",
  };
}
