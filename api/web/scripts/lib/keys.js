const NO_TEXT = /^(button|checkbox|color|file|image|radio|range|reset|submit)$/;
const TEXT_ROLE = /^(combobox|listbox|searchbox|spinbutton|textbox)$/;

/** Whether a key belongs to an input method that is still composing, Enter and Escape included. */
export const composes = (event) => event.isComposing || event.keyCode === 229;

/** Whether keys are text where they went: in fields, selections and whatever is editable, also inside
 * open shadow roots. What a closed one holds nobody can see, so it counts as text. */
function isText(event) {
  const path = event.composedPath();
  const [target] = path;
  if (document.designMode === "on") return true;
  if (target.localName?.includes("-") && !target.shadowRoot) return true;
  return path.some(
    (one) =>
      one.isContentEditable ||
      /^(textarea|select)$/.test(one.localName) ||
      (one.localName === "input" && !NO_TEXT.test(one.type)) ||
      TEXT_ROLE.test(one.getAttribute?.("role")),
  );
}

/** Whether a key is free to be a shortcut: nobody else took it, and it is no text. */
export const isFree = (event) =>
  !event.defaultPrevented && !event.repeat && !composes(event) && !isText(event);
