"""The portal's clerk: decides what is due, and calls the decisions out."""

import logging
import threading
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import urlsplit

from autopilot import clock, signatures
from autopilot.sandbox_portal.store import Store

logger = logging.getLogger(__name__)

EVERY = 0.1  # seconds
MOST_ATTEMPTS = 5
FIRST_WAIT = 0.5  # seconds; doubled after each attempt
TIMEOUT = 5  # seconds


class Clerk:
    """Works in a thread of its own until `stopping` is set; `url` is where decisions are called out."""

    def __init__(self, store: Store, secrets: list[str], url: str, stopping: threading.Event) -> None:
        self._store, self._secrets, self._url, self._stopping = store, secrets, urlsplit(url), stopping

    def work(self) -> None:
        """Decide and call, again and again."""
        while not self._stopping.wait(EVERY):
            self._store.decide_due()
            for call_id, body, attempts in self._store.due_calls():
                taken = self._call(call_id, body.encode())
                over = taken or attempts + 1 >= MOST_ATTEMPTS
                wait = None if over else FIRST_WAIT * 2**attempts
                self._store.settle_call(call_id, attempts=attempts + 1, wait=wait)

    def _call(self, call_id: str, body: bytes) -> bool:
        kind = HTTPSConnection if self._url.scheme == "https" else HTTPConnection
        connection = kind(self._url.hostname or "", self._url.port, timeout=TIMEOUT)
        headers = signatures.sign(self._secrets, call_id, body, at=clock.now())
        try:
            connection.request("POST", self._url.path or "/", body, {"Content-Type": "application/json"} | headers)
            status = connection.getresponse().status
        except (OSError, HTTPException) as error:
            logger.info("The call %s did not arrive: %s", call_id, error)
            return False
        finally:
            connection.close()
        logger.info("The call %s was answered %s.", call_id, status)
        return 200 <= status < 300
