const number = new Intl.NumberFormat("en");
const SAID_EVERY_MS = 5000;

/** Show how far an import is until its state changes; then the page says what there is to do. */
export function live(panel) {
  const { live: id, state, after } = panel.dataset;
  const bar = panel.querySelector("progress");
  const said = panel.querySelector("[data-said]");
  let spoke = 0;
  const source = new EventSource(`/api/v1/imports/${id}/events?after=${after}`);
  const again = () => {
    source.close();
    location.replace(location.pathname);
  };
  source.addEventListener("progress", ({ data }) => {
    const told = JSON.parse(data);
    if (told.state !== state) return again();
    const { counts } = told;
    for (const one of panel.querySelectorAll("[data-count]")) {
      one.textContent = number.format(counts[one.dataset.count] ?? 0);
    }
    if (counts.bytes) {
      bar.max = counts.bytes;
      bar.value = counts.bytes_read;
    }
    // Whoever listens is not told of every page.
    if (counts.bytes && Date.now() - spoke >= SAID_EVERY_MS) {
      spoke = Date.now();
      const part = Math.round((100 * counts.bytes_read) / counts.bytes);
      said.textContent = `${part} % is read: ${number.format(counts.added + counts.changed)} documents so far.`;
    }
  });
  source.addEventListener("end", again);
  // What was just asked for leads to the page anew, and says that it is done.
  addEventListener("submit", () => source.close());
}
