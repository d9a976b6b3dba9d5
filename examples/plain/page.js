// What a page may tell the widget, and hear from it.
document.querySelector("#second").words = { button: "Ask a colleague" };
addEventListener("whoknows:select", ({ detail }) => {
  document.querySelector("#last").textContent = `${detail.kind}: ${detail.url}`;
});
