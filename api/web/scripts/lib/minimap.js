const SVG = "http://www.w3.org/2000/svg";

/**
 * Where in the page the words stand that were looked for, beside the window's edge: a strip of the
 * whole page's height with a line for each. A click leads there. For eyes only: a list of the places,
 * which keyboards and screen readers use, is in the page.
 */
export function minimap(marks) {
  const strip = document.createElementNS(SVG, "svg");
  strip.setAttribute("class", "minimap");
  strip.setAttribute("aria-hidden", "true");
  strip.setAttribute("preserveAspectRatio", "none");
  document.body.append(strip);
  const draw = () => {
    const whole = Math.max(document.documentElement.scrollHeight, 1);
    strip.setAttribute("viewBox", `0 0 1 ${whole}`);
    const least = whole / Math.max(innerHeight, 1);
    strip.replaceChildren(...marks.map((mark) => {
      const { top, height } = mark.getBoundingClientRect();
      const line = document.createElementNS(SVG, "rect");
      line.setAttribute("width", "1");
      line.setAttribute("y", String(Math.round(top + scrollY)));
      line.setAttribute("height", String(Math.max(height, 3 * least)));
      return line;
    }));
  };
  strip.addEventListener("click", ({ clientY }) => {
    const aim = (clientY / innerHeight) * document.documentElement.scrollHeight;
    const far = (mark) => Math.abs(mark.getBoundingClientRect().top + scrollY - aim);
    const nearest = marks.reduce((best, mark) => (far(mark) < far(best) ? mark : best));
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    nearest.scrollIntoView({ block: "center", behavior: calm ? "auto" : "smooth" });
  });
  new ResizeObserver(draw).observe(document.documentElement);
  draw();
}
