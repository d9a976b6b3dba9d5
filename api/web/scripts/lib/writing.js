/** A form with which somebody writes <-> what it says. */

const FIELDS = "title thing why steps example pitfall limits body tags level url knower knower_name"
  .split(" ");

/** All that is typed and chosen, as it is brought back. */
export function values(form) {
  const told = {};
  for (const name of FIELDS) if (form.elements[name]) told[name] = form.elements[name].value;
  told.reach = form.elements.reach.value;
  told.group = [...form.querySelectorAll("[name=group]:checked")].map((one) => one.value);
  told.rough = form.elements.rough?.checked ?? true;
  return told;
}

export function fill(form, told) {
  for (const name of FIELDS) {
    if (form.elements[name] && name in told) form.elements[name].value = told[name];
  }
  if (told.reach) form.elements.reach.value = told.reach;
  for (const one of form.querySelectorAll("[name=group]")) {
    one.checked = told.group?.includes(one.value) ?? false;
  }
  if (form.elements.rough) form.elements.rough.checked = told.rough;
}

/** The Markdown of it. */
export function text(form) {
  if (form.elements.body) return form.elements.body.value;
  return [...form.querySelectorAll("[data-heading]")]
    .filter((part) => part.value.trim())
    .map((part) => `## ${part.dataset.heading}\n\n${part.value.trim()}`)
    .join("\n\n");
}

/** Whether nothing stands in it yet. */
export function blank(form) {
  const told = values(form);
  return !FIELDS.some((name) => (told[name] ?? "").trim());
}

/** What the service keeps. */
export function draft(form) {
  const told = values(form);
  const base = form.elements.document_id && {
    document_id: Number(form.elements.document_id.value),
    revision: Number(form.elements.base_revision.value),
    version: form.elements.base_version.value,
  };
  return {
    form: form.elements.form.value,
    title: told.title,
    body: text(form),
    tags: told.tags.split(",").map((tag) => tag.trim()).filter(Boolean),
    level: told.level || null,
    audience: audience(form, told),
    url: told.url || null,
    rough: told.rough,
    knower_id: Number(told.knower) || null,
    base: base || null,
  };
}

function audience(form, told) {
  if (told.reach === "groups" && told.group.length) {
    return [told.group.map((slug) => `group:${slug}`)];
  }
  if (told.reach === "keep") return form.elements.kept.value.split("&").map((one) => one.split("|"));
  // Until a group is chosen nobody else may read it.
  if (told.reach !== "everyone" && told.reach !== "public") return [[`person:${form.dataset.person}`]];
  return [[told.reach]];
}

/** Put a text where somebody last wrote, apart from the words around it: with a blank line before
 * and after where it stands by itself. */
export function insert(field, told, { alone = false } = {}) {
  const [start, end] = [field.selectionStart, field.selectionEnd];
  const [before, after] = [field.value.slice(0, start), field.value.slice(end)];
  const [open, close] = alone
    ? [before.trim() ? lines(before.match(/\n*$/)) : "", lines(after.match(/^\n*/))]
    : [/[^\s([]$/.test(before) ? " " : "", /^[\p{L}\p{N}]/u.test(after) ? " " : ""];
  field.setRangeText(open + told + close, start, end, "end");
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.focus();
}

/** What a blank line takes beside the line ends that are there. */
function lines([there]) {
  return "\n".repeat(Math.max(0, 2 - there.length));
}
