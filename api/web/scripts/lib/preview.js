const NAME = "whoknows-search";

/** Show the widget as another site would, or say that it cannot be shown. A site's key works in its own pages only, so
 * it asks as whoever looks at it. */
export async function preview(place) {
  const said = place.querySelector("[data-said]");
  said.textContent = "One moment";
  try {
    await import(new URL(place.dataset.preview, location.href).href);
  } catch { /* said below */ }
  if (!customElements.get(NAME)) {
    said.textContent = "This service does not hand out the widget, so it cannot be shown here.";
    return;
  }
  const widget = document.createElement(NAME);
  widget.setAttribute("endpoint", location.origin);
  // This page has keys of its own.
  widget.setAttribute("hotkey", "none");
  said.hidden = true;
  place.append(widget);
}
