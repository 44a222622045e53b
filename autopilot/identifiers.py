"""Identifiers: keys that sort by time, and codes that nobody can guess."""

import os
import secrets
import time
from threading import Lock
from uuid import UUID

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
RANDOM_BITS = 74
STEP_BITS = 32


def uuid7() -> UUID:
    """Return a new UUID of version 7 (RFC 9562): 48 bits of milliseconds, then 74 random bits.

    Later ones of one process are always greater, whatever its threads and its clock do.
    """
    return _sequence.next()


def random_code(bits: int) -> str:
    """Return an unguessable code of at least `bits` random bits in Crockford's base 32 (no I, L, O, U)."""
    return "".join(secrets.choice(CROCKFORD) for _ in range(-(-bits // 5)))


class _Sequence:
    """The order of one process: within a millisecond, the random part grows by a random step (RFC 9562 §6.2, method 2)."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._last = 0

    def next(self) -> UUID:
        milliseconds = time.time_ns() // 1_000_000
        with self._lock:
            if milliseconds > self._last >> RANDOM_BITS:
                self._last = milliseconds << RANDOM_BITS | secrets.randbits(RANDOM_BITS)
            else:
                # Also where the clock went back; a random part that is used up carries into the milliseconds.
                self._last += 1 + secrets.randbits(STEP_BITS)
            return _laid_out(self._last)


def _laid_out(value: int) -> UUID:
    """Set version and variant between 48 bits of time, 12 and 62 random ones."""
    time_part, first, second = value >> RANDOM_BITS, value >> 62 & 0xFFF, value & (1 << 62) - 1
    return UUID(int=time_part << 80 | 0x7 << 76 | first << 64 | 0x2 << 62 | second)


_sequence = _Sequence()


def _begin_anew() -> None:
    """Give a forked child an order of its own: its parent's lock may have been held, and its numbers go on."""
    global _sequence
    _sequence = _Sequence()


os.register_at_fork(after_in_child=_begin_anew)
