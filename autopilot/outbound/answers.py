"""What comes back, and how long and how much of it we take."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from autopilot import clock

LONGEST_WAIT = timedelta(days=1)


@dataclass(frozen=True)
class Limits:
    """How long a request may take and how much may come back: seconds to connect, per read, in all; bytes of body.

    Looking the name up comes before and counts in all, but ends when the system's resolver says so.
    """

    connect: float = 5
    read: float = 20
    total: float = 60
    size: int = 2_000_000


@dataclass(frozen=True)
class Answer:
    """What the other side answered; names of headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """Return the body read as JSON; raise ValueError if it is none."""
        try:
            return json.loads(self.body)
        except RecursionError as error:
            raise ValueError("The answer is nested too deeply.") from error

    def retry_after(self) -> timedelta | None:
        """Return the wait that Retry-After asks for (RFC 9110 §10.2.3), a day at most; None if it asks for none."""
        text = self.headers.get("retry-after", "").strip()
        wait = timedelta(seconds=int(text)) if re.fullmatch(r"[0-9]{1,9}", text) else _until(text)
        return None if wait is None else min(max(wait, timedelta(0)), LONGEST_WAIT)


def _until(text: str) -> timedelta | None:
    try:
        date = parsedate_to_datetime(text)
    except ValueError:
        return None
    return (date if date.tzinfo else date.replace(tzinfo=UTC)) - clock.now()
