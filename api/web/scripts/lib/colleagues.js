import { ask } from "./asking.js";
import { made } from "./building.js";

/** Suggest colleagues in a field with a list of its own; gives ids by the names that were shown. */
export function colleagues(field, list = field.list) {
  const known = new Map();
  field.addEventListener("input", async () => {
    const typed = field.value;
    if (!typed.trim() || known.has(typed)) return;
    const { ok, told } = await ask("GET", `/suggest?q=${encodeURIComponent(typed)}&limit=20`);
    if (!ok || field.value !== typed) return;
    const people = told.suggestions.filter((one) => one.kind === "person");
    for (const one of people) known.set(one.text, one.id);
    list.replaceChildren(...people.map((one) => made("option", { value: one.text })));
    field.dispatchEvent(new Event("known"));
  });
  return known;
}
