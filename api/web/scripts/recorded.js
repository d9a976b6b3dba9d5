// A session: help to say who takes part, look again until it is read, and help to say who speaks.
import { suggesting } from "./lib/suggesting.js";

if (document.querySelector("[data-waiting]")) setTimeout(() => location.reload(), 1500);
for (const field of document.querySelectorAll("input[list]")) suggesting(field, "person");

// A name that was found becomes a line of those who took part.
const adding = document.querySelector(".adding");
if (adding) {
  const [name, button] = adding.querySelectorAll("input, button");
  const told = document.querySelector("#participants");
  const add = () => {
    const typed = name.value.trim();
    const held = told.value.split("\n").map((line) => line.trim()).filter(Boolean);
    if (typed && !held.includes(typed)) told.value = [...held, typed].join("\n");
    if (typed) adding.querySelector("[role=status]").textContent = `${typed} takes part.`;
    name.value = "";
    name.focus();
  };
  button.addEventListener("click", add);
  name.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing) return;
    event.preventDefault();
    add();
  });
  adding.hidden = false;
}
