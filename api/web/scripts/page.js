// On every page: menus close when one looks elsewhere, and forms are sent once.
import { forgetAll } from "./lib/keeping.js";
import { closing } from "./lib/menus.js";

closing(document);

addEventListener("submit", (event) => {
  const form = event.target;
  if (form.getAttribute("action") === "/sign-out") forgetAll();
  if (event.defaultPrevented || form.method !== "post") return;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "yes";
});
// Whoever comes back finds the form as it was, and may send it.
addEventListener("pageshow", () => {
  for (const form of document.forms) delete form.dataset.sent;
});
