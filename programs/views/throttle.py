"""A light brake on the public forms: so many of a kind an hour from one address."""

import hashlib

from django.core.cache import cache
from django.http import HttpRequest

from autopilot.requests import client_address

SENDS_PER_HOUR = 30
UPLOADS_PER_HOUR = 60
HOUR = 3600


def is_too_fast(request: HttpRequest, what: str = "apply", most: int = SENDS_PER_HOUR) -> bool:
    """Count one deed, and return whether this address has done it more than `most` times within the hour.

    The count lives in the cache: with several web processes and no shared cache, each of them counts for itself.
    """
    address = client_address(request) or ""
    key = f"{what}:" + hashlib.sha256(address.encode()).hexdigest()
    cache.add(key, 0, HOUR)
    try:
        return cache.incr(key) > most
    except ValueError:
        return False  # the count ran out between the two calls
