"""Small servers that answer badly, and the certificate of one that speaks TLS."""

import re
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

Script = Callable[[socket.socket, bytes], None]


@contextmanager
def serving(script: Script, context: ssl.SSLContext | None = None) -> Iterator[tuple[int, list[bytes]]]:
    """Run a server that reads one request per connection and hands the socket to `script`; yield port and requests."""
    requests: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.05)
        stopping = threading.Event()
        thread = threading.Thread(target=_serve, args=(listener, script, context, requests, stopping), daemon=True)
        thread.start()
        try:
            yield listener.getsockname()[1], requests
        finally:
            stopping.set()
            thread.join(timeout=10)


def certificate(folder: Path, names: str) -> Path:
    """Make a certificate that signs itself, for `names` as openssl writes them, with its key in one file."""
    file, public = folder / "server.pem", folder / "public.pem"
    subject = ["-subj", "/CN=test", "-addext", f"subjectAltName={names}"]
    kind = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
    command = ["openssl", "req", *kind, *subject, "-keyout", str(file), "-out", str(public)]
    subprocess.run(command, check=True, capture_output=True)
    file.write_text(file.read_text() + public.read_text())
    return file


def _serve(
    listener: socket.socket,
    script: Script,
    context: ssl.SSLContext | None,
    requests: list[bytes],
    stopping: threading.Event,
) -> None:
    while not stopping.is_set():
        try:
            plain, _ = listener.accept()
        except TimeoutError:
            continue
        plain.settimeout(5)
        try:
            with context.wrap_socket(plain, server_side=True) if context else plain as connection:
                requests.append(_read(connection))
                script(connection, requests[-1])
        except OSError:
            plain.close()  # the client went away, or refused our certificate


def _read(connection: socket.socket) -> bytes:
    with connection.makefile("rb") as reader:
        head = b"".join(iter(reader.readline, b"\r\n")) + b"\r\n"
        length = re.search(rb"Content-Length: (\d+)", head)
        return head + (reader.read(int(length[1])) if length else b"")
