// Writing: what is typed is kept as one goes, and what is told of it stands beside it.
import { ask } from "./lib/asking.js";
import { autosave } from "./lib/autosave.js";
import { built, made } from "./lib/building.js";
import { suggesting } from "./lib/suggesting.js";
import { blank, insert, text } from "./lib/writing.js";

const LOOK_MS = 1200;
const form = document.querySelector("form.compose");
const saying = form.querySelector(".saving");
const [status, time] = [saying.querySelector("[role=status]"), saying.querySelector("time")];
const clock = (at) => at.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
let field = form.querySelector("textarea[data-heading], textarea[name=body]");

function say(words, wrong = false) {
  if (status.textContent !== words) status.textContent = words;
  time.textContent = words === "Saved" ? clock(new Date()) : "";
  saying.classList.toggle("wrong", wrong);
}

function offer(words, ...buttons) {
  const place = document.querySelector(".offer");
  place.replaceChildren(made("p", { role: "status" }, words), ...buttons);
  place.hidden = false;
}

async function submit(action) {
  await keeping.stop();
  // A form that is being submitted is not submitted again, not even from its own event.
  await new Promise((done) => setTimeout(done));
  form.dataset.asis = "yes";
  form.requestSubmit(form.querySelector(`button[value=${action}]`));
}

const keeping = autosave(form, {
  say,
  saved: () => {},
  conflict: () =>
    offer(
      "This draft was also changed elsewhere, perhaps in another window. Nothing is lost.",
      made("button", { type: "button", click: () => submit("save") }, "Compare the two"),
    ),
});
// Whoever comes from saving or merging without a script has all of it in the page.
if (location.search && form.elements.draft_id.value) {
  keeping.forget();
  history.replaceState(null, "", location.pathname);
}
const back = keeping.restore();
if (back) offer(`This is what you typed last, at ${clock(back)}; this device had kept it.`);

// What is told of it.
let looking = 0;
async function look() {
  const told = {
    form: form.elements.form.value,
    title: form.elements.title.value,
    body: text(form),
    document_id: Number(form.elements.document_id?.value) || null,
  };
  const mine = ++looking;
  const { ok, told: advice } = await ask("POST", "/drafts/hints", told);
  if (!ok || mine !== looking) return;
  for (const hint of advice.hints) {
    const line = document.querySelector(`.hints [data-about=${hint.about}]`);
    if (!line) continue;
    line.classList.toggle("done", hint.done);
    line.querySelector(".state").textContent = hint.done ? "Done: " : "To do: ";
    line.querySelector(".said").textContent = hint.text;
  }
  next();
  near(advice.similar);
  suggest(advice);
}

/** How many hints are followed, and the first that is not: where the hints are not in sight. */
function next() {
  const lines = [...document.querySelectorAll(".hints li")];
  if (!lines.length) return;
  const open = lines.filter((line) => !line.classList.contains("done"));
  const place = form.querySelector(".next-hint");
  place.replaceChildren(
    made("a", { href: "#hints" }, `${lines.length - open.length} of ${lines.length} hints followed`),
    open.length ? `. Next: ${open[0].querySelector(".said").textContent}` : ".",
  );
  place.hidden = false;
}
next();

function near(similar) {
  const place = document.querySelector(".near");
  place.hidden = !similar.length;
  place.querySelector("ul").replaceChildren(
    ...similar.map((one) => {
      const label = one.title.replace(/[[\]]/g, "");
      const link = () => insert(field, `[${label}](${one.url})`);
      const ways = made(
        "p",
        { class: "actions" },
        made(
          "button",
          { type: "button", class: "quiet", "aria-label": `Link to ${one.title}`, click: link },
          "Link to it",
        ),
      );
      if (one.editable) {
        ways.append(made("a", { class: "button quiet", href: `${one.url}/edit` }, "Extend it"));
      }
      const open = made("a", { href: one.url, target: "_blank", rel: "noopener" }, one.title);
      const excerpt = one.excerpt ? [made("p", { class: "excerpt" }, one.excerpt)] : [];
      return made("li", {}, open, ...excerpt, ways);
    }),
  );
}

function suggest({ tags, level }) {
  const box = form.elements.tags;
  const held = box.value.split(",").map((tag) => tag.trim()).filter(Boolean);
  const fresh = tags.filter((tag) => !held.includes(tag));
  const add = (tag) => () => {
    box.value = [...held, tag].join(", ");
    box.dispatchEvent(new Event("input", { bubbles: true }));
    box.focus();
  };
  const place = form.querySelector("[data-suggest=tags]");
  place.hidden = !fresh.length;
  place.replaceChildren(
    "Used nearby:",
    ...fresh.map((tag) =>
      made(
        "button",
        { type: "button", class: "quiet", "aria-label": `Add the tag ${tag}`, click: add(tag) },
        tag,
      ),
    ),
  );
  const select = form.elements.level;
  const option = level && select.querySelector(`[value=${level}]`);
  const line = form.querySelector("[data-suggest=level]");
  line.hidden = !option || select.value === level;
  if (!option) return;
  const choose = () => {
    select.value = level;
    select.dispatchEvent(new Event("input", { bubbles: true }));
    select.focus();
  };
  line.replaceChildren(
    "Looks written for ",
    made(
      "button",
      { type: "button", class: "quiet", click: choose },
      option.textContent.toLowerCase(),
    ),
  );
}

let waiting = 0;
form.addEventListener("input", () => {
  clearTimeout(waiting);
  waiting = setTimeout(look, LOOK_MS);
});
form.addEventListener("focusin", ({ target }) => {
  if (target.matches("textarea")) field = target;
});

// Who knew it.
const name = form.elements.knower_name;
if (name) {
  const known = suggesting(name, "person");
  const mean = () => {
    form.elements.knower.value = known.get(name.value) ?? "";
  };
  name.addEventListener("input", mean);
  name.addEventListener("known", mean);
}

// Pictures.
async function take(files) {
  const pictures = [...files].filter((file) => file.type.startsWith("image/"));
  if (!pictures.length) return;
  say("Adding the picture");
  if (!form.elements.draft_id.value) {
    await keeping.save({ force: true });
  }
  for (const one of pictures) {
    const told = new FormData();
    told.append("file", one, one.name || "picture");
    const id = form.elements.draft_id.value;
    const { ok, told: kept } = await ask("POST", `/drafts/${id}/files`, told);
    if (!ok) {
      say(kept?.detail ?? "The picture could not be sent", true);
      return;
    }
    const label = kept.name.replace(/\.\w+$/, "").replace(/[[\]]/g, "");
    insert(field, `![${label}](${kept.href})`, { alone: true });
  }
}
form.addEventListener("paste", (event) => {
  if (!event.clipboardData?.files.length || !event.target.matches("textarea")) return;
  event.preventDefault();
  take(event.clipboardData.files);
});
form.addEventListener("dragover", (event) => {
  if (!event.target.matches("textarea") || !event.dataTransfer.types.includes("Files")) return;
  event.preventDefault();
  event.target.classList.add("over");
});
form.addEventListener("dragleave", ({ target }) => target.classList?.remove("over"));
form.addEventListener("drop", (event) => {
  if (!event.target.matches("textarea") || !event.dataTransfer.files.length) return;
  event.preventDefault();
  event.target.classList.remove("over");
  field = event.target;
  take(event.dataTransfer.files);
});
form.elements.file.addEventListener("change", async ({ target }) => {
  await take(target.files);
  target.value = "";
});

// Publishing, and how it will look.
async function publish() {
  if (!form.elements.draft_id.value && blank(form)) return submit("publish");
  const named = !name?.value.trim() || form.elements.knower.value;
  const id = () => form.elements.draft_id.value;
  if (!named || !(await keeping.save({ force: true }))) return submit("publish");
  await keeping.stop();
  const answer = await ask("POST", `/drafts/${id()}/publish`, undefined, {
    headers: {
      "If-Match": `"${form.elements.version.value}"`,
      "Idempotency-Key": `publish ${id()} ${form.elements.version.value}`,
    },
  });
  if (answer.ok) {
    keeping.forget();
    location.assign(answer.told.url);
  } else if (answer.status) {
    submit("publish");
  } else {
    keeping.resume();
    say("Offline, kept on this device", true);
  }
}

async function preview() {
  const place = document.querySelector(".preview");
  const { ok, told } = await ask("POST", "/preview", {
    form: form.elements.form.value,
    title: form.elements.title.value,
    body: text(form),
    draft_id: Number(form.elements.draft_id.value) || null,
    document_id: Number(form.elements.document_id?.value) || null,
  });
  if (!ok) return say("The preview cannot be had right now", true);
  place.querySelector(".prose").replaceChildren(...built(told.nodes));
  place.hidden = false;
  place.focus();
  place.scrollIntoView({ block: "start" });
}

form.addEventListener("submit", (event) => {
  const action = event.submitter?.value;
  if (form.dataset.asis || !action) {
    // The service keeps all that is sent, or gives it back with what is wrong.
    delete form.dataset.asis;
    return;
  }
  event.preventDefault();
  if (action === "preview") preview();
  else if (action === "save") keeping.save().then((done) => done && say("Saved"));
  else publish();
});
addEventListener("keydown", (event) => {
  if (event.key !== "s" || !(event.ctrlKey || event.metaKey) || event.altKey) return;
  event.preventDefault();
  keeping.save();
});
for (const one of document.querySelectorAll("form.discard")) {
  one.addEventListener("submit", () => {
    keeping.stop();
    keeping.forget();
  });
}
