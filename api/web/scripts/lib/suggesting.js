import { ask } from "./asking.js";
import { made } from "./building.js";

/** Suggest colleagues or documents in a field with a list of its own; gives ids by the names that were shown. */
export function suggesting(field, kind, list = field.list) {
  const known = new Map();
  field.addEventListener("input", async () => {
    const typed = field.value;
    if (!typed.trim() || known.has(typed)) return;
    const { ok, told } = await ask("GET", `/suggest?q=${encodeURIComponent(typed.slice(0, 200))}&limit=20`);
    if (!ok || field.value !== typed) return;
    const found = told.suggestions.filter((one) => one.kind === kind);
    for (const one of found) known.set(one.text, one.id);
    list.replaceChildren(...found.map((one) => made("option", option(one, found))));
    field.dispatchEvent(new Event("known"));
  });
  return known;
}

/** Of two documents with one title only the address says which is meant. */
function option({ kind, id, text }, found) {
  const alone = kind === "person" || found.filter((one) => one.text === text).length === 1;
  return alone ? { value: text } : { value: `/documents/${id}`, label: text };
}
