// Starts Swagger UI on /docs; a file of its own because the page allows no inline script.
"use strict";

const place = document.getElementById("swagger-ui");

SwaggerUIBundle({
  url: place.dataset.description,
  domNode: place,
  deepLinking: true,
  // Its default asks a server on the internet to judge the description.
  validatorUrl: null,
});
