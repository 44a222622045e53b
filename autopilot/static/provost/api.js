"use strict";

const place = document.getElementById("description");
const dark = matchMedia("(prefers-color-scheme: dark)");

function followScheme() {
  document.documentElement.classList.toggle("dark-mode", dark.matches);
}

// Swagger UI leaves its lists without a name, its long examples out of the keyboard's reach, and a level of headings out.
function complete() {
  for (const about of place.querySelectorAll(".information-container:not([role])")) {
    about.setAttribute("role", "region");
    about.setAttribute("aria-label", "About the API");
  }
  for (const heading of place.querySelectorAll(":is(h3, h4, h5):not([aria-level])")) {
    heading.setAttribute("aria-level", Number(heading.localName[1]) - 1);
  }
  for (const list of place.querySelectorAll("select:not([aria-label])")) {
    list.setAttribute("aria-label", "Choose an example or a type");
  }
  for (const example of place.querySelectorAll("pre.microlight:not([tabindex]), .highlight-code > *:not([tabindex])")) {
    example.setAttribute("tabindex", "0");
  }
}

followScheme();
dark.addEventListener("change", followScheme);
new MutationObserver(complete).observe(place, { childList: true, subtree: true });

// Without links inside its buttons, and with a token that is forgotten with the page.
SwaggerUIBundle({
  domNode: place,
  url: place.dataset.schema,
  deepLinking: false,
  persistAuthorization: false,
  validatorUrl: null,
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
});
