/** Show the buttons that copy a text, and let them say whether it is copied. */
export function copying(root) {
  if (!navigator.clipboard) return;
  for (const shown of root.querySelectorAll("[data-copying]")) {
    const button = shown.querySelector("[data-copy]");
    const said = shown.querySelector("[data-copied]");
    shown.hidden = false;
    button.addEventListener("click", async () => {
      const text = root.getElementById(button.dataset.copy);
      try {
        await navigator.clipboard.writeText(text.textContent);
        said.textContent = "It is copied.";
      } catch {
        getSelection().selectAllChildren(text);
        said.textContent = "Your browser does not allow it; it is marked, so copy it by hand.";
      }
    });
  }
}
