// Watches, from the first moment of every document, whether it is still changing; and keeps the
// visitor on it.
(() => {
  const state = { changed: performance.now(), timers: new Set() };
  const later = window.setTimeout;
  // Resolves once the document is complete, unchanged for so long, and no short timer waits.
  Object.defineProperty(window, "__ycaudit", { value: (quiet) => new Promise((done) => {
    const check = () => {
      const now = performance.now();
      let wait = quiet - (now - state.changed);
      for (const due of state.timers) wait = Math.max(wait, due - now + 60);
      if (document.readyState !== "complete") wait = Math.max(wait, 100);
      if (wait <= 0) done(true); else later.call(window, check, wait);
    };
    check();
  }) });
  const start = () => new MutationObserver(() => { state.changed = performance.now(); })
    .observe(document,
      { subtree: true, childList: true, attributes: true, attributeFilter: ["src", "href"] });
  start();
  const began = performance.now();
  // What comes later, of carousels and the like: kept, so that time can be turned on for them.
  const late = new Map();
  const keep = (id, work, rest) => {
    if (typeof work === "function" && late.size < 100) late.set(id, () => work.apply(window, rest));
    return id;
  };
  Object.defineProperty(window, "__ycaudit_tick", { value: () => {
    for (const work of [...late.values()]) { try { work(); } catch (e) { /* the page's own */ } }
  } });
  const every = window.setInterval;
  window.setInterval = function (work, ms, ...rest) {
    return keep(every.call(window, work, ms, ...rest), work, rest);
  };
  for (const name of ["clearInterval", "clearTimeout"]) {
    const clear = window[name];
    window[name] = function (id) { late.delete(id); return clear.call(window, id); };
  }
  window.setTimeout = function (work, ms, ...rest) {
    const now = performance.now();
    const due = now + (+ms || 0);
    // Short timers of the first seconds are part of loading; a carousel's are not waited for.
    if (due - now > 2500 || now - began > 4000) {
      return keep(later.call(window, work, ms, ...rest), work, rest);
    }
    state.timers.add(due);
    later.call(window, () => { state.timers.delete(due); }, (+ms || 0) + 30);
    return later.call(window, work, ms, ...rest);
  };
  // Once the look begins, the visitor stays: neither a timer nor a click leads away from the page.
  let staying = false;
  const stay = (e) => {
    if (!staying || e.hashChange || e.navigationType === "traverse") return;
    if (state.note) state.note(e.destination.url);
    if (e.cancelable) e.preventDefault();
  };
  for (const name of ["go", "back", "forward"]) { // these cannot be stopped once they have begun
    const move = History.prototype[name];
    History.prototype[name] = function (...where) { if (!staying) move.apply(this, where); };
  }
  if (window.navigation) window.navigation.addEventListener("navigate", stay);
  Object.defineProperty(window, "__ycaudit_stay", { value: (note) => { staying = true; state.note = note; } });
  // What asks the visitor would stop the page: he says yes, so that "leave this site?" lets him go.
  window.alert = () => {};
  window.confirm = () => true;
  window.prompt = () => null;
  window.print = () => {};
  window.close = () => {};
})();
