"""The portal's HTTP: sockets in, requests to the desk, replies out."""

import logging
import socket
import sys
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from autopilot.sandbox_portal.desk import Desk
from autopilot.sandbox_portal.messages import Refusal, Reply, Request, problem

logger = logging.getLogger(__name__)

LARGEST = 25_000_000  # bytes of a packet


class Server(ThreadingHTTPServer):
    """A server that listens on this machine only; each connection has a thread that ends with the process."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, port: int, desk: Desk) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.desk = desk

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Note in one line that a client went away in the middle."""
        logger.info("A connection ended early: %s", sys.exception())


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    server: Server
    protocol_version = "HTTP/1.1"
    server_version = "SandboxPortal"
    sys_version = ""
    timeout = 30  # seconds a client may be silent

    def do_GET(self) -> None:
        """Answer a request."""
        try:
            reply = self.server.desk.answer(self._request())
        except Refusal as refusal:
            self.close_connection = True  # what is left of the body must not be read as the next request
            reply = problem(refusal.status, refusal.detail)
        except OSError:
            raise  # the client is gone, or silent for too long: nobody is left to answer
        except Exception:
            logger.exception("The sandbox portal failed.")
            reply = problem(HTTPStatus.INTERNAL_SERVER_ERROR, "The sandbox portal itself failed; see its log.")
        self._send(reply)

    do_POST = do_PUT = do_PATCH = do_DELETE = do_GET

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Answer what is no HTTP that we understand with a problem, as everything else."""
        self.close_connection = True
        self._send(problem(code, message or "The request cannot be read."))

    def log_message(self, format: str, *args: Any) -> None:
        """Write the server's line into the log."""
        logger.info(format, *args)

    def _request(self) -> Request:
        try:
            parts = urlsplit(self.path)
            query = dict(parse_qsl(parts.query, max_num_fields=20))
        except ValueError as error:
            raise Refusal(HTTPStatus.BAD_REQUEST, "The address cannot be read.") from error
        headers = {name.lower(): value for name, value in self.headers.items()}
        return Request(self.command, parts.path, query, headers, self._body())

    def _body(self) -> bytes:
        if "Transfer-Encoding" in self.headers or (self.command == "POST" and "Content-Length" not in self.headers):
            raise Refusal(HTTPStatus.LENGTH_REQUIRED, "Send the body whole, with its Content-Length.")
        stated = self.headers.get("Content-Length", "0")
        if not (stated.isascii() and stated.isdecimal()):
            raise Refusal(HTTPStatus.BAD_REQUEST, "The Content-Length is not a number.")
        if len(stated) > 12 or int(stated) > LARGEST:
            raise Refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"A body has at most {LARGEST} bytes.")
        body = self.rfile.read(int(stated))
        if len(body) < int(stated):
            raise Refusal(HTTPStatus.BAD_REQUEST, "The body is shorter than its Content-Length.")
        return body

    def _send(self, reply: Reply) -> None:
        if reply.cut:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        self.send_response(reply.status)
        for name, value in {"Content-Type": reply.media_type, **reply.headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(reply.body)))
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Cache-Control", "no-store")
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(reply.body)
