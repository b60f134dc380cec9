// Clicks what says in code, or in a bound handler, where it leads, and tells the addresses that would
// have been opened. Nothing is left: windows are not opened and navigations are stopped.
async ({ marks, pause }) => {
  const found = {};
  let current = null;
  const note = (url) => {
    if (current !== null && url) {
      try { (found[current] = found[current] || []).push(new URL(String(url), document.baseURI).href); } catch (e) { /* no address */ }
    }
  };
  const open = window.open;
  window.open = (url) => { note(url); return null; };
  const submit = HTMLFormElement.prototype.submit;
  HTMLFormElement.prototype.submit = function () { note(this.action); };
  if (window.__ycaudit_stay) window.__ycaudit_stay(note);
  for (const mark of marks) {
    const el = document.querySelector(`[data-ycaudit-code="${mark}"]`);
    if (!el) continue;
    current = mark;
    const a = el.closest("a[href]");
    const stop = (e) => { if (a && !/^(#|javascript:)/i.test(a.getAttribute("href"))) e.preventDefault(); };
    el.addEventListener("click", stop);
    try {
      for (const type of ["mousedown", "mouseup", "click"]) {
        el.dispatchEvent(new MouseEvent(type, { bubbles: true, cancelable: true, composed: true, view: window }));
      }
    } catch (e) { /* the page's own fault */ }
    el.removeEventListener("click", stop);
    await new Promise((done) => setTimeout(done, pause));
  }
  current = null;
  window.open = open;
  HTMLFormElement.prototype.submit = submit;
  return found;
}
