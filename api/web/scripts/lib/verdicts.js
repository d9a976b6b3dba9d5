import { h } from "./dom.js";

const THANKS = "Thank you. It makes the next search better.";
const GONE = "This search was too long ago. Search again, then say it.";
const FAILED = "That was not kept. Try again in a moment.";

/** Say what an answer or a person was worth without leaving the page. `form` is the one that leads to the
 * page for it, where there are no scripts. */
export function verdicts(form) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const { name, value, parentElement: place } = event.submitter;
    if (name === "helpful") send(place, { verdict: name, passage_id: Number(value) });
    else ask(place, event.submitter, name === "wrong_person" ? { verdict: name, person_id: Number(value) } : { verdict: name, passage_id: Number(value) });
  });

  function ask(place, button, said) {
    if (place.querySelector("form")) return;
    const question = said.verdict === "wrong_person" ? "Why not? (if you like)" : "What was missing? (if you like)";
    const reason = h("input", { type: "text", maxlength: 2000, autocomplete: "off" });
    const cancel = h("button", { type: "button", class: "quiet" }, "Cancel");
    const asked = h("form", { class: "reason" }, h("label", null, question, reason), h("button", { class: "quiet" }, "Send"), cancel);
    button.setAttribute("aria-expanded", "true");
    const leave = () => {
      asked.remove();
      button.removeAttribute("aria-expanded");
      button.focus();
    };
    cancel.addEventListener("click", leave);
    asked.addEventListener("keydown", ({ key }) => key === "Escape" && leave());
    asked.addEventListener("submit", (event) => {
      event.preventDefault();
      send(place, { ...said, reason: reason.value });
    });
    place.append(asked);
    reason.focus();
  }

  async function send(place, said) {
    const told = h("p", { role: "status", tabindex: "-1" });
    const held = [...place.childNodes];
    place.replaceChildren(told);
    told.focus();
    told.textContent = await given(said);
    if (told.textContent === FAILED) place.append(...held);
  }

  async function given(said) {
    const token = document.querySelector("meta[name=csrf-token]")?.content ?? "";
    try {
      const { ok, status } = await fetch("/api/v1/feedback", {
        method: "POST",
        headers: { "Content-Type": "application/json", "X-CSRF-Token": token },
        body: JSON.stringify({ query_id: form.elements.query_id.value, ...said }),
      });
      return ok ? THANKS : status === 404 ? GONE : FAILED;
    } catch {
      return FAILED;
    }
  }
}
