"use strict";

{
  // Keys that lead somewhere on the review page; none of them decides. The page says whether they are on.
  const page = document.querySelector("#review[data-shortcuts]");
  const find = (selector) => document.querySelector(selector);
  const go = (link) => link && link.click();
  const focus = (element) => {
    if (!element) return;
    element.scrollIntoView({ block: "center" });
    element.focus();
  };
  const deeds = {
    j: () => go(find(".review-trail [rel=next]")),
    k: () => go(find(".review-trail [rel=prev]")),
    a: () => focus(find("[data-key=a]")),
    r: () => focus(find("#decision ~ form textarea[name=comment]")),
    c: () => focus(find("#comment ~ form textarea")),
    e: () => go(find("[data-key=e]")),
    "?": () => { location.href = page.dataset.shortcuts; },
  };
  document.addEventListener("keydown", (event) => {
    const writing = event.target.closest("input, textarea, select, [contenteditable]");
    if (!page || writing || event.ctrlKey || event.altKey || event.metaKey || event.repeat || !deeds[event.key]) return;
    event.preventDefault();
    deeds[event.key]();
  });
}
