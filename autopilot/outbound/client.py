"""Send one request and read one answer, within limits."""

import re
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from http.client import HTTPException

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError
from urllib3.response import HTTPResponse

from autopilot.outbound.answers import Answer, Limits
from autopilot.outbound.errors import Forbidden, NeverSent, Unanswered
from autopilot.outbound.targets import Target, find_target

CHUNK = 64 * 1024
BODILESS = {204, 304}
HEADER_NAME = re.compile(r"[A-Za-z0-9-]+")
HEADER_VALUE = re.compile(r"[\t\x20-\x7e]*")
DEFAULT_LIMITS = Limits()


def request(
    method: str,
    url: str,
    *,
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> Answer:
    """Send a request and return its answer, whatever its status; redirects are answers and are not followed.

    Raises Forbidden if the rules refuse it and NeverSent if the other side cannot be reached: it surely did not
    arrive. Raises Unanswered if it was sent and no complete answer came within the limits: it may have arrived.
    """
    sent = dict(headers or {}) | {"Accept-Encoding": "identity"}
    _check_headers(sent)
    until = time.monotonic() + limits.total
    target = find_target(url)
    connection = _connect(target, limits, until)
    try:
        with _cut_off(connection, until):
            _send(connection, method, target.path, body, sent | {"Host": target.authority})
            return _read(connection.getresponse(), limits.size)
    except (OSError, HTTPException, HTTPError) as error:
        raise Unanswered(f"{target.host} gave no complete answer ({type(error).__name__}).") from error
    finally:
        connection.close()


def _check_headers(headers: Mapping[str, str]) -> None:
    for name, value in headers.items():
        if not HEADER_NAME.fullmatch(name) or not HEADER_VALUE.fullmatch(value):
            raise Forbidden(f"The header {name!r} cannot be sent as it is written.")


def _connect(target: Target, limits: Limits, until: float) -> HTTPConnection:
    failure: Exception | None = None
    for address in target.addresses:
        connection = _connection(target, address, max(min(limits.connect, until - time.monotonic()), 0.001))
        try:
            connection.connect()
        except (OSError, HTTPError) as error:
            connection.close()
            failure = error
        else:
            connection.timeout = limits.read
            return connection
    raise NeverSent(f"{target.host}:{target.port} could not be reached ({type(failure).__name__}).") from failure


def _connection(target: Target, address: str, timeout: float) -> HTTPConnection:
    if target.scheme == "http":
        return HTTPConnection(address, target.port, timeout=timeout)
    context = ssl.create_default_context()
    return HTTPSConnection(address, target.port, timeout=timeout, server_hostname=target.host, ssl_context=context)


def _send(connection: HTTPConnection, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> None:
    # Who hangs up before all was sent may have answered: 413, for one. Without an answer, reading it will say so.
    with suppress(BrokenPipeError, ConnectionResetError):
        connection.request(method, path, body, headers, preload_content=False, decode_content=False)


@contextmanager
def _cut_off(connection: HTTPConnection, until: float) -> Iterator[None]:
    # A timeout of the socket starts anew with each byte; only this ends an answer that drips in for ever.
    sock = connection.sock
    timer = threading.Timer(max(until - time.monotonic(), 0), _shut, [sock])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _shut(sock: socket.socket) -> None:
    try:
        # The method of an SSL socket would take its TLS layer away under the thread that reads.
        socket.socket.shutdown(sock, socket.SHUT_RDWR)
    except OSError:
        return  # it was closed in the meantime


def _read(response: HTTPResponse, size: int) -> Answer:
    if not (response.chunked or "Content-Length" in response.headers or response.status in BODILESS):
        # Then it ends with the connection, and a connection that breaks looks the same.
        raise HTTPException("The answer does not say where it ends.")
    body = bytearray()
    for chunk in response.stream(CHUNK, decode_content=False):
        body += chunk
        if len(body) > size:
            raise HTTPException(f"The answer is larger than {size} bytes.")
    headers = {name.lower(): value for name, value in response.headers.items()}
    return Answer(response.status, headers, bytes(body))
