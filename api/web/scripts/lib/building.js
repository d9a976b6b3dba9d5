/** An element with attributes and children, which are nodes or texts. */
export function made(tag, attributes = {}, ...children) {
  const one = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "click") one.addEventListener("click", value);
    else one.setAttribute(name, value);
  }
  one.append(...children);
  return one;
}

const TAGS = new Set(
  ("a blockquote br code del div em h2 h3 h4 h5 h6 hr img li ol p pre s span strong table tbody " +
    "td th thead tr ul").split(" "),
);
const ATTRIBUTES = new Set(
  "alt aria-label class href id loading rel role src start tabindex title".split(" "),
);

/** Nodes as the service tells them, as elements; what no page of ours shows is left out. */
export function built(nodes) {
  return nodes.map((one) => {
    if (typeof one === "string") return one;
    if (!TAGS.has(one.tag)) return "";
    const held = Object.entries(one.attributes).filter(([name]) => ATTRIBUTES.has(name));
    return made(one.tag, Object.fromEntries(held), ...built(one.children));
  });
}
