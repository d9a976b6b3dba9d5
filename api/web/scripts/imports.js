// Handing in a file, with how much of it was sent; and how far an import is, while it is read.
import { live } from "./lib/progress.js";
import { uploads } from "./lib/upload.js";

const form = document.querySelector("form[data-upload]");
if (form) uploads(form);
const panel = document.querySelector("[data-live]");
if (panel) live(panel);
