// Starts Swagger UI on /docs; a file of its own because the page allows no inline script.
"use strict";

// Swagger UI sets innerHTML. Scripts and their addresses stay refused, and so do inline handlers.
if (window.trustedTypes) {
  trustedTypes.createPolicy("default", { createHTML: (html) => html });
}

const place = document.getElementById("swagger-ui");

SwaggerUIBundle({
  url: place.dataset.description,
  domNode: place,
  deepLinking: true,
  // Its default asks a server on the internet to judge the description.
  validatorUrl: null,
});
