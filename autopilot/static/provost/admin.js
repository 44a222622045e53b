"use strict";

{
  // On a phone a row is a card; without script the table scrolls sideways inside its frame instead.
  const table = document.querySelector("#result_list");
  if (table) {
    const labels = [...table.tHead.rows[0].cells].map((cell) => (cell.querySelector(".sort, span") || cell).textContent.trim());
    for (const row of table.tBodies[0].rows) {
      [...row.cells].forEach((cell, column) => cell.setAttribute("data-label", labels[column] || ""));
    }
    table.classList.add("as-cards");
  }

  // An open filter closes by Escape and by a click beside it.
  const closeFilters = (kept) => {
    for (const filter of document.querySelectorAll("details.filter[open]")) {
      if (filter !== kept) filter.open = false;
    }
  };
  document.addEventListener("click", (event) => closeFilters(event.target.closest("details.filter")));
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const open = document.querySelector("details.filter[open]");
    closeFilters(null);
    if (open) open.querySelector("summary").focus();
  });

  // The signs beside a two-box selector carry a name but no role, so readers of the screen would skip it.
  addEventListener("load", () => {
    for (const sign of document.querySelectorAll(".help-tooltip[aria-label]")) sign.setAttribute("role", "img");
  });
}
