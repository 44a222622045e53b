"use strict";

// Says on the page that a security key was not accepted, which the library would say in the console alone.
document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  const told = document.querySelector("#key-error");
  told.hidden = true;
  requestAnimationFrame(() => { told.hidden = false; });
});
