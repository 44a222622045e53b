"""A gate between a program and a server, which a test can close, or leave open with nobody behind it."""

import selectors
import socket
import threading
from contextlib import suppress
from typing import Any, Self

CHUNK = 64 * 1024


class Gate:
    """Passes bytes on between a port of its own and a server, inside a `with` block, until it is told otherwise."""

    def __init__(self, host: str, port: int) -> None:
        self._server = (host, port)
        self._pairs: dict[socket.socket, socket.socket] = {}
        self._hanging = self._over = False
        self._door = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._door.getsockname()[1])

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._over = True
        self._thread.join()
        self._part(*self._pairs)
        self._door.close()

    def hang(self) -> None:
        """Pass nothing on and answer nobody, with every connection left open."""
        self._hanging = True

    def release(self) -> None:
        """Pass on again."""
        self._hanging = False

    def shut(self) -> None:
        """Break every connection and refuse new ones."""
        self._hanging = True
        self._door.close()
        self._part(*self._pairs)

    def open(self) -> None:
        """Take connections again, at the same port."""
        self._door = socket.create_server(("127.0.0.1", self.port))
        self._hanging = False

    def _serve(self) -> None:
        while not self._over:
            if self._hanging:
                threading.Event().wait(0.01)
                continue
            with selectors.DefaultSelector() as ready, suppress(OSError, ValueError):
                for line in [self._door, *self._pairs]:
                    ready.register(line, selectors.EVENT_READ)
                for key, _ in ready.select(timeout=0.02):
                    self._attend(key.fileobj)

    def _attend(self, line: Any) -> None:
        if self._hanging:
            return
        if line is self._door:
            taken, _ = line.accept()
            onward = socket.create_connection(self._server)
            self._pairs |= {taken: onward, onward: taken}
        elif line in self._pairs:
            try:
                said = line.recv(CHUNK)
                self._pairs[line].sendall(said)
            except OSError:
                said = b""
            if not said:
                self._part(line, self._pairs[line])

    def _part(self, *lines: socket.socket) -> None:
        for line in lines:
            self._pairs.pop(line, None)
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)
            line.close()
