"use strict";

{
  // Says two minutes ahead that the session ends, and lets its person stay by one press; the server keeps the time.
  const AHEAD = 120;
  const notice = document.querySelector("#session-end");
  if (notice) {
    const title = notice.querySelector(".session-end-title");
    const text = notice.querySelector("#session-end-text");
    const left = notice.querySelector("[data-left]");
    const form = notice.querySelector("form");
    let ends, clock;

    const words = (seconds) => (seconds > 60 ? `${Math.ceil(seconds / 60)} minutes` : "less than a minute");
    const tell = () => {
      const seconds = (ends - Date.now()) / 1000;
      if (seconds > AHEAD) return;
      if (seconds <= 0) {
        clearInterval(clock);
        title.textContent = "You are signed out";
        text.textContent = "Your session has ended. Copy what you typed before you leave this page, then sign in again.";
        form.hidden = true;
      } else if (left.textContent !== words(seconds)) {
        left.textContent = words(seconds);
      }
      notice.hidden = false;
    };
    const begin = (seconds) => {
      ends = Date.now() + seconds * 1000;
      clearInterval(clock);
      clock = setInterval(tell, 1000);
    };

    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const answer = await fetch(notice.dataset.stay, { method: "POST", body: new FormData(form) }).catch(() => null);
      if (!answer) return;
      if (!answer.ok || answer.redirected) {
        ends = 0;
        return tell();
      }
      const { seconds_left: seconds } = await answer.json();
      notice.hidden = true;
      begin(seconds);
    });
    begin(Number(notice.dataset.secondsLeft));
  }
}
