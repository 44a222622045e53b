"""The sandbox portal as a whole: start it, stop it."""

import threading
from pathlib import Path
from types import TracebackType
from typing import Self

from autopilot.sandbox_portal.clerk import Clerk
from autopilot.sandbox_portal.desk import Desk
from autopilot.sandbox_portal.server import Server
from autopilot.sandbox_portal.store import Store


class SandboxPortal:
    """A running portal inside a `with` block.

    `port` is where it listens on 127.0.0.1, 0 for any free one; `database` is its SQLite file; `secrets` are those it
    shares with its submitters; `callback_url` is where it calls decisions out, empty for nowhere. Raises OSError when
    the port is taken.
    """

    def __init__(self, *, port: int, database: Path, secrets: list[str], callback_url: str = "") -> None:
        self._stopping = threading.Event()
        store = Store(database, calls_out=bool(callback_url))
        self._server = Server(port, Desk(store, secrets, self._stopping))
        clerk = Clerk(store, secrets, callback_url, self._stopping)
        self._threads = [
            threading.Thread(target=self._server.serve_forever, args=[0.05], name="sandbox-portal", daemon=True),
            threading.Thread(target=clerk.work, name="sandbox-portal-clerk", daemon=True),
        ]

    @property
    def port(self) -> int:
        """The port it really listens on."""
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        """Where its interface starts."""
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping.set()
        self._server.shutdown()
        self._server.server_close()
        for thread in self._threads:
            thread.join(timeout=10)
