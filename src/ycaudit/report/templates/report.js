"use strict";
(() => {
  const form = document.getElementById("filters");
  const count = document.getElementById("count");
  const units = [...document.querySelectorAll("details.unit")].map((section) => ({
    section,
    row: document.querySelector(`tr[data-unit="${section.dataset.unit}"]`),
    tags: section.dataset.tags.split(/\s+/),
    text: section.textContent.toLowerCase(),
  }));
  const apply = () => {
    const asked = new FormData(form);
    const outcomes = new Set(asked.getAll("outcome"));
    const tag = asked.get("tag") || "";
    const text = (asked.get("text") || "").trim().toLowerCase();
    let shown = 0;
    for (const unit of units) {
      const fits = outcomes.has(unit.section.dataset.outcome)
        && (!tag || unit.tags.includes(tag)) && (!text || unit.text.includes(text));
      unit.section.hidden = unit.row.hidden = !fits;
      shown += fits;
    }
    count.textContent = count.dataset.said.replace("{shown}", shown).replace("{all}", units.length);
  };
  form.addEventListener("input", apply);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.hidden = false;
  apply();
  // A unit that is jumped to, and all that are printed, are opened.
  const open = () => {
    const section = document.getElementById(location.hash.slice(1));
    if (section && section.tagName === "DETAILS") section.open = true;
  };
  window.addEventListener("hashchange", open);
  open();
  window.addEventListener("beforeprint", () => units.forEach((unit) => {
    unit.wasOpen = unit.section.open;
    unit.section.open = true;
  }));
  window.addEventListener("afterprint", () => units.forEach((unit) => { unit.section.open = unit.wasOpen; }));
})();
