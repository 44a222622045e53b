"""What a page looks like to somebody who cannot see it whole: axe, the window's edge, the keyboard, the policy."""

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Error, Page

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
NUMBER_THE_STOPS = """() => {
  const controls = "a[href], button, summary, select, textarea, input:not([type=hidden]), [tabindex='0']";
  const stops = [...document.querySelectorAll(controls)]
    .filter((element) => element.checkVisibility() && !element.disabled && element.tabIndex >= 0);
  stops.forEach((element, number) => element.dataset.stop = number);
  return stops.length;
}"""
DESCRIBE_THE_STOP = """() => {
  const element = document.activeElement;
  const box = element.getBoundingClientRect();
  const style = getComputedStyle(element);
  const shown = [[.5, .5], [.1, .5], [.9, .5], [.5, .1], [.5, .9]].some(([x, y]) => {
    const top = document.elementFromPoint(box.x + box.width * x, box.y + box.height * y);
    return top && (element.contains(top) || top.contains(element));
  });
  const outlined = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 3;
  const number = "stop" in element.dataset ? Number(element.dataset.stop) : null;
  return { number, name: element.outerHTML.slice(0, 160), outlined, shown };
}"""

OUT_OF_REACH = """() => {
  const controls = "a[href], button, summary, select, textarea, input:not([type=hidden]), [tabindex='0']";
  return [...document.querySelectorAll(controls)]
    .filter((element) => element.checkVisibility() && !element.disabled && !element.closest("[aria-hidden=true]"))
    .filter((element) => {
      element.focus({ focusVisible: true });
      const style = getComputedStyle(element);
      const outlined = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 3;
      return document.activeElement !== element || element.tabIndex < 0 || !outlined;
    })
    .map((element) => element.outerHTML.slice(0, 160));
}"""


def unseen(page: Page, *name: str) -> None:
    """Look at nothing: for walks over pages that other tests look at."""


def faults(page: Page) -> list[str]:
    """Return what axe finds wrong with the page as it stands, one line for each element."""
    report = _report(page)
    return [f"{rule['id']}: {node['html'][:160]}" for rule in report["violations"] for node in rule["nodes"]]


def _report(page: Page) -> dict[str, Any]:
    page.wait_for_load_state()
    try:
        return dict(Axe().run(page, options={"runOnly": RULES}).response)
    except Error:  # what was clicked led away while axe was looking
        page.wait_for_load_state()
        return dict(Axe().run(page, options={"runOnly": RULES}).response)


def overflow(page: Page) -> int:
    """Return by how many pixels the page is wider than its window; the window must not be `is_mobile`, which widens."""
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


def out_of_reach(page: Page) -> list[str]:
    """Return the controls, as HTML, that no keyboard comes to or that do not show it by 3 pixels."""
    return [f"out of reach: {control}" for control in page.evaluate(OUT_OF_REACH)]


def refusals(page: Page) -> list[str]:
    """Return a list to which the page will add what its security policy refuses."""
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text) if "Content Security" in message.text else None)
    return refused


def stops(page: Page) -> tuple[set[int], list[dict[str, Any]]]:
    """Press the tabulator key once around the page.

    Returns the numbers of the controls that can be seen, and for each stop of the key: `number` of the control, `name`
    (its HTML), `outlined` (by at least 3 pixels) and `shown` (nothing lies over it).
    """
    expected = set(range(page.evaluate(NUMBER_THE_STOPS)))
    reached = []
    # A field with autofocus is where the round begins; two more presses lead through the browser's own bar.
    for _ in range(len(expected) + 2):
        page.keyboard.press("Tab")
        reached.append(page.evaluate(DESCRIBE_THE_STOP))
    return expected, [stop for stop in reached if stop["number"] is not None]
