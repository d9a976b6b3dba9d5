// <whoknows-search endpoint="https://…" site-key="…">: the search inside the pages of another site.
import { combobox } from "./lib/combobox.js";
import { h } from "./lib/dom.js";
import { composes, isFree } from "./lib/keys.js";
import { latest } from "./lib/latest.js";
import { options } from "./lib/results.js";
import { Failure, service } from "./lib/service.js";
import { counted, ENGLISH, filled } from "./lib/words.js";
import style from "./widget.css";

const NAME = "whoknows-search";
const SUGGEST_MS = 120;
const SEARCH_MS = 500;
const LONGEST = 1000;
const MAC = /mac|iphone|ipad/i.test(navigator.platform);
const sheet = new CSSStyleSheet();
sheet.replaceSync(style);
// Of all widgets on the page at most one is open: the one that was opened last.
let opened;

function magnifier() {
  const draw = (name, attributes) => {
    const made = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    return made;
  };
  const made = draw("svg", { viewBox: "0 0 20 20", "aria-hidden": "true" });
  made.append(draw("path", { d: "M13.5 13.5 18 18M15 8.5a6.5 6.5 0 1 1-13 0 6.5 6.5 0 0 1 13 0Z" }));
  return made;
}

class WhoknowsSearch extends HTMLElement {
  static observedAttributes = ["hotkey", "mode", "lang"];
  #root = this.attachShadow({ mode: "open" });
  #requests = latest();
  #words;
  #proof;
  #parts;
  #timers = [];
  #asked = "";
  #ask;

  get words() {
    return this.#words;
  }
  set words(words) {
    this.#words = words;
    this.#draw();
  }
  get getToken() {
    return this.#proof;
  }
  set getToken(proof) {
    this.#proof = proof;
  }

  connectedCallback() {
    // What was set before this script came stands in the way of the accessors.
    for (const name of ["words", "getToken"]) {
      if (!Object.hasOwn(this, name)) continue;
      const value = this[name];
      delete this[name];
      this[name] = value;
    }
    this.#root.adoptedStyleSheets = [sheet];
    this.#draw();
    document.addEventListener("keydown", this.#pressed);
    addEventListener("online", this.#back);
  }

  disconnectedCallback() {
    this.close();
    document.removeEventListener("keydown", this.#pressed);
    removeEventListener("online", this.#back);
  }

  attributeChangedCallback() {
    this.#draw();
  }

  /** Open the search, with a question if one is given. */
  open(question = "") {
    if (opened?.#shown || !this.isConnected) return;
    opened = this;
    const parts = (this.#parts ??= this.#build());
    // Tokens of who is asking are kept while the search is open.
    this.#ask = service(this.#endpoint, this.getAttribute("site-key") ?? this.getAttribute("key") ?? "", this.#proof);
    if (question) parts.input.value = question;
    parts.dialog.showModal();
    parts.input.focus();
    parts.input.select();
    this.#tell("open", {});
    this.#search();
  }

  /** Close it; what was found is there when it is opened again. */
  close() {
    this.#parts?.dialog.close();
    // Where nothing had the focus before, the next key would still go to the field.
    this.#parts?.input.blur();
  }

  get #shown() {
    return this.#parts?.dialog.open;
  }

  get #endpoint() {
    const told = this.getAttribute("endpoint") || new URL(import.meta.url).origin;
    return told.replace(/\/+$/, "");
  }

  get #said() {
    return { ...ENGLISH, ...this.#words };
  }

  get #language() {
    return this.closest("[lang]")?.lang || document.documentElement.lang || "en";
  }

  get #hotkey() {
    return this.getAttribute("hotkey") ?? "mod+k";
  }

  #tell(name, detail, cancelable = false) {
    return this.dispatchEvent(
      new CustomEvent(`whoknows:${name}`, { detail, bubbles: true, composed: true, cancelable }),
    );
  }

  #draw() {
    if (!this.isConnected) return;
    if (this.#shown) this.close();
    const said = this.#said;
    const hotkey = this.#hotkey;
    const mod = hotkey === "mod+k";
    const shown = mod ? (MAC ? "⌘ K" : "Ctrl K") : hotkey === "/" && hotkey;
    const told = mod ? (MAC ? "Meta+K" : "Control+K") : shown;
    const button = h(
      "button",
      { type: "button", part: "button", "aria-haspopup": "dialog", "aria-keyshortcuts": told },
      magnifier(),
      h("span", null, said.button),
      shown ? h("kbd", { "aria-hidden": "true", part: "key" }, shown) : null,
    );
    button.addEventListener("click", () => this.open());
    // Whoever types at once begins the question with it.
    button.addEventListener("keydown", (event) => {
      const { key, ctrlKey, metaKey, altKey } = event;
      if (key.length === 1 && key !== " " && !ctrlKey && !metaKey && !altKey) this.open();
    });
    this.#parts = undefined;
    this.#root.replaceChildren(h("div", { class: this.getAttribute("mode") === "box" ? "box" : "root" }, button));
  }

  #build() {
    const said = this.#said;
    const input = h("input", {
      type: "text",
      part: "input",
      inputmode: "search",
      enterkeyhint: "search",
      spellcheck: "false",
      maxlength: LONGEST,
      "aria-label": said.label,
      placeholder: said.placeholder,
    });
    const list = h("div", { role: "listbox", id: "found", part: "results", "aria-label": said.answers });
    const status = h("p", { role: "status", part: "status" }, said.hint);
    const again = h("button", { type: "button", part: "again", hidden: true }, said.again);
    const advice = h("p", { class: "advice", hidden: true }, said.advice);
    const all = h("a", { part: "all", target: "_blank", rel: "noopener", href: `${this.#endpoint}/` }, said.all);
    const close = h("button", { type: "button", part: "close", "aria-label": said.close }, "×");
    const dialog = h(
      "dialog",
      { part: "dialog", "aria-label": said.button },
      h("div", { class: "ask", role: "search" }, magnifier(), input, close),
      h("div", { class: "state" }, status, again),
      advice,
      list,
      h("div", { class: "foot" }, h("span", { "aria-hidden": "true" }, said.keys), all),
    );
    const box = combobox(input, list, () => this.#search());
    let composing = false;
    input.addEventListener("compositionstart", () => (composing = true));
    input.addEventListener("compositionend", () => {
      composing = false;
      this.#typed();
    });
    input.addEventListener("input", () => composing || this.#typed());
    // The page behind takes what is typed here for its shortcuts, as it cannot see the field.
    for (const name of ["keydown", "keypress", "keyup"]) {
      dialog.addEventListener(name, (event) => event.stopPropagation());
    }
    // The browser closes a little later than it is told to; while composing Escape means the word.
    dialog.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.preventDefault();
      if (!composes(event)) this.close();
    });
    dialog.addEventListener("cancel", (event) => composing && event.preventDefault());
    dialog.addEventListener("click", ({ target }) => target === dialog && this.close());
    dialog.addEventListener("close", () => this.#closed());
    close.addEventListener("click", () => this.close());
    again.addEventListener("click", () => {
      input.focus();
      this.#search();
    });
    list.addEventListener("click", (event) => this.#chosen(event));
    this.#root.firstChild.append(dialog);
    return { dialog, input, list, status, again, advice, all, box };
  }

  #closed() {
    // The browser says so a little later; by then it may be open again.
    if (this.#shown) return;
    this.#rest();
    // Opened again, it goes on.
    if (this.#parts?.dialog.dataset.state === "loading") this.#asked = "";
  }

  #rest() {
    this.#timers.forEach(clearTimeout);
    this.#timers = [];
    this.#requests.stop();
  }

  #later(work, ms) {
    this.#timers.push(setTimeout(work, ms));
  }

  #question() {
    return this.#parts.input.value.trim();
  }

  #typed() {
    this.#rest();
    this.#asked = "";
    const { box } = this.#parts;
    box.leave();
    if (!this.#question()) {
      box.show();
      this.#state("hint", this.#said.hint);
      return;
    }
    this.#later(() => this.#suggest(), SUGGEST_MS);
    // Whoever is choosing is left alone.
    this.#later(() => box.holds() || this.#search(), SEARCH_MS);
  }

  async #suggest() {
    const path = `suggest?limit=6&q=${encodeURIComponent(this.#question().slice(0, 200))}`;
    const told = await this.#requests.ask((signal) => this.#ask(path, signal)).catch(() => undefined);
    if (!told?.suggestions.length) return;
    this.#parts.box.show(...options(this.#context).suggested(told.suggestions));
    this.#state("suggestions", counted(this.#said.suggested, told.suggestions.length, this.#language));
  }

  async #search() {
    const query = this.#question();
    if (!query || query === this.#asked) return;
    this.#rest();
    this.#asked = query;
    const { box, all } = this.#parts;
    const encoded = encodeURIComponent(query);
    all.href = `${this.#endpoint}/?q=${encoded}`;
    this.#state("loading", this.#said.loading);
    this.#tell("query", { query });
    try {
      const told = await this.#requests.ask((signal) => this.#ask(`search?limit=5&q=${encoded}`, signal));
      if (told === undefined) return;
      box.show(...options(this.#context).found(told));
      this.#found(query, told);
    } catch (error) {
      this.#asked = "";
      box.show();
      this.#failed(error instanceof Failure ? error : new Failure("error"));
    }
  }

  #found(query, { answers: { length: answers }, people: { length: people }, confident }) {
    const said = this.#said;
    const counts = {
      answers: counted(said.answer, answers, this.#language),
      people: counted(said.person, people, this.#language),
    };
    if (answers + people) this.#state("found", filled(said.found, counts));
    else this.#state("empty", said.empty);
    this.#tell("results", { query, answers, people, confident });
  }

  #failed({ state, status, seconds }) {
    this.#state(state, filled(this.#said[state], { n: seconds }));
    if (state === "limited") this.#later(() => this.#search(), seconds * 1000);
    this.#tell("error", { state, status, retryAfter: seconds });
  }

  #back = () => {
    if (this.#shown && this.#parts.dialog.dataset.state === "offline") this.#search();
  };

  #state(state, text) {
    const { dialog, status, again, advice, list } = this.#parts;
    dialog.dataset.state = state;
    // Where there is nothing to choose, what is said stands out.
    dialog.classList.toggle("told", !/hint|loading|suggestions|found/.test(state));
    status.textContent = text;
    list.ariaBusy = String(state === "loading");
    again.hidden = state !== "error" && state !== "unauthorised";
    advice.hidden = state !== "empty";
  }

  get #context() {
    return { words: this.#said, language: this.#language, endpoint: this.#endpoint };
  }

  #chosen(event) {
    const option = event.target.closest("[role=option]");
    if (!option) return;
    const { told } = option;
    const detail = { ...told, url: option.href, query: this.#question() };
    if (!this.#tell("select", detail, true)) {
      event.preventDefault();
    } else if (told.kind === "tag" && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      this.#parts.input.value = told.text;
      this.#search();
    }
  }

  #pressed = (event) => {
    if (opened?.#shown || !isFree(event)) return;
    const { key, code, altKey, shiftKey } = event;
    const mod = MAC ? event.metaKey && !event.ctrlKey : event.ctrlKey && !event.metaKey;
    const hotkey = this.#hotkey;
    const plain = !event.ctrlKey && !event.metaKey && !altKey;
    const fits =
      hotkey === "/"
        ? plain && key === "/"
        : hotkey === "mod+k" && mod && !altKey && !shiftKey && (key.toLowerCase() === "k" || (key > "~" && code === "KeyK"));
    if (!fits) return;
    event.preventDefault();
    this.open();
  };
}

// A second copy of this file leaves the first one alone.
if (!customElements.get(NAME)) customElements.define(NAME, WhoknowsSearch);
