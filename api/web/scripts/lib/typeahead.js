import { combobox } from "./combobox.js";
import { h } from "./dom.js";
import { latest } from "./latest.js";
import { forget, past } from "./past.js";

const PAUSE_MS = 120;
const MOST = 6;
const OF_THE_PAST = 3;
const LONGEST = 200;

/** Under the search box: what one asked before, colleagues, titles and topics that begin with what is typed. */
export function typeahead(form, input) {
  const asked = past(form.dataset.asker);
  const requests = latest();
  // A search field may not be a combobox.
  input.type = "text";
  input.inputMode = "search";
  const list = h("div", { role: "listbox", id: "suggested", "aria-label": "Suggestions" });
  const clear = h("button", { type: "button", class: "link" }, "Forget what I asked before");
  const popup = h("div", { class: "suggested", hidden: true }, list, clear);
  const told = h("p", { role: "status", class: "unseen" });
  form.querySelector(".box").append(popup);
  form.append(told);
  const box = combobox(input, list);
  let timer;

  function option(kind, text, href, label) {
    const made = h("a", { role: "option", href }, h("span", null, text), h("span", { class: "count" }, label));
    // A question keeps what the search is narrowed by.
    if (kind === "question") {
      made.addEventListener("click", (event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        input.value = text;
        close();
        form.requestSubmit();
      });
    }
    return made;
  }
  const question = (text, label) => option("question", text, `/?q=${encodeURIComponent(text)}`, label);
  const made = ({ kind, text, id }) =>
    kind === "tag"
      ? question(text, "Topic")
      : option(kind, text, kind === "person" ? `/people/${id}` : `/documents/${id}`, kind === "person" ? "Colleague" : "Document");

  const before = (typed) =>
    asked.read().filter((one) => one !== typed && one.toLowerCase().startsWith(typed.toLowerCase()));

  function show(own, found = []) {
    const all = [...own.map((one) => question(one, "Asked before")), ...found];
    box.show(...all);
    popup.hidden = !all.length;
    clear.hidden = !own.length;
    told.textContent = all.length ? `${all.length} suggestion${all.length > 1 ? "s" : ""}` : "";
  }

  function close() {
    clearTimeout(timer);
    requests.stop();
    box.show();
    popup.hidden = true;
    told.textContent = "";
  }

  async function suggest() {
    const typed = input.value.trim();
    const own = before(typed);
    if (!typed) return show(own);
    const path = `/api/v1/suggest?limit=${MOST}&q=${encodeURIComponent(typed.slice(0, LONGEST))}`;
    // Without suggestions one still searches.
    const found = await requests
      .ask(async (signal) => {
        const response = await fetch(path, { signal });
        return response.ok ? response.json() : { suggestions: [] };
      })
      .catch(() => ({ suggestions: [] }));
    if (found) show(own.slice(0, OF_THE_PAST), found.suggestions.map(made));
  }

  input.addEventListener("input", () => {
    clearTimeout(timer);
    requests.stop();
    box.leave();
    timer = setTimeout(suggest, PAUSE_MS);
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !popup.hidden && !event.isComposing) {
      event.preventDefault();
      close();
    } else if (event.key === "ArrowDown" && popup.hidden) suggest();
  });
  input.addEventListener("click", () => popup.hidden && !input.value.trim() && suggest());
  clear.addEventListener("click", () => {
    forget();
    close();
    input.focus();
  });
  form.addEventListener("focusout", ({ relatedTarget: next }) => next === input || popup.contains(next) || close());
  form.addEventListener("submit", close);
  return asked;
}
