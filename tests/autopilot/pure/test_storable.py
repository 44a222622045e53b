"""What is stored: any value at all, as JSON that reads back equal from both databases."""

import json
import sys
from collections import OrderedDict, defaultdict, namedtuple
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from enum import Enum, IntEnum, StrEnum
from fractions import Fraction
from pathlib import PurePosixPath
from types import MappingProxyType
from uuid import UUID

import pytest
from django.db import connection
from django.utils.functional import lazystr
from django.utils.safestring import mark_safe
from hypothesis import example, given, settings
from hypothesis import strategies as st

from autopilot.identifiers import uuid7
from autopilot.models.outbox import OutboxMessage
from autopilot.storable import DEEPEST, GIANT, LIMIT, REPLACEMENT, canonical, digest, to_storable

once = pytest.mark.once


class Color(Enum):
    RED = "red"
    PAIR = (1, 2)


class Size(IntEnum):
    SMALL = 1


class Word(StrEnum):
    YES = "yes"


class Shouting(str):
    """Text with an opinion about itself."""

    def __str__(self):
        return "SHOUTED"


class Seven(int):
    def __str__(self):
        raise RuntimeError


class Half(float):
    def __repr__(self):
        return "half"


class Unreadable:
    def __str__(self):
        raise RuntimeError("I do not want to be read.")


class Broken(dict[str, int]):
    def items(self):
        raise RuntimeError("I do not want to be read either.")


class Evasive:
    @property  # type: ignore[misc]  # a property that raises is the point
    def __class__(self) -> type["Evasive"]:
        raise RuntimeError("I do not want to be asked.")


class Endless(Enum):
    """Its value is never the same, and never at an end."""

    ONE = 1

    @property
    def value(self):
        return [self]


@dataclass
class Person:
    name: str
    born: date
    friends: list["Person"] = field(default_factory=list)


@dataclass(frozen=True)
class Place:
    name: str


Point = namedtuple("Point", "x y")


@once
@pytest.mark.parametrize(
    ("value", "stored"),
    [
        # JSON itself
        (None, None),
        (True, True),
        (0, 0),
        (1.5, 1.5),
        (1.0, 1.0),
        ("plain", "plain"),
        ([1, [2, {"a": None}]], [1, [2, {"a": None}]]),
        # text that PostgreSQL refuses
        ("a\0b", "a\N{REPLACEMENT CHARACTER}b"),
        ("a\ud800b", "a\N{REPLACEMENT CHARACTER}b"),
        ("\udc80", REPLACEMENT),
        ("\ud83d\ude00", REPLACEMENT * 2),  # both halves of one, apart: Python does not join them either
        ("?\N{GRINNING FACE}\uffff", "?\N{GRINNING FACE}\uffff"),  # and text that it takes
        # numbers that JSON lacks, or that its readers round
        (float("nan"), None),
        (float("inf"), None),
        (float("-inf"), None),
        (-0.0, 0.0),
        (LIMIT - 1, LIMIT - 1),
        (LIMIT, str(LIMIT)),
        (-LIMIT, str(-LIMIT)),
        (1 - LIMIT, 1 - LIMIT),
        (GIANT - 1, "9" * 600),
        (GIANT, hex(GIANT)),
        (10**1_000_000, hex(10**1_000_000)),  # Python itself refuses to write its digits
        (1e15, 1e15),
        (1e16, 10**16),  # what PostgreSQL makes of it
        (1e300, str(int(1e300))),
        (5e-324, 5e-324),
        # subclasses, without their opinions
        (mark_safe("safe"), "safe"),
        (Shouting("quiet"), "quiet"),
        (Seven(7), 7),
        (Half(0.5), 0.5),
        (Size.SMALL, 1),
        (Word.YES, "yes"),
        (Color.RED, "red"),
        (Color.PAIR, [1, 2]),
        # other types
        (b"bytes\xff\0", "bytes" + REPLACEMENT * 2),
        (bytearray(b"bytes"), "bytes"),
        (memoryview(b"bytes"), "bytes"),
        (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        (Decimal("12.50"), "12.50"),
        (Decimal("sNaN"), "sNaN"),
        (Fraction(1, 3), "1/3"),
        (datetime(2026, 7, 1, 9, 0, tzinfo=UTC), "2026-07-01T09:00:00+00:00"),
        (datetime(2026, 7, 1, 9, 0), "2026-07-01T09:00:00"),
        (date(2026, 7, 1), "2026-07-01"),
        (time(9, 30, tzinfo=timezone(timedelta(hours=1))), "09:30:00+01:00"),
        (timedelta(days=1, seconds=90), "P1DT00H01M30S"),
        (PurePosixPath("a/b"), "a/b"),
        (lazystr("lazy"), "lazy"),
        (ValueError("what\0"), "what" + REPLACEMENT),
        (int, "<class 'int'>"),
        # containers
        ((1, 2), [1, 2]),
        (Point(1, 2), [1, 2]),
        ({3, 1, 2}, [1, 2, 3]),
        (frozenset({"b", "a"}), ["a", "b"]),
        ({"b": 1, "a": 2}.keys(), ["a", "b"]),
        (OrderedDict(a=1), {"a": 1}),
        (defaultdict(int, a=1), {"a": 1}),
        (MappingProxyType({"a": 1}), {"a": 1}),
        (Person("Ada", date(1815, 12, 10)), {"name": "Ada", "born": "1815-12-10", "friends": []}),
        # what does not want to be stored
        (Unreadable(), "<Unreadable>"),
        ([Unreadable(), 1], ["<Unreadable>", 1]),
        ({"a": Unreadable()}, {"a": "<Unreadable>"}),
        ({Unreadable(): 1}, {"<Unreadable>": 1}),
        (Broken(a=1), "<Broken>"),
        ([Broken(a=1), 1], ["<Broken>", 1]),
        (Evasive(), "<Evasive>"),
    ],
    ids=lambda value: type(value).__name__,  # Python writes some of these values as little as JSON does
)
def test_it_stores(value, stored):
    written = to_storable(value)

    assert written == stored
    assert type(written) is type(stored)


@once
@pytest.mark.parametrize(
    ("keys", "stored"),
    [
        ({None: 1, True: 2, 2.5: 3, 4: 5}, {"null": 1, "true": 2, "2.5": 3, "4": 5}),  # as json.dumps writes keys
        ({UUID(int=1): 1}, {"00000000-0000-0000-0000-000000000001": 1}),
        ({Word.YES: 1, Size.SMALL: 2}, {"yes": 1, "1": 2}),
        ({(1, "a"): 1}, {'[1,"a"]': 1}),
        ({frozenset({2, 1}): 1}, {"[1,2]": 1}),
        ({Place("Troy"): 1}, {'{"name":"Troy"}': 1}),
        ({b"raw": 1}, {"raw": 1}),
        ({"a\0": 1}, {"a" + REPLACEMENT: 1}),
        ({1: "number", "1": "text"}, {"1": "text", "1#2": "number"}),  # the text keeps its name, first or last
        ({"1": "text", 1: "number"}, {"1": "text", "1#2": "number"}),
        ({"1": 0, "1#2": 0, 1: "number"}, {"1": 0, "1#2": 0, "1#3": "number"}),
        ({"a\0": 2, "a\ud800": 1, "a" + REPLACEMENT: 0}, {"a" + REPLACEMENT: 0, "a" + REPLACEMENT + "#2": 1, "a" + REPLACEMENT + "#3": 2}),
        ({None: 1, float("nan"): 3, float("inf"): 2}, {"null": 1, "null#2": 2, "null#3": 3}),
    ],
)  # fmt: skip
def test_it_loses_no_key(keys, stored):
    assert to_storable(keys) == stored


@once
def test_it_keeps_the_order_of_a_mapping_that_is_json_already():
    assert list(to_storable({"b": 1, "a": 2, "c": 3})) == ["b", "a", "c"]


@once
def test_it_ends_where_a_value_holds_itself():
    loop: list[object] = [1]
    loop.append(loop)
    ring: dict[str, object] = {"name": "ring"}
    ring["next"] = {"back": ring}
    ada = Person("Ada", date(1815, 12, 10))
    ada.friends = [Person("Charles", date(1791, 12, 26), [ada])]

    assert to_storable(loop) == [1, REPLACEMENT]
    assert to_storable(ring) == {"name": "ring", "next": {"back": REPLACEMENT}}
    assert to_storable(ada)["friends"][0]["friends"] == [REPLACEMENT]


@once
def test_it_writes_twice_what_is_held_twice():
    shared = {"a": 1}

    assert to_storable([shared, shared, [shared]]) == [{"a": 1}, {"a": 1}, [{"a": 1}]]
    assert to_storable([(), (), Color.RED, Color.RED]) == [[], [], "red", "red"]


@once
def test_it_ends_where_a_value_is_too_deep():
    deep: object = "bottom"
    for _ in range(sys.getrecursionlimit() * 3):
        deep = [deep]

    stored = to_storable(deep)

    for _ in range(DEEPEST):
        assert isinstance(stored, list)
        [stored] = stored
    assert stored == REPLACEMENT
    assert json.dumps(to_storable(Endless.ONE)).count("[") < DEEPEST


@once
def test_it_keeps_all_that_is_not_too_deep():
    deep: object = "bottom"
    for _ in range(DEEPEST):
        deep = {"down": deep}

    assert to_storable(deep) == deep


@once
def test_it_ends_in_a_tangle_that_has_more_paths_than_there_is_time(monkeypatch):
    monkeypatch.setattr("autopilot.storable.MOST_CONTAINERS", 1000)
    knots: list[list[object]] = [[] for _ in range(30)]
    for knot in knots:
        knot.extend(knots)

    text = json.dumps(to_storable(knots))

    assert text.count("[") == 1000


@once
def test_it_ends_close_to_the_end_of_the_stack():
    found = []

    def descend():
        try:
            height = descend()
        except RecursionError:
            return 0
        if height == 20:
            found.append(to_storable([[[[[[[["deep"]]]]]]]]))
        return height + 1

    descend()

    assert of_plain_types(found)
    assert "<list>" in json.dumps(found)


keys = st.one_of(
    st.text(st.characters(), max_size=3),
    st.integers(-3, 3),
    st.booleans(),
    st.none(),
    st.floats(-2, 2),
    st.binary(max_size=2),
    st.sampled_from([Color.RED, Size.SMALL, Word.YES]),
    st.tuples(st.integers(0, 2)),
    st.dates(),
)
anything_flat = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(-(2**70), 2**70),
    st.floats(),
    st.text(st.characters(exclude_categories=())),
    st.text(st.sampled_from("\0\ud800\udfff\ufffda")),
    st.binary(),
    st.decimals(),
    st.fractions(),
    st.uuids(),
    st.dates(),
    st.times(),
    st.datetimes(timezones=st.none() | st.timezones()),
    st.timedeltas(),
    st.complex_numbers(),
    st.sampled_from([*Color, Size.SMALL, Word.YES, Unreadable(), Broken(a=1), int, len]),
    st.builds(Place, st.text()),
)
anything = st.recursive(
    anything_flat,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.lists(inner, max_size=4).map(tuple),
        st.dictionaries(keys | st.text(st.sampled_from("\0\ud8001#2")), inner, max_size=4),
        st.frozensets(keys, max_size=4),
        st.builds(Person, st.text(), st.dates(), st.lists(inner, max_size=2)),
    ),
    max_leaves=20,
)


def of_plain_types(value):
    if type(value) is list:
        return all(map(of_plain_types, value))
    if type(value) is dict:
        return all(type(key) is str for key in value) and all(map(of_plain_types, value.values()))
    return type(value) in (str, int, float, bool, type(None))


@once
@settings(deadline=None)
@given(anything)
def test_whatever_comes_becomes_plain_json(value):
    stored = to_storable(value)

    text = json.dumps(stored, allow_nan=False, ensure_ascii=False)
    assert of_plain_types(stored)
    assert "\0" not in text
    assert "\\u0000" not in text
    assert text.encode()  # no surrogates: UTF-8 has none
    assert json.loads(text) == stored


@once
@settings(deadline=None)
@given(anything)
def test_what_is_stored_stays_as_it_is(value):
    stored = to_storable(value)

    assert json.dumps(to_storable(stored)) == json.dumps(stored)
    assert canonical(stored) == canonical(value)


@once
@settings(deadline=None)
@given(st.dictionaries(keys, anything_flat, max_size=8), st.randoms(use_true_random=False))
def test_the_canonical_writing_knows_no_order_of_keys(mapping, random):
    items = list(mapping.items())
    random.shuffle(items)

    assert canonical(dict(items)) == canonical(mapping)


@once
@settings(deadline=None)
@given(st.dictionaries(keys, anything_flat, max_size=8))
def test_no_key_is_lost(mapping):
    assert len(to_storable(mapping)) == len(mapping)


@once
@given(st.sets(keys))
def test_the_canonical_writing_knows_no_order_of_a_set(items):
    backwards = list(items)[::-1]

    assert canonical(set(backwards)) == canonical(frozenset(items)) == canonical(items)


@once
def test_the_canonical_writing_has_sorted_keys_and_no_blanks():
    assert canonical({"b": [1, "é"], "a": {"d": None, "c": 1.5}}) == '{"a":{"c":1.5,"d":null},"b":[1,"é"]}'.encode()


@once
def test_the_canonical_writing_has_one_zero():
    assert canonical(-0.0) == canonical(0.0) == b"0.0"


@once
def test_the_digest_is_the_sha256_of_the_canonical_writing():
    assert digest({}) == "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
    assert digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1}) != digest({"a": 2, "b": 1})


@pytest.mark.django_db
@settings(deadline=None)
@given(anything)
@example([1e15, 1e16, -1.5e17, 1e22, 1e300, -0.0, 5e-324, 1e-7, 0.1, 1.0, 2**63 - 1, 2**63, 10**700])
@example({"a\0\ud800": "\udfff\0", "": "\N{GRINNING FACE}", 1: [], "1": {}})
def test_the_database_gives_back_what_was_stored(value):
    stored = to_storable([value])

    message = OutboxMessage.objects.create(tenant_id=uuid7(), topic="storing", references=stored)

    read = OutboxMessage.objects.get(pk=message.pk).references
    assert read == stored
    assert canonical(read) == canonical(stored) == canonical([value])


@pytest.mark.postgresql_only
@pytest.mark.django_db
@pytest.mark.parametrize("value", ["a\0b", "\ud800", float("nan"), GIANT], ids=["NUL", "surrogate", "NaN", "giant"])
def test_postgresql_takes_what_it_would_otherwise_refuse(value):
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::jsonb", [json.dumps(to_storable(value))])

        assert json.loads(cursor.fetchone()[0]) == to_storable(value)
