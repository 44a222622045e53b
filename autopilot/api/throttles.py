"""How fast a caller may ask: so many requests in a window of time, told with every answer."""

import hashlib
from dataclasses import dataclass
from typing import Any

from django.core.cache import cache
from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle

from autopilot import clock
from autopilot.models.tokens import ApiToken
from autopilot.requests import client_address


@dataclass(frozen=True)
class Rate:
    """What a caller has left: `limit` requests in `window` seconds, `remaining` until the window ends in `reset`."""

    limit: int
    window: int
    remaining: int
    reset: int

    def headers(self) -> dict[str, str]:
        """Return the headers that tell it (draft-ietf-httpapi-ratelimit-headers)."""
        return {
            "RateLimit-Policy": f'"caller";q={self.limit};w={self.window}',
            "RateLimit": f'"caller";r={self.remaining};t={self.reset}',
        }


class PerCaller(SimpleRateThrottle):
    """Counts by token, and by address where nobody is signed in.

    One number a window, not a list of every request: the cache may be a table of the database.
    """

    scope = "caller"
    num_requests: int | None
    duration: int | None
    rate_left: Rate | None = None

    def allow_request(self, request: Request, view: Any) -> bool:
        """Count a request, and return whether it is within the limit."""
        limit, window = self.num_requests or 1, int(self.duration or 60)
        number, passed = divmod(int(clock.now().timestamp()), window)
        used = _count(f"{self.get_cache_key(request, view)}:{number}", window)
        self.rate_left = view.rate_left = Rate(limit, window, max(0, limit - used), window - passed)
        return used <= limit

    def wait(self) -> float:
        """Return for how many seconds the caller has to wait."""
        return self.rate_left.reset if self.rate_left else 1

    def get_cache_key(self, request: Request, view: Any) -> str:
        """Return the name of who asks, without an address in it."""
        if isinstance(request.auth, ApiToken):
            return f"api:{request.auth.pk}"
        address = client_address(request._request) or ""
        return "api:" + hashlib.sha256(address.encode()).hexdigest()


def _count(key: str, window: int) -> int:
    cache.add(key, 0, window)
    try:
        return cache.incr(key)
    except ValueError:
        return 1  # the window ended between the two calls
