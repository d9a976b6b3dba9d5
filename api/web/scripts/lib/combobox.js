import { composes } from "./keys.js";

/** A field with a list of options below it, by the pattern of the ARIA authoring practices: the focus stays in
 * the field, which names the active option. Whatever in the list has the role is one, and is chosen
 * by a click. `enter`: Enter while no option is active. */
export function combobox(input, list, enter) {
  let active;
  const options = () => [...list.querySelectorAll("[role=option]")];
  const attributes = {
    role: "combobox",
    autocomplete: "off",
    "aria-autocomplete": "list",
    "aria-controls": list.id,
    "aria-expanded": "false",
  };
  for (const [key, value] of Object.entries(attributes)) input.setAttribute(key, value);

  function activate(option) {
    active?.setAttribute("aria-selected", "false");
    active = option;
    active?.setAttribute("aria-selected", "true");
    active?.scrollIntoView({ block: "nearest" });
    if (active) input.setAttribute("aria-activedescendant", active.id);
    else input.removeAttribute("aria-activedescendant");
  }

  input.addEventListener("keydown", (event) => {
    if (composes(event) || event.altKey || event.ctrlKey || event.metaKey) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      const all = options();
      // Between the last option and the first one is the field itself.
      const next = all.indexOf(active) + step;
      activate(all[next < -1 ? all.length - 1 : next]);
      event.preventDefault();
    } else if (event.key === "Enter" && active) {
      event.preventDefault();
      active.click();
    } else if (event.key === "Enter") {
      enter?.(event);
    }
  });
  // A click leaves the focus where it is.
  list.addEventListener("mousedown", (event) => event.preventDefault());

  return {
    /** Show other options, none of them active; without any the list is closed. */
    show(...nodes) {
      activate();
      list.replaceChildren(...nodes);
      options().forEach((option, number) => {
        option.id = `${list.id}-${number}`;
        option.tabIndex = -1;
        option.setAttribute("aria-selected", "false");
      });
      input.setAttribute("aria-expanded", String(Boolean(list.firstChild)));
    },
    /** No option is active any more. */
    leave: () => activate(),
    /** Whether one is. */
    holds: () => Boolean(active),
  };
}
