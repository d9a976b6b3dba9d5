// A document that is read: what is in it, where there is room for that beside the text; and where the
// words stand that were looked for.
import { minimap } from "./lib/minimap.js";

const wide = matchMedia("(min-width: 60rem)");
const contents = document.querySelector(".contents details");
if (contents) contents.open = wide.matches;
// Its summary is not shown where it is beside the text.
const beside = document.querySelector(".beside");
const unfold = () => wide.matches && (beside.open = true);
wide.addEventListener("change", unfold);
unfold();

const marks = [...document.querySelectorAll(".text-of mark")];
if (marks.length) minimap(marks);
