// Draws each chart of the page anew from the table beside it, so that one can follow it month by month
// with the pointer or the arrow keys. What is not told has no value there, and is a gap.
import uPlot from "uplot";

const dark = matchMedia("(prefers-color-scheme: dark)");
const HEIGHT = 190;

function held(table) {
  const [, ...names] = [...table.tHead.rows[0].cells].map((cell) => cell.textContent.trim());
  // The newest is the first row of the table, and the last of a chart.
  const rows = [...table.tBodies[0].rows].reverse();
  const months = rows.map((row) => row.cells[0].textContent.trim());
  const told = names.map((_, n) => rows.map((row) => row.cells[n + 1].textContent.trim()));
  const values = names.map((_, n) => rows.map((row) => {
    const { value } = row.cells[n + 1].dataset;
    return value ? Number(value) : null;
  }));
  return { names, months, told, values };
}

function options(chart, { names, months }, width, show) {
  const css = getComputedStyle(chart);
  const colour = (name) => css.getPropertyValue(name).trim();
  const axis = {
    stroke: colour("--soft"),
    font: `12px ${css.fontFamily}`,
    grid: { stroke: colour("--line"), width: 1 },
    ticks: { stroke: colour("--line"), width: 1 },
  };
  const { least, most, unit } = chart.dataset;
  return {
    width,
    height: HEIGHT,
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false } },
    scales: { x: { time: false, range: [-0.3, months.length - 0.7] }, y: { range: [Number(least), Number(most)] } },
    axes: [
      { ...axis, incrs: [1, 2, 3, 6, 12], space: 72, values: (_, at) => at.map((n) => months[n] ?? "") },
      { ...axis, size: 48, values: (_, at) => at.map((value) => `${Number(value.toPrecision(3))}${unit}`) },
    ],
    series: [
      {},
      ...names.map((name, n) => ({
        label: name,
        stroke: colour(`--series-${n}`),
        width: 2,
        dash: n ? [6, 4] : undefined,
        points: { show: true, size: 6, fill: colour("--card") },
      })),
    ],
    hooks: { setCursor: [(made) => show(made.cursor.idx)] },
  };
}

function follow(chart) {
  const data = held(chart.parentElement.querySelector("table"));
  const said = chart.querySelector(".told-of");
  let at = data.months.length - 1;
  let plot;
  const show = (index) => {
    if (index === null || index === undefined) return;
    at = index;
    const values = data.names.map((name, n) => `${data.names.length > 1 ? `${name} ` : ""}${data.told[n][at]}`);
    const text = `${data.months[at]}: ${values.join(", ")}`;
    said.textContent = text;
    chart.setAttribute("aria-valuenow", String(at + 1));
    chart.setAttribute("aria-valuetext", text);
  };
  const place = chart.querySelector(".plot");
  const draw = () => {
    plot?.destroy();
    plot = new uPlot(options(chart, data, place.clientWidth, show), [data.months.map((_, n) => n), ...data.values], place);
  };
  const go = (to) => {
    show(Math.min(Math.max(to, 0), data.months.length - 1));
    plot.setCursor({ left: plot.valToPos(at, "x"), top: 0 });
  };
  chart.addEventListener("keydown", (event) => {
    const last = data.months.length - 1;
    const to = { ArrowLeft: at - 1, ArrowDown: at - 1, ArrowRight: at + 1, ArrowUp: at + 1, Home: 0, End: last }[event.key];
    if (to === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    go(to);
  });
  for (const drawn of chart.querySelectorAll("svg, .axis")) drawn.remove();
  chart.setAttribute("role", "slider");
  chart.setAttribute("aria-label", chart.dataset.label);
  chart.setAttribute("aria-valuemin", "1");
  chart.setAttribute("aria-valuemax", String(data.months.length));
  chart.tabIndex = 0;
  said.hidden = false;
  show(at);
  draw();
  dark.addEventListener("change", draw);
  new ResizeObserver(() => {
    if (place.clientWidth !== plot.width) plot.setSize({ width: place.clientWidth, height: HEIGHT });
  }).observe(place);
}

for (const chart of document.querySelectorAll(".series")) follow(chart);
