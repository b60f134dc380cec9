"use strict";
// Everything works without this file: it saves clicks, and shows a check as it goes.
(() => {
  for (const form of document.querySelectorAll("form[data-auto]")) {
    form.addEventListener("change", () => form.requestSubmit());
  }

  // A check that goes on: its part of the page is fetched anew; at its end the whole page is.
  const follow = async () => {
    const mine = document.querySelector("[data-progress]");
    if (!mine) return;
    try {
      const answer = await fetch(location.href, { credentials: "same-origin" });
      const there = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = there.querySelector("[data-progress]");
      if (!fresh) { location.reload(); return; }
      mine.replaceWith(document.importNode(fresh, true));
    } catch { /* the desk has ended: what was shown stays */ }
    setTimeout(follow, 2000);
  };
  setTimeout(follow, 1000);

  for (const button of document.querySelectorAll("[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => print());
  }

  // Keys of a review: they choose, and only Enter records.
  const answer = document.getElementById("answer");
  if (!answer) return;
  const keys = document.getElementById("keys");
  keys.closest("[hidden]").hidden = false;
  keys.checked = localStorage.getItem("keys") !== "off";
  keys.addEventListener("change", () => localStorage.setItem("keys", keys.checked ? "on" : "off"));
  const values = { p: "pass", f: "fail", t: "call" };
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input:not([type=radio]):not([type=checkbox]), select, textarea");
    if (!keys.checked || typing || event.ctrlKey || event.metaKey || event.altKey) return;
    const key = event.key.toLowerCase();
    if (key === "enter") {
      if (event.target.closest("a, button, summary, label, input")) return;
      answer.requestSubmit(document.getElementById("submit"));
    } else if (key in values) {
      const asked = key === "t" ? "" : "fieldset:not([data-alone]) ";  // what is answered by itself alone
      for (const one of answer.querySelectorAll(`${asked}input[type=radio][value=${values[key]}]`)) one.checked = true;
      document.getElementById("submit").focus();
    } else {
      const found = document.querySelector(`[data-key="${CSS.escape(key)}"]`);
      if (!found) return;
      found.click();
    }
    event.preventDefault();
  });
})();
