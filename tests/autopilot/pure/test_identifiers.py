"""Identifiers: their layout, their order, and that no two are one."""

import os
import secrets
import signal
import time
import warnings
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from uuid import RFC_4122, UUID

import pytest

from autopilot import identifiers
from autopilot.identifiers import CROCKFORD, random_code, uuid7

pytestmark = pytest.mark.once


@pytest.fixture
def frozen(monkeypatch):
    """Stop the clock, and start an order of its own so that the suite's is not pushed ahead."""

    def at(milliseconds):
        monkeypatch.setattr(time, "time_ns", lambda: milliseconds * 1_000_000 + 999_999)

    monkeypatch.setattr(identifiers, "_sequence", identifiers._Sequence())
    at(1_800_000_000_000)
    return at


def milliseconds_of(identifier: UUID) -> int:
    return identifier.int >> 80


def test_it_is_of_version_7_and_the_rfc_variant():
    identifier = uuid7()

    assert identifier.version == 7
    assert identifier.variant == RFC_4122


def test_it_begins_with_the_time():
    before = time.time_ns() // 1_000_000

    written = milliseconds_of(uuid7())

    assert before <= written <= time.time_ns() // 1_000_000 + 1


def test_it_grows_within_a_millisecond(frozen):
    made = [uuid7() for _ in range(10_000)]

    assert all(earlier < later for earlier, later in pairwise(made))
    assert {milliseconds_of(each) for each in made} == {1_800_000_000_000}
    assert all(each.version == 7 and each.variant == RFC_4122 for each in made)


def test_it_grows_by_steps_that_nobody_can_count(frozen):
    made = [uuid7().int for _ in range(100)]

    assert len({later - earlier for earlier, later in pairwise(made)}) > 90


def test_it_grows_when_the_clock_goes_back(frozen):
    before = uuid7()

    frozen(1_799_999_000_000)

    assert uuid7() > before


def test_it_draws_anew_in_the_next_millisecond(frozen):
    before = uuid7()

    frozen(1_800_000_000_001)
    after = uuid7()

    assert milliseconds_of(after) == 1_800_000_000_001
    assert abs((after.int & (1 << 62) - 1) - (before.int & (1 << 62) - 1)) > 1 << 32


def test_it_carries_into_the_milliseconds_when_the_random_part_is_used_up(frozen):
    uuid7()
    identifiers._sequence._last |= (1 << 74) - 1
    last = identifiers._laid_out(identifiers._sequence._last)

    following = uuid7()

    assert following > last
    assert milliseconds_of(following) == milliseconds_of(last) + 1
    assert following.version == 7
    assert following.variant == RFC_4122


def test_it_sorts_as_text_as_it_sorts_as_a_number():
    made = [uuid7() for _ in range(1000)]

    assert sorted(map(str, made)) == [str(each) for each in made]


@pytest.fixture
def handing_over(monkeypatch):
    """Give way to another thread in the middle of every draw."""
    draw = secrets.randbits

    def hand_over_and_draw(bits):
        time.sleep(0.0001)
        return draw(bits)

    monkeypatch.setattr(secrets, "randbits", hand_over_and_draw)


def timed_uuid7(_):
    """Return when one was asked for, the identifier, and when it was there."""
    return time.perf_counter(), uuid7(), time.perf_counter()


def test_threads_share_one_order_and_never_a_number(frozen, handing_over):
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(timed_uuid7, range(500)))

    assert len({identifier for _, identifier, _ in made}) == 500
    assert all(earlier < later for _, earlier, finished in made for begun, later, _ in made if finished < begun)


def child_writing(descriptor):
    """Fork a child that writes one identifier; returns its process id."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # forking beside threads is what is tried here
        child = os.fork()
    if child:
        return child
    try:
        signal.alarm(10)
        os.write(descriptor, uuid7().bytes)
    finally:
        os._exit(0)


def test_a_forked_child_neither_repeats_its_parent_nor_waits_for_its_lock(frozen):
    reading, writing = os.pipe()
    uuid7()

    with identifiers._sequence._lock:  # as a thread of the parent may hold it at that moment
        child = child_writing(writing)
    ours = uuid7()

    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        theirs = UUID(bytes=pipe.read())
    assert os.waitpid(child, 0) == (child, 0)
    assert abs(theirs.int - ours.int) > 1 << 33


@pytest.mark.parametrize(("bits", "length"), [(1, 1), (5, 1), (6, 2), (80, 16), (128, 26)])
def test_a_code_has_as_many_characters_as_its_bits_need(bits, length):
    assert len(random_code(bits)) == length


def test_a_code_is_written_in_characters_that_nobody_confuses():
    codes = "".join(random_code(80) for _ in range(500))

    assert set(codes) == set(CROCKFORD)
    assert not set("ILOU") & set(codes)


def test_codes_do_not_repeat():
    assert len({random_code(80) for _ in range(10_000)}) == 10_000
