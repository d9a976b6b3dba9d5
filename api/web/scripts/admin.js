// Copying a secret or a snippet, and the preview of the widget on another site.
import { copying } from "./lib/copy.js";
import { preview } from "./lib/preview.js";

copying(document);
const place = document.querySelector("[data-preview]");
if (place) preview(place);
// A secret is shown once: whoever made it arrives there.
document.querySelector("[data-arrive]")?.focus();
