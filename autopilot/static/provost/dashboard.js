"use strict";

{
  // Exchange the live part every few seconds: not while the page is hidden or paused, nor under a selection.
  const region = document.querySelector("#live");
  const status = document.querySelector("#live-status");
  const pause = document.querySelector("#live-pause");
  const wait = Number(region.dataset.seconds) * 1000;
  let timer = 0;
  let isPaused = false;
  let isOver = false;

  // Told once: the same words again would be read out again.
  const tell = (text) => {
    if (status.textContent !== text) status.textContent = text;
  };

  const schedule = () => {
    clearTimeout(timer);
    if (!isPaused && !isOver && !document.hidden) timer = setTimeout(refresh, wait);
  };

  const isSelected = () => {
    const selection = getSelection();
    return !selection.isCollapsed && selection.rangeCount > 0 && selection.getRangeAt(0).intersectsNode(region);
  };

  const exchange = (text) => {
    const fresh = new DOMParser().parseFromString(text, "text/html");
    const open = [...region.querySelectorAll("details[open]")].map((details) => details.id);
    const scrolled = [...region.querySelectorAll(".table-frame")].map((frame) => [frame.id, frame.scrollTop]);
    const focused = region.contains(document.activeElement) ? document.activeElement.id : "";
    region.replaceChildren(...fresh.body.childNodes);
    for (const id of open) document.getElementById(id)?.setAttribute("open", "");
    for (const [id, top] of scrolled) document.getElementById(id)?.scrollTo(0, top);
    // What had the focus may be gone: then the keyboard goes on from where it was.
    if (focused) (document.getElementById(focused) || region).focus({ preventScroll: true });
    tell(region.firstElementChild.dataset.summary);
  };

  const end = (text) => {
    isOver = true;
    pause.hidden = true;
    tell(text);
  };

  const refresh = async () => {
    clearTimeout(timer);
    try {
      // The browser says itself that no person asked (Sec-Fetch-Dest), so this keeps no session alive.
      const answer = await fetch(region.dataset.address, { cache: "no-store" });
      if (answer.redirected || answer.status === 403) {
        end("The figures stand still: you are signed out, or may not see them any more. Reload the page.");
      } else if (!answer.ok) {
        tell("The figures stand still: the server does not answer. It is asked again.");
      } else {
        const text = await answer.text();
        if (!isPaused && !document.hidden && !isSelected()) exchange(text);
      }
    } catch {
      tell("The figures stand still: the server does not answer. It is asked again.");
    }
    schedule();
  };

  pause.hidden = false;
  pause.addEventListener("click", () => {
    isPaused = !isPaused;
    pause.textContent = isPaused ? "Resume" : "Pause";
    if (isPaused) {
      clearTimeout(timer);
      tell("Paused.");
    } else {
      refresh();
    }
  });
  document.addEventListener("visibilitychange", () => (document.hidden || isPaused || isOver ? clearTimeout(timer) : refresh()));
  schedule();
}
