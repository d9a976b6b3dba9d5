// The search box of every page and the page of a search: suggestions, keys, verdicts, and what is under way.
import { h } from "./lib/dom.js";
import { forget } from "./lib/past.js";
import { shortcuts } from "./lib/shortcuts.js";
import { typeahead } from "./lib/typeahead.js";
import { verdicts } from "./lib/verdicts.js";

const input = document.querySelector("#q");
const results = document.querySelector(".results");

if (input) {
  const asked = typeahead(input.form, input);
  if (results && input.value.trim()) asked.add(input.value.trim());
  shortcuts(input);
  waiting(input.form);
}
if (results) returning();
const form = document.querySelector("#verdict");
if (form) verdicts(form);
addEventListener("submit", ({ target }) => target.matches("[action='/sign-out']") && forget());

/** Say that a search is under way, and no more when somebody comes back. */
function waiting(form) {
  const button = form.querySelector(".box > button");
  const told = h("p", { role: "status", class: "unseen" });
  const label = button.textContent;
  form.append(told);
  const set = (busy) => {
    button.textContent = told.textContent = busy ? "Searching…" : "";
    if (!busy) button.textContent = label;
    document.querySelector("main").ariaBusy = String(busy);
  };
  form.addEventListener("submit", () => set(true));
  document.querySelector("main").addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='/?']");
    if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) set(true);
  });
  addEventListener("pageshow", () => set(false));
}

/** Whoever comes back from an answer is at that answer again, though its link names another search. */
function returning() {
  const where = (link) => link.getAttribute("href").replace(/\bquery=\w+/, "");
  results.addEventListener("click", ({ target }) => {
    const link = target.closest("a[href]");
    if (link) history.replaceState({ ...history.state, at: where(link) }, "");
  });
  const came = performance.getEntriesByType("navigation")[0]?.type === "back_forward";
  if (!came || !history.state?.at) return;
  const link = [...results.querySelectorAll("a[href]")].find((one) => where(one) === history.state.at);
  link?.focus();
}
