"""A mail server on a local socket, as well or ill behaved as a test wants it."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email import message_from_bytes
from email.message import Message
from typing import Any, Protocol

from django.core.mail.backends.smtp import EmailBackend

WELL, SILENT, BUSY, FORGETFUL, UNKNOWING, FULL = "well", "silent", "busy", "forgetful", "unknowing", "full"
ANSWERS = {"EHLO": "250 here", "MAIL": "250 fine", "RSET": "250 fine", "QUIT": "221 bye"}


class Stream(Protocol):
    """What lines are read from and written to."""

    def readline(self) -> bytes:
        """Read a line."""

    def write(self, content: bytes, /) -> int:
        """Write."""

    def flush(self) -> None:
        """Send what was written."""


class MailServer:
    """Accepts mail; or is silent, busy, full, forgets to answer for what it took, or knows no recipient."""

    def __init__(self, behavior: str) -> None:
        self.behavior = behavior
        self.received: list[Message] = []
        self.calls = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = []
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    @property
    def settings(self) -> dict[str, Any]:
        """The settings with which Django sends to it, and has little patience."""
        backend = f"{EmailBackend.__module__}.{EmailBackend.__qualname__}"
        port = self._listener.getsockname()[1]
        return {"EMAIL_BACKEND": backend, "EMAIL_HOST": "127.0.0.1", "EMAIL_PORT": port, "EMAIL_TIMEOUT": 0.3}

    def close(self) -> None:
        """Stop, and hang up on everybody."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(5)
        for connection in self._open:
            connection.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.calls += 1
            if self.behavior == SILENT:
                self._open.append(connection)
                continue
            # A sender may die in the middle of a word.
            with suppress(OSError), connection, connection.makefile("rwb") as stream:
                self._talk(stream)

    def _talk(self, stream: Stream) -> None:
        say(stream, "554 no mail today" if self.behavior == BUSY else "220 here")
        for line in iter(stream.readline, b""):
            word = line.decode().split()[0].upper()
            if word == "RCPT":
                say(stream, "550 no such person" if self.behavior == UNKNOWING else "250 fine")
            elif word == "DATA" and self.behavior == FULL:
                say(stream, "452 no room just now")
            elif word == "DATA":
                say(stream, "354 go on")
                self.received.append(message_from_bytes(b"".join(iter(stream.readline, b".\r\n"))))
                if self.behavior == FORGETFUL:
                    return
                say(stream, "250 taken")
            else:
                say(stream, ANSWERS.get(word, "500 what?"))
            if word == "QUIT":
                return


def say(stream: Stream, line: str) -> None:
    """Send one line."""
    stream.write(f"{line}\r\n".encode())
    stream.flush()


@contextmanager
def running_mail_server(behavior: str, settings: Any) -> Iterator[MailServer]:
    """Run a mail server, and let Django send to it."""
    server = MailServer(behavior)
    for name, value in server.settings.items():
        setattr(settings, name, value)
    try:
        yield server
    finally:
        server.close()
