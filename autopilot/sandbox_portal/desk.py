"""The portal's desk: what it answers to each request."""

import json
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from http import HTTPStatus

from autopilot import clock, signatures
from autopilot.sandbox_portal import page
from autopilot.sandbox_portal.behavior import Behavior
from autopilot.sandbox_portal.intake import key_of, media_type_of, packet_of, require_digest
from autopilot.sandbox_portal.messages import Refusal, Reply, Request, as_json, problem
from autopilot.sandbox_portal.parts import Part, parts_of
from autopilot.sandbox_portal.store import KeyReused, Store
from autopilot.sandbox_portal.tables import Packet

Answer = Callable[[Request], Reply]


class Desk:
    """Answers requests from the store; `stopping` frees whoever is kept waiting."""

    def __init__(self, store: Store, secrets: list[str], stopping: threading.Event) -> None:
        self._store, self._secrets, self._stopping = store, secrets, stopping
        self._routes: Mapping[str, Mapping[str, Answer]] = {
            "/": {"GET": self._show_page},
            "/style.css": {"GET": lambda _: Reply(HTTPStatus.OK, page.STYLE.encode(), "text/css; charset=utf-8")},
            "/healthz": {"GET": lambda _: as_json({"status": "ok"})},
            "/counts": {"GET": lambda _: as_json(self._store.counts())},
            "/behavior": {"GET": self._show_behavior, "PUT": self._change_behavior},
            "/submissions": {"GET": self._look_up, "POST": self._take},
        }

    def answer(self, request: Request) -> Reply:
        """Return the answer to a request; what is wrong with it is answered with a problem."""
        try:
            return self._route(request)(request)
        except Refusal as refusal:
            return problem(refusal.status, refusal.detail)

    def _route(self, request: Request) -> Answer:
        one = {"GET": self._show_standing} if request.path.startswith("/submissions/") else {}
        methods = self._routes.get(request.path, one)
        if not methods:
            raise Refusal(HTTPStatus.NOT_FOUND, "There is nothing under this address.")
        if request.method not in methods:
            raise Refusal(HTTPStatus.METHOD_NOT_ALLOWED, f"Use {' or '.join(methods)} here.")
        return methods[request.method]

    def _take(self, request: Request) -> Reply:
        key = key_of(request)
        try:
            packet_id = self._verify(request)
            digest = require_digest(request)
            files = parts_of(request)
        except Refusal:
            self._store.note_arrival(packet_of(request), key, "not taken")
            raise
        packet = _packet(packet_id, key, files) or Packet(
            packet_id, key, digest, len(request.body), media_type_of(request)
        )
        behavior = self._store.behavior()
        return self._misbehave(packet, behavior) or self._keep(packet, behavior)

    def _misbehave(self, packet: Packet, behavior: Behavior) -> Reply | None:
        if behavior.hang:
            return self._hang(packet)
        if self._store.spend("fail_times"):
            self._store.note_arrival(packet.id, packet.key, "failed")
            headers = {} if behavior.retry_after is None else {"Retry-After": str(behavior.retry_after)}
            return problem(behavior.fail_status, "The portal was told to fail.", headers)
        if behavior.refuse_reasons:
            self._store.note_arrival(packet.id, packet.key, "refused")
            status = HTTPStatus.UNPROCESSABLE_ENTITY
            return problem(status, "The packet is refused.", reasons=behavior.refuse_reasons)
        return None

    def _hang(self, packet: Packet) -> Reply:
        self._store.note_arrival(packet.id, packet.key, "hung")
        while self._store.behavior().hang and not self._stopping.wait(0.05):
            pass
        return Reply(HTTPStatus.SERVICE_UNAVAILABLE, cut=True)

    def _keep(self, packet: Packet, behavior: Behavior) -> Reply:
        drop = self._store.spend("drop_times")
        try:
            receipt, outcome = self._store.take(packet, honors_key=behavior.honors_idempotency)
        except KeyReused as reused:
            self._store.note_arrival(packet.id, packet.key, "key reused")
            raise Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, str(reused)) from reused
        self._store.note_arrival(packet.id, packet.key, f"{outcome}, dropped" if drop else outcome)
        self._stopping.wait(behavior.delay_ms / 1000)
        location = {"Location": f"/submissions/{receipt['number']}"}
        return as_json(receipt, HTTPStatus.CREATED, location, cut=drop)

    def _look_up(self, request: Request) -> Reply:
        packet = request.query.get("packet", "")
        if self._verify(request) != packet:
            raise Refusal(HTTPStatus.FORBIDDEN, "The request is signed for another packet.")
        self._store.decide_due()
        return as_json({"submissions": self._store.standings(packet=packet)})

    def _show_standing(self, request: Request) -> Reply:
        packet = self._verify(request)
        self._store.decide_due()
        found = self._store.standings(number=request.path.removeprefix("/submissions/"))
        if not found or found[0]["packet"] != packet:
            raise Refusal(HTTPStatus.NOT_FOUND, "There is no such receipt for this packet.")
        return as_json(found[0])

    def _show_behavior(self, request: Request) -> Reply:
        return as_json(asdict(self._store.behavior()))

    def _change_behavior(self, request: Request) -> Reply:
        try:
            return as_json(asdict(self._store.change_behavior(json.loads(request.body))))
        except (ValueError, RecursionError) as error:
            raise Refusal(HTTPStatus.BAD_REQUEST, f"The switches were not changed. {error}") from error

    def _show_page(self, request: Request) -> Reply:
        self._store.decide_due()
        text = page.draw(self._store.latest(page.ROWS), self._store.counts())
        return Reply(HTTPStatus.OK, text.encode(), "text/html; charset=utf-8", page.HEADERS)

    def _verify(self, request: Request) -> str:
        try:
            return signatures.verify(self._secrets, request.headers, request.body, at=clock.now())
        except signatures.BadSignature as error:
            raise Refusal(HTTPStatus.UNAUTHORIZED, str(error)) from error


def _packet(packet_id: str, key: str, files: Sequence[Part]) -> Packet | None:
    """Return a packet of several files, measured by its first, or None where it is one file."""
    if not files:
        return None
    return Packet(packet_id, key, files[0].sha256, files[0].size, files[0].media_type, tuple(files))
