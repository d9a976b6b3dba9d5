import { h } from "./dom.js";
import { isFree } from "./keys.js";

const OFF = "whoknows.keys";
const KEYS = [
  ["/", "go to the search box"],
  ["j", "next answer or colleague"],
  ["k", "the one before"],
  ["Enter", "open it"],
  ["?", "show these keys"],
];

/** Single keys of the search pages, and the dialog that tells them and switches them off. */
export function shortcuts(input) {
  const are = () => {
    try {
      return localStorage.getItem(OFF) !== "off";
    } catch {
      return true;
    }
  };
  let dialog;

  function build() {
    const on = h("input", { type: "checkbox", id: "keys-on" });
    on.checked = are();
    on.addEventListener("change", () => {
      try {
        localStorage.setItem(OFF, on.checked ? "on" : "off");
      } catch {
        // Then it holds for this page only by not being used.
      }
    });
    const close = h("button", { type: "button", autofocus: true }, "Close");
    close.addEventListener("click", () => dialog.close());
    const rows = KEYS.map(([key, does]) => h("div", null, h("dt", null, h("kbd", null, key)), h("dd", null, does)));
    dialog = h(
      "dialog",
      { class: "keys", "aria-labelledby": "keys" },
      h("h2", { id: "keys" }, "Keys"),
      h("dl", null, rows),
      h("p", { class: "choices" }, h("label", null, on, "Use these keys")),
      h("p", { class: "actions" }, close),
    );
    // Whoever does not need it sees no trace of it.
    dialog.addEventListener("close", () => dialog.remove());
    dialog.addEventListener("click", ({ target }) => target === dialog && dialog.close());
  }

  function tell() {
    build();
    document.body.append(dialog);
    dialog.showModal();
  }

  function move(step) {
    const all = [...document.querySelectorAll(".results h3 a")];
    const at = all.indexOf(document.activeElement);
    const next = all[Math.min(Math.max(at + step, 0), all.length - 1)];
    next?.focus();
    next?.closest("article").scrollIntoView({ block: "nearest" });
  }

  const does = { "/": () => (input.focus(), input.select()), j: () => move(1), k: () => move(-1), "?": tell };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    if (!Object.hasOwn(does, event.key) || !isFree(event) || !are()) return;
    event.preventDefault();
    does[event.key]();
  });
  const button = h("button", { type: "button", class: "link" }, "Keys ", h("kbd", { "aria-hidden": "true" }, "?"));
  button.addEventListener("click", tell);
  document.querySelector("footer")?.append(button);
}
