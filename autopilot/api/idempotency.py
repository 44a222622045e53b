"""Creating requests count once: a key, which the caller sends, names each, and its answer is given again.

The row of a key is written before anything is done, in a transaction of its own, with a time until which the request
counts as in flight. Effect and answer are then committed together, and only while the row is still ours. So a process
that dies before that has done nothing, and its key is free when the time is over; one that dies after it has left the
answer for who asks again. Nothing is ever done twice.
"""

import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from autopilot import clock
from autopilot.api.problems import Problem, wrong_header
from autopilot.api.views import caller
from autopilot.models.tokens import IdempotencyKey
from autopilot.storable import digest
from autopilot.sweep.retention import KEYS_KEPT

HEADER, REPLAYED = "Idempotency-Key", "Idempotency-Replayed"
KEY = re.compile(r"[\x21-\x7e]{1,255}")
IN_FLIGHT = timedelta(seconds=60)
RETRY_SECONDS = 2
ANSWER_HEADERS = ("Location",)


def once(request: Request, create: Callable[[], Response], *, sent: Any = None) -> Response:
    """Answer a creating request: by `create`, or by what it answered when it came before.

    `sent` is what tells one request from another, as JSON values; the body unless given, which a form with files is not.
    Raises Problem: 400 without a key, 422 when the key named another request, 409 while that one is in flight. When
    `create` raises, nothing is kept, and the key is free for a corrected request.
    """
    row, answer = _reserved(request, sent)
    if answer is not None:
        return answer
    held_until = row.locked_until
    try:
        with transaction.atomic():
            response = create()
            _keep(row, held_until, response)
    except BaseException:  # whatever ends it, nothing was done: the key is free at once, and not after a minute
        _free(row, held_until)
        raise
    return response


def key_of(request: Request) -> str:
    """Return the key of a request; raises Problem when it has none, or one that is no key."""
    key = request.headers.get(HEADER, "")
    if not key:
        raise Problem("key_missing")
    if not KEY.fullmatch(key):
        raise wrong_header(HEADER, "Send 1 to 255 visible ASCII characters, best a new UUID.")
    return key


def _reserved(request: Request, sent: Any) -> tuple[IdempotencyKey, Response | None]:
    """Return a row that is ours until its time is over; or one that is done, with its answer."""
    now = clock.now()
    fresh = IdempotencyKey(
        caller=f"token:{caller(request).pk}",
        key=key_of(request),
        method=request.method or "",
        path=request.path,
        body_digest=digest(request.data if sent is None else sent),
        locked_until=now + IN_FLIGHT,
        created_at=now,
    )
    IdempotencyKey.objects.filter(caller=fresh.caller, key=fresh.key, created_at__lte=now - KEYS_KEPT).delete()
    try:
        with transaction.atomic():
            fresh.save(force_insert=True)
    except IntegrityError:
        return _earlier(fresh)
    return fresh, None


def _earlier(fresh: IdempotencyKey) -> tuple[IdempotencyKey, Response | None]:
    known = IdempotencyKey.objects.filter(caller=fresh.caller, key=fresh.key).first()
    if known is None:  # it was freed between our two looks
        raise _in_flight()
    if (known.method, known.path, known.body_digest) != (fresh.method, fresh.path, fresh.body_digest):
        raise Problem("key_reused")
    if known.status is not None:
        return known, _replayed(known)
    abandoned = IdempotencyKey.objects.filter(
        pk=known.pk, status=None, locked_until=known.locked_until, locked_until__lte=clock.now()
    )
    if not abandoned.update(locked_until=fresh.locked_until):
        raise _in_flight()
    known.locked_until = fresh.locked_until
    return known, None


def _keep(row: IdempotencyKey, held_until: datetime, response: Response) -> None:
    """Store the answer in the transaction of the effect; raises, and so takes the effect back, if the row is not ours."""
    ours = IdempotencyKey.objects.filter(pk=row.pk, status=None, locked_until=held_until)
    headers = {name: response[name] for name in ANSWER_HEADERS if name in response}
    if not ours.update(status=response.status_code, headers=headers, body=_written(response.data)):
        raise _in_flight()


def _free(row: IdempotencyKey, held_until: datetime) -> None:
    IdempotencyKey.objects.filter(pk=row.pk, status=None, locked_until=held_until).delete()


def _written(data: Any) -> str:
    return JSONRenderer().render(data).decode()


def _replayed(row: IdempotencyKey) -> Response:
    return Response(json.loads(row.body), status=row.status, headers={**row.headers, REPLAYED: "true"})


def _in_flight() -> Problem:
    return Problem("in_flight", headers={"Retry-After": str(RETRY_SECONDS)})
