"""One visitor's browser: cookies and forms over plain HTTP, as a proxy in front would pass them on."""

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import unescape
from http.client import HTTPConnection, HTTPException
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode

PATIENCE = 35.0  # seconds; the proxy in docs/deploy waits as long
CSRF = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


@dataclass(frozen=True)
class Answer:
    """What came back; status 0 with a `problem` where nothing did."""

    status: int
    text: str = ""
    location: str = ""
    problem: str = ""

    def hidden(self, name: str) -> str:
        """Return the value of a hidden field of the page; empty where there is none."""
        found = re.search(rf'name="{re.escape(name)}"[^>]* value="([^"]*)"', self.text)
        return unescape(found.group(1)) if found else ""


@dataclass
class Visitor:
    """Asks the web server at `port` of loopback, from an `address` of its own, and keeps cookies.

    Every request has a connection of its own and is sent once: what is refused or cut off is seen, and never repeated
    behind our back. `record` is told of each: method, name, seconds, the answer.
    """

    port: int
    address: str
    record: Any
    cookies: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)

    def get(self, path: str, name: str) -> Answer:
        """Read a page; `name` is what it is counted as."""
        return self._ask("GET", path, name)

    def post(self, path: str, name: str, page: Answer, form: Mapping[str, Any]) -> Answer:
        """Send a form that stood on a page, and with it the page's token against forgery."""
        token = CSRF.search(page.text)
        body = urlencode({"csrfmiddlewaretoken": token.group(1) if token else ""} | dict(form))
        return self._ask("POST", path, name, body, {"Content-Type": "application/x-www-form-urlencoded"})

    def _ask(
        self, method: str, path: str, name: str, body: str | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        start = time.perf_counter()
        try:
            answer = self._exchange(method, path, body, self._common() | dict(headers or {}))
        except (OSError, HTTPException) as error:
            answer = Answer(0, problem=f"{type(error).__name__}: {error}")
        self.record(method, name, time.perf_counter() - start, answer)
        return answer

    def _exchange(self, method: str, path: str, body: str | None, headers: dict[str, str]) -> Answer:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            text = response.read().decode()
        finally:
            connection.close()
        for line in response.headers.get_all("Set-Cookie", []):
            self.cookies |= {name: morsel.value for name, morsel in SimpleCookie(line).items()}
        return Answer(response.status, text, response.headers.get("Location", ""))

    def _common(self) -> dict[str, str]:
        host = f"127.0.0.1:{self.port}"
        cookies = (
            {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())} if self.cookies else {}
        )
        forwarded = {"X-Forwarded-For": self.address, "X-Forwarded-Proto": "https"}
        # The browser is at an https address: that of the proxy.
        return {"Host": host, "Referer": f"https://{host}/", "Connection": "close"} | forwarded | cookies | self.headers
