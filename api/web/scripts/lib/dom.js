/** An element. Attributes that are null or false are left out, children may be texts or lists; nothing is read as HTML. */
export function h(name, attributes, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes ?? {})) {
    if (value != null && value !== false) made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children.flat().filter((one) => one != null && one !== ""));
  return made;
}
