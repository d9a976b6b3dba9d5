// Fields in which somebody names a document or a colleague.
import { suggesting } from "./lib/suggesting.js";

for (const field of document.querySelectorAll("input[data-suggests]")) suggesting(field, field.dataset.suggests);
