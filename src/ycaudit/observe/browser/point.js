// Points at what is named like a code, an app or a channel, or clicks it where that leads nowhere: some
// pages make the image of a code only then. Returns how many images came of it.
async ({ clicks, most, pause }) => {
  const like = /二维码|微信|微博|公众号|客户端|小程序|扫一扫|扫码|关注我们|移动端|手机版|新媒体|wechat|weixin|weibo|qr-?code|erweima|(^|[^a-z])(app|wx|wb|qr|ewm|gzh)([^a-z]|$)/i;
  const named = (el) => {
    const text = (el.textContent || "").trim();
    if (text.length > 24) return false;
    const words = ["title", "alt", "class", "id", "aria-label"].map((name) => el.getAttribute(name) || "");
    const said = `${text} ${words.join(" ")}`;
    return like.test(said) && !/关闭|close|[×✕✖]/i.test(said);
  };
  const all = document.querySelectorAll("a, li, span, div, i, em, b, p, img, button, svg, dt, dd");
  const found = [];
  for (const el of all) {
    if (found.length >= most) break;
    if (!named(el) || !el.checkVisibility()) continue;
    const outer = found.length && found[found.length - 1].contains(el);
    if (outer) found.pop(); // the innermost: what happens there bubbles
    found.push(el);
  }
  let came = 0;
  const painted = (el) => el.nodeType === 1 && (/^(img|canvas|svg)$/i.test(el.localName) || !!el.querySelector("img, canvas, svg"));
  const watch = new MutationObserver((changes) => {
    for (const change of changes) {
      if (change.type === "attributes") came += 1;
      else came += [...change.addedNodes].filter(painted).length;
    }
  });
  watch.observe(document, { subtree: true, childList: true, attributes: true, attributeFilter: ["src"] });
  const open = window.open;
  window.open = () => null;
  if (window.__ycaudit_stay) window.__ycaudit_stay(() => {});
  const point = (el) => {
    for (const type of ["pointerover", "pointerenter", "mouseover", "mouseenter", "mousemove"]) {
      const Kind = type.startsWith("pointer") ? PointerEvent : MouseEvent;
      const bubbles = !type.endsWith("enter");
      for (let at = el, up = 0; at && up < (bubbles ? 1 : 3); at = at.parentElement, up++) {
        at.dispatchEvent(new Kind(type, { bubbles, cancelable: true, composed: true, view: window }));
      }
    }
  };
  const stays = (el) => {
    const a = el.closest("a[href]");
    return !el.closest("form, [type=submit]") && (!a || /^(#|javascript:)/i.test(a.getAttribute("href")));
  };
  const wait = (ms) => new Promise((done) => setTimeout(done, ms));
  for (const el of found) {
    if (clicks && !stays(el)) continue;
    try {
      if (clicks) el.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true, composed: true, view: window }));
      else point(el);
    } catch (e) { /* the page's own fault */ }
  }
  if (found.length) await wait(pause);
  watch.disconnect();
  window.open = open;
  return came;
}
