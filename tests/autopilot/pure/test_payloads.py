"""What a handler accepts: from its annotations to the stored payload, and back to its arguments."""

import inspect
import json
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import Enum, IntEnum
from functools import wraps
from types import GenericAlias
from typing import Any, Literal, Optional
from uuid import UUID

import pytest
from django.db.models import TextChoices
from django.utils.safestring import mark_safe
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from autopilot.engine import enqueue
from autopilot.engine.context import JobContext
from autopilot.engine.payloads import RESERVED, signature_of
from autopilot.exceptions import HandlerMistake, InvalidPayload
from autopilot.storable import LIMIT, to_storable

pytestmark = pytest.mark.once

SOME_ID = UUID("019af0a1-7c3e-7b52-9d1e-3f6c2a8b4d10")
EASTERN = timezone(timedelta(hours=-4))


class Status(TextChoices):
    SENT = "sent", "Sent"
    SIGNED = "signed", "Signed"


class Level(IntEnum):
    LOW = 1
    HIGH = 2


class Pair(Enum):
    BOTH = (1, 2)


def process(job: JobContext, application_id: UUID, note: str = "") -> dict[str, Any]:
    """Stand for a handler."""
    return {}


def signature_for(annotation, *default):
    """Make the signature of a handler with one parameter, `value`."""

    def handler(job, value): ...

    handler.__annotations__["value"] = annotation
    handler.__defaults__ = default or None
    return signature_of(handler)


def stored(annotation, value):
    return signature_for(annotation).to_stored({"value": value})["value"]


def loaded(annotation, value):
    return signature_for(annotation).to_arguments({"value": value})["value"]


def refusal_of(signature, payload):
    with pytest.raises(InvalidPayload) as refusal:
        signature.to_stored(payload)
    return str(refusal.value)


def test_it_makes_a_schema_of_the_parameters():
    schema = signature_of(process).schema

    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["type"] == "object"
    assert schema["additionalProperties"] is False
    assert schema["required"] == ["application_id"]
    assert set(schema["properties"]) == {"application_id", "note"}
    assert schema["properties"]["application_id"]["format"] == "uuid"
    assert schema["properties"]["note"]["type"] == "string"
    assert json.loads(json.dumps(schema)) == schema


def test_it_stores_a_payload_and_gives_the_arguments_back():
    signature = signature_of(process)

    kept = signature.to_stored({"application_id": SOME_ID, "note": "soon"})

    assert kept == {"application_id": str(SOME_ID), "note": "soon"}
    assert signature.to_arguments(kept) == {"application_id": SOME_ID, "note": "soon"}


def test_it_leaves_a_default_to_the_handler():
    signature = signature_of(process)

    assert signature.to_arguments(signature.to_stored({"application_id": SOME_ID})) == {"application_id": SOME_ID}


@pytest.mark.parametrize(
    ("annotation", "value", "written", "read"),
    [
        (str, "text", "text", "text"),
        (str, mark_safe("safe"), "safe", "safe"),
        (str, "a\0b\ud800", "a\N{REPLACEMENT CHARACTER}b\N{REPLACEMENT CHARACTER}", "a\N{REPLACEMENT CHARACTER}b\N{REPLACEMENT CHARACTER}"),
        (bool, True, True, True),
        (int, 3, 3, 3),
        (int, 3.0, 3, 3),  # JSON has one kind of number
        (int, Level.HIGH, 2, 2),
        (int, 1 - LIMIT, 1 - LIMIT, 1 - LIMIT),
        (float, 1.5, 1.5, 1.5),
        (float, 2, 2.0, 2.0),
        (Decimal, Decimal("12.50"), "12.50", Decimal("12.50")),
        (Decimal, Decimal("0E-7"), "0E-7", Decimal("0E-7")),  # money keeps its places
        (Decimal, 5, "5", Decimal(5)),
        (Decimal, "12.50", "12.50", Decimal("12.50")),
        (UUID, SOME_ID, str(SOME_ID), SOME_ID),
        (UUID, str(SOME_ID).upper(), str(SOME_ID), SOME_ID),  # one writing for one id
        (date, date(2026, 7, 1), "2026-07-01", date(2026, 7, 1)),
        (date, "2026-07-01", "2026-07-01", date(2026, 7, 1)),
        (datetime, datetime(2026, 7, 1, 9, tzinfo=UTC), "2026-07-01T09:00:00+00:00", datetime(2026, 7, 1, 9, tzinfo=UTC)),
        (datetime, datetime(2026, 7, 1, 9, tzinfo=EASTERN), "2026-07-01T13:00:00+00:00", datetime(2026, 7, 1, 13, tzinfo=UTC)),
        (datetime, "2026-07-01T09:00Z", "2026-07-01T09:00:00+00:00", datetime(2026, 7, 1, 9, tzinfo=UTC)),
        (list[UUID], [SOME_ID, str(SOME_ID)], [str(SOME_ID)] * 2, [SOME_ID] * 2),
        (list[UUID], (SOME_ID,), [str(SOME_ID)], [SOME_ID]),
        (list[list[int]], [[1], []], [[1], []], [[1], []]),
        (list, [1, "a", None], [1, "a", None], [1, "a", None]),
        (dict[str, Decimal], {"a": Decimal("1.0")}, {"a": "1.0"}, {"a": Decimal("1.0")}),
        (dict, {"a": [1, None]}, {"a": [1, None]}, {"a": [1, None]}),
        (dict[str, Any], {"a": SOME_ID}, {"a": str(SOME_ID)}, {"a": str(SOME_ID)}),  # Any is what JSON makes of it
        (dict[str, list[date]], {"a": [date(2026, 7, 1)]}, {"a": ["2026-07-01"]}, {"a": [date(2026, 7, 1)]}),
        (Any, None, None, None),
        (UUID | None, None, None, None),
        (UUID | None, SOME_ID, str(SOME_ID), SOME_ID),
        (Optional[date], date(2026, 7, 1), "2026-07-01", date(2026, 7, 1)),  # noqa: UP045 (handlers may write it so)
        (None | int, 1, 1, 1),
        (list[int | None] | None, [1, None], [1, None], [1, None]),
        (Literal["a", "b"], "b", "b", "b"),
        (Literal["a", 1, None], None, None, None),
        (Literal["a"] | None, None, None, None),
        (Status, Status.SENT, "sent", Status.SENT),
        (Status, "sent", "sent", Status.SENT),
        (Level, Level.LOW, 1, Level.LOW),
        (Level | None, None, None, None),
        (list[Level], [1, Level.HIGH], [1, 2], [Level.LOW, Level.HIGH]),
    ],
)  # fmt: skip
def test_it_writes_and_reads(annotation, value, written, read):
    kept = stored(annotation, value)

    assert kept == written
    assert type(kept) is type(written)
    assert loaded(annotation, json.loads(json.dumps(kept))) == read
    assert type(loaded(annotation, kept)) is type(read)
    assert stored(annotation, loaded(annotation, kept)) == written  # the same whichever way it is given


@pytest.mark.parametrize(
    ("annotation", "value", "said"),
    [
        (str, 5, "must be text"),
        (str, None, "must be text"),
        (str, SOME_ID, "must be text"),  # text that was not meant as text is a mistake
        (bool, 1, "must be true or false"),
        (bool, "true", "must be true or false"),
        (int, True, "must be a whole number"),  # a bool is no int
        (int, 1.5, "must be a whole number"),
        (int, "1", "must be a whole number"),
        (int, LIMIT, "must be a whole number of at most 63 bits"),
        (int, -LIMIT, "must be a whole number of at most 63 bits"),
        (int, 10**5000, "must be a whole number of at most 63 bits"),
        (int, float("nan"), "must be a whole number"),
        (int, float("inf"), "must be a whole number"),
        (float, False, "must be a number"),
        (float, float("nan"), "must be a number"),
        (float, float("inf"), "must be a number"),
        (float, float("-inf"), "must be a number"),
        (float, 1e300, "must be a number of at most 63 bits"),
        (float, 10**5000, "must be a number of at most 63 bits"),
        (float, "1.5", "must be a number"),
        (Decimal, 1.5, "must be a decimal number"),  # a float has lost its places already
        (Decimal, True, "must be a decimal number"),
        (Decimal, Decimal("NaN"), "must be a decimal number"),
        (Decimal, Decimal("-Infinity"), "must be a decimal number"),
        (Decimal, "1,50", "must be a decimal number"),
        (Decimal, "1_000", "must be a decimal number"),
        (Decimal, " 1", "must be a decimal number"),
        (Decimal, "٣", "must be a decimal number"),
        (Decimal, "1E+99999999999999999999", "must be a decimal number"),
        (Decimal, 10**5000, "must be a decimal number"),
        (UUID, "019af0a1", "must be a UUID"),
        (UUID, SOME_ID.hex, "must be a UUID"),
        (UUID, f"{{{SOME_ID}}}", "must be a UUID"),
        (UUID, f"{SOME_ID}\n", "must be a UUID"),
        (UUID, 5, "must be a UUID"),
        (UUID, None, "must be a UUID"),
        (date, "01.07.2026", "must be a date"),
        (date, "2026-02-29", "must be a date"),
        (date, "20260701", "must be a date"),
        (date, datetime(2026, 7, 1, tzinfo=UTC), "must be a date"),
        (datetime, datetime(2026, 7, 1), "must be a moment with its offset from UTC"),
        (datetime, "2026-07-01T09:00:00", "must be a moment with its offset from UTC"),
        (datetime, "2026-07-01", "must be a moment"),
        (datetime, "2026-07-01T25:00:00Z", "must be a moment"),
        (datetime, "0001-01-01T00:00:00+14:00", "must be a moment"),
        (datetime, datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14))), "must be a moment"),
        (datetime, date(2026, 7, 1), "must be a moment"),
        (list[int], 5, "/value must be a list of: a whole number"),
        (list[int], "12", "/value must be a list"),
        (list[int], {1: 2}, "/value must be a list"),
        (list[UUID], [SOME_ID, "x"], "/value/1 must be a UUID"),
        (dict[str, int], [], "/value must be an object"),
        (dict[str, int], {"a": "x"}, "/value/a must be a whole number"),
        (dict[str, int], {"a/b~c": "x"}, "/value/a~1b~0c must be"),  # RFC 6901
        (dict[str, int], {1: 1}, "/value must be an object, by names that are text"),
        (dict[str, list[date]], {"a": ["2026-07-01", "x"]}, "/value/a/1 must be a date"),
        (Any, float("nan"), "must be JSON without NaN"),
        (dict[str, Any], {"a": [1, {"b": float("inf")}]}, "/value/a must be JSON without NaN"),
        (UUID | None, "x", "or null"),
        (list[int] | None, ["x"], "/value/0 must be a whole number"),
        (Literal["a", 1], "b", 'must be one of "a", 1'),
        (Literal[1], True, "must be one of 1"),
        (Literal["a"] | None, "b", 'must be one of "a", or null'),
        (Status, "lost", 'must be one of "sent", "signed"'),
        (Level, 3, "must be one of 1, 2"),
        (Level, True, "must be one of 1, 2"),
    ],
    ids=lambda value: type(value).__name__,  # Python does not even write some of these values
)  # fmt: skip
def test_it_says_what_to_write_instead(annotation, value, said):
    text = refusal_of(signature_for(annotation), {"value": value})

    assert said in text
    assert "/value" in text


def test_it_names_every_wrong_field_at_once():
    def handler(job, first: UUID, second: int, third: list[date]): ...

    text = refusal_of(signature_of(handler), {"second": "x", "third": ["2026-07-01", 5], "fourth": 1})

    assert text == (
        "The payload does not fit "
        f"{__name__}.test_it_names_every_wrong_field_at_once.<locals>.handler: "
        '/first is missing: it must be a UUID such as "019af0a1-7c3e-7b52-9d1e-3f6c2a8b4d10"; '
        "/fourth is no parameter: leave it out; "
        "/second must be a whole number of at most 63 bits; "
        '/third/1 must be a date such as "2026-07-01".'
    )


def test_it_never_repeats_a_value_which_may_be_personal():
    text = refusal_of(signature_of(process), {"application_id": "123-45-6789", "note": ["123-45-6789"]})

    assert "123-45-6789" not in text


def test_it_refuses_what_an_older_handler_stored_and_this_one_cannot_take():
    with pytest.raises(InvalidPayload, match="/student_id is no parameter"):
        signature_of(process).to_arguments({"application_id": str(SOME_ID), "student_id": "1"})
    with pytest.raises(InvalidPayload, match="/application_id is missing"):
        signature_of(process).to_arguments({})
    with pytest.raises(InvalidPayload, match="/note must be text"):
        signature_of(process).to_arguments({"application_id": str(SOME_ID), "note": 5})


def test_a_handler_may_take_nothing():
    def handler(job): ...

    assert signature_of(handler).to_stored({}) == {}
    assert "is no parameter" in refusal_of(signature_of(handler), {"a": 1})


def test_it_looks_through_decorators_that_say_what_they_wrap():
    @wraps(process)
    def wrapped(*args, **kwargs): ...

    assert signature_of(wrapped).schema == signature_of(process).schema


def test_it_reads_annotations_that_are_written_as_text():
    assert loaded("list[UUID] | None", [str(SOME_ID)]) == [SOME_ID]


def unannotated(job, value): ...
def positional(job, value: int, /): ...
def starred(job, *value: int): ...
def double_starred(job, **value: int): ...


@pytest.mark.parametrize(
    ("handler", "said"),
    [
        (unannotated, "has no annotation"),
        (positional, "cannot be given by name"),
        (starred, "cannot be given by name"),
        (double_starred, "cannot be given by name"),
    ],
)
def test_it_refuses_parameters_that_nobody_can_give(handler, said):
    with pytest.raises(HandlerMistake, match=rf"'value' of .*{handler.__name__} {said}"):
        signature_of(handler)


def test_it_refuses_a_handler_without_a_context():
    def handler(): ...

    with pytest.raises(HandlerMistake, match="its first one is the job's context"):
        signature_of(handler)


@pytest.mark.parametrize(
    "annotation",
    [
        object,
        bytes,
        complex,
        set[int],
        tuple[int, int],
        timedelta,
        dict[int, str],
        list[bytes],
        dict[str, set[str]],
        int | str,
        int | str | None,
        Literal[b"a"],
        Pair,
        JobContext,
        [int],
        "Any | bytes",
    ],
    ids=str,
)
def test_it_refuses_annotations_that_no_payload_can_hold(annotation):
    with pytest.raises(HandlerMistake, match=r"'value' of .*handler is .*, which no payload can hold. Write str, bool"):
        signature_for(annotation)


def test_it_refuses_annotations_that_name_nothing():
    with pytest.raises(HandlerMistake, match=r"annotations of .*handler cannot be resolved: name 'Nobody'"):
        signature_for("Nobody")


@pytest.mark.parametrize(
    ("annotation", "default"), [(str, None), (int, "1"), (list[int], [None]), (UUID, "x"), (Level, 3)]
)
def test_it_refuses_a_default_that_does_not_fit(annotation, default):
    with pytest.raises(HandlerMistake, match=r"'value' of .*handler has a default that does not fit: it must be"):
        signature_for(annotation, default)


@pytest.mark.parametrize("default", [None, SOME_ID, str(SOME_ID)])
def test_it_accepts_a_default_that_fits(default):
    assert signature_for(UUID | None, default).schema["required"] == []


@pytest.mark.parametrize("name", sorted(RESERVED))
def test_it_refuses_the_names_of_enqueues_own_options(name):
    names: dict[str, Any] = {}
    exec(f"def handler(job, {name}: str): ...", names)

    with pytest.raises(HandlerMistake, match=f"'{name}' of .*handler has the name of an option of enqueue"):
        signature_of(names["handler"])


def test_it_knows_every_option_of_enqueue():
    parameters = inspect.signature(enqueue).parameters.values()

    assert {each.name for each in parameters if each.kind is not each.VAR_KEYWORD} == RESERVED


scalars = [
    (str, st.text()),
    (bool, st.booleans()),
    (int, st.integers(1 - LIMIT, LIMIT - 1)),
    (float, st.floats(-9e18, 9e18)),
    (Decimal, st.decimals(allow_nan=False, allow_infinity=False)),
    (UUID, st.uuids()),
    (date, st.dates()),
    (datetime, st.datetimes(datetime(1, 1, 3), datetime(9999, 12, 29), timezones=st.timezones())),
    (Status, st.sampled_from(Status)),
    (Level, st.sampled_from(Level)),
    (Literal["a", 1], st.sampled_from(["a", 1])),
]


def list_of(pair):
    annotation, values = pair
    return GenericAlias(list, (annotation,)), st.lists(values, max_size=3)


def dict_of(pair):
    annotation, values = pair
    return GenericAlias(dict, (str, annotation)), st.dictionaries(st.text("abc", max_size=5), values, max_size=3)


def optional(pair):
    annotation, values = pair
    return annotation | None, st.none() | values


typed = st.recursive(
    st.sampled_from(scalars),
    lambda inner: inner.map(list_of) | inner.map(dict_of) | inner.map(optional),
    max_leaves=3,
).flatmap(lambda pair: st.tuples(st.just(pair[0]), pair[1]))


def cleaned(value):
    """Replace what no database holds, and write moments in UTC, as storing does."""
    if isinstance(value, datetime):
        return value.astimezone(UTC)
    if isinstance(value, list):
        return [cleaned(each) for each in value]
    if isinstance(value, dict):
        return {key: cleaned(each) for key, each in value.items()}
    return to_storable(value) if type(value) is str else value


@settings(deadline=None)
@given(typed)
def test_whatever_fits_its_annotation_comes_back_as_it_was(pair):
    annotation, value = pair

    kept = stored(annotation, value)

    assert loaded(annotation, json.loads(json.dumps(kept, allow_nan=False))) == cleaned(value)
    assert to_storable(kept) == kept


@settings(deadline=None)
@given(
    st.sampled_from([annotation for annotation, _ in scalars] + [list[int], dict[str, UUID], int | None, Any]),
    st.recursive(
        st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text() | st.dates() | st.binary(),
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3) | st.integers(), inner, max_size=3)
        ),
        max_leaves=5,
    ),
)
def test_whatever_comes_is_stored_or_refused_by_name(annotation, value):
    signature = signature_for(annotation)

    try:
        kept, said = signature.to_stored({"value": value}), ""
    except InvalidPayload as refusal:
        kept, said = {}, str(refusal)

    assert "/value" in said if said else signature.to_stored(signature.to_arguments(kept)) == kept
