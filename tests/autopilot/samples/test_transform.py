"""sample.transform has its input approved, transforms it, has its output approved, and delivers it."""

from typing import Any

import pytest

from autopilot import transforms
from autopilot.exceptions import Invalid, InvalidPayload
from autopilot.models import Job
from autopilot.storable import digest
from autopilot.testing import run_jobs
from autopilot.transforms import Record
from tests.autopilot.samples.runs import WAYS, approve, asked, now, outcome, question, reject, result

pytestmark = pytest.mark.django_db
PEOPLE = [
    {"name": "Cleo", "county": "Kent", "hours": 0.1},
    {"name": "Ada", "county": "Sussex", "hours": 40},
    {"name": "Bo", "county": "Kent", "hours": 0.2},
]
BY_NAME = {"by": "name"}


def sorting(**changes) -> Job:
    """Return a job that sorts people by name."""
    return asked("sample.transform", **{"operation": "sort", "data": PEOPLE, "transform": BY_NAME, **changes})


def names(records: list[Record]) -> str:
    """Return the first letters of the names, in order."""
    return "".join(record["name"][0] for record in records)


def column(values: list[Any]) -> list[Record]:
    """Return records that have one value each."""
    return [{"v": value} for value in values]


@pytest.mark.parametrize("run", WAYS)
def test_it_asks_for_input_and_output_and_delivers(run, bob):
    job = sorting()
    run(job)
    first = question(job)
    approve(job, bob)
    run(job)
    second = question(job)
    approve(job, bob)

    run(job)

    ordered = [PEOPLE[1], PEOPLE[2], PEOPLE[0]]
    assert (first.key, first.title) == ("input", "Sort 3 records?")
    assert first.payload == {"operation": "sort", "transform": BY_NAME, "data": PEOPLE}
    assert (second.key, second.title) == ("output", "Deliver 3 records?")
    assert second.payload == {"count": 3, "sample": ordered, "sha256": digest(ordered)}
    assert (now(job).status, now(job).result) == ("completed", {"count": 3, "data": ordered})


@pytest.mark.parametrize("run", WAYS)
def test_it_transforms_nothing_when_the_input_is_rejected(run, bob):
    job = sorting()
    run(job)
    reject(job, bob)

    run(job)

    assert outcome(job) == ("failed", "rejected")
    assert not job.steps.exists()


@pytest.mark.parametrize("run", WAYS)
def test_it_delivers_nothing_when_the_output_is_rejected(run, bob):
    job = sorting()
    run(job)
    approve(job, bob)
    run(job)
    reject(job, bob)

    run(job)

    assert outcome(job) == ("failed", "rejected")
    assert result(job) is None


def test_it_delivers_what_was_approved_even_if_the_code_changed_meanwhile(bob, monkeypatch):
    job = sorting()
    run_jobs()
    approve(job, bob)
    run_jobs()
    approve(job, bob)
    monkeypatch.setitem(transforms.OPERATIONS, "sort", lambda data, transform: [])

    run_jobs()

    assert names(result(job)["data"]) == "ABC"


def test_it_shows_a_few_records_of_many(bob):
    job = sorting(data=[{"name": f"{number:03}"} for number in range(100)])
    run_jobs()
    approve(job, bob)
    run_jobs()

    payload = question(job).payload
    assert (payload["count"], len(payload["sample"])) == (100, 5)


BAD_TRANSFORMS = [
    ("map", {}, "'fields' is a required property"),
    ("map", {"fields": {}}, "non-empty"),
    ("map", {"fields": {"a": 1}}, "not of type 'string'"),
    ("map", {"fields": {"a": ""}}, "non-empty"),
    ("map", {"fields": {"a": "b"}, "by": "x"}, "'by' was unexpected"),
    ("filter", {"field": "a", "test": "equals"}, "'value' is a required property"),
    ("filter", {"field": "a", "test": "like", "value": 1}, "is not one of"),
    ("filter", {"field": "a", "test": "equals", "value": [1]}, "is not of type"),
    ("sort", {}, "'by' is a required property"),
    ("sort", {"by": "a", "descending": "yes"}, "not of type 'boolean'"),
    ("aggregate", {"by": "a", "measure": "median", "field": "b"}, "is not one of"),
    ("aggregate", {"by": "a", "measure": "sum"}, "'field' is required unless"),
    ("aggregate", {"by": "sum", "measure": "sum", "field": "b"}, "cannot be the name"),
]


@pytest.mark.parametrize(("operation", "transform", "told"), BAD_TRANSFORMS)
def test_it_refuses_a_bad_transform_before_anybody_is_asked(operation, transform, told):
    job = sorting(operation=operation, transform=transform)

    run_jobs()

    assert outcome(job) == ("failed", "invalid")
    assert told in now(job).error
    assert not job.checkpoints.exists()


def test_it_refuses_to_transform_nothing():
    job = sorting(data=[])

    run_jobs()

    assert outcome(job) == ("failed", "invalid")
    assert "give at least one record" in now(job).error


@pytest.mark.parametrize("changes", [{"operation": "reduce"}, {"data": {}}, {"data": [1]}, {"transform": []}], ids=str)
def test_it_is_not_even_enqueued_with_a_payload_that_does_not_fit(changes):
    with pytest.raises(InvalidPayload):
        sorting(**changes)


def test_it_fails_with_the_place_of_the_record_and_no_value_when_a_field_is_missing(bob):
    job = sorting(data=[{"name": "Jane Doe"}, {"nickname": "JD"}])
    run_jobs()
    approve(job, bob)

    run_jobs()

    assert outcome(job) == ("failed", "invalid")
    assert now(job).error == "Invalid: Record 2 has no 'name'; it has nickname."


def test_it_maps():
    mapped = transforms.apply("map", PEOPLE[:1], {"fields": {"who": "name", "again": "name", "where": "county"}})

    assert mapped == [{"who": "Cleo", "again": "Cleo", "where": "Kent"}]


@pytest.mark.parametrize(
    ("field", "test", "value", "kept"),
    [
        ("county", "equals", "Kent", "CB"),
        ("county", "differs", "Kent", "A"),
        ("hours", "at_least", 0.2, "AB"),
        ("hours", "at_most", 0.2, "CB"),
        ("hours", "equals", 40.0, "A"),
        ("name", "contains", "o", "CB"),
        ("name", "at_least", "B", "CB"),
        ("hours", "equals", "40", ""),
        ("hours", "equals", None, ""),
        ("hours", "differs", None, "CAB"),
    ],
)
def test_it_filters(field, test, value, kept):
    found = transforms.apply("filter", PEOPLE, {"field": field, "test": test, "value": value})

    assert names(found) == kept


@pytest.mark.parametrize(
    ("test", "value", "places"),
    [("equals", 1, [0, 2]), ("equals", True, [1]), ("differs", True, [0, 2]), ("equals", 0, [])],
)
def test_it_tells_truths_from_numbers(test, value, places):
    data: list[Record] = [{"v": 1, "place": 0}, {"v": True, "place": 1}, {"v": 1.0, "place": 2}]

    found = transforms.apply("filter", data, {"field": "v", "test": test, "value": value})

    assert [record["place"] for record in found] == places


@pytest.mark.parametrize(("descending", "order"), [(False, "ABC"), (True, "CBA")])
def test_it_sorts(descending, order):
    assert names(transforms.apply("sort", PEOPLE, {"by": "name", "descending": descending})) == order


def test_it_keeps_the_order_of_equals():
    assert names(transforms.apply("sort", PEOPLE, {"by": "county"})) == "CBA"


MIXED = [
    ("sort", ["a", 1], {"by": "v"}),
    ("sort", [True, 1], {"by": "v"}),
    ("sort", [None, "a"], {"by": "v"}),
    ("sort", [None, None], {"by": "v"}),
    ("sort", [{}, {}], {"by": "v"}),
    ("filter", ["Jane", 1], {"field": "v", "test": "at_least", "value": 1}),
    ("filter", [None], {"field": "v", "test": "at_most", "value": 1}),
    ("filter", [True], {"field": "v", "test": "at_least", "value": 0}),
    ("filter", ["Jane"], {"field": "v", "test": "contains", "value": 1}),
    ("filter", [1], {"field": "v", "test": "contains", "value": "a"}),
    ("aggregate", [["Jane"]], {"by": "v", "measure": "count"}),
    ("aggregate", [{"Jane": 1}], {"by": "v", "measure": "count"}),
]


@pytest.mark.parametrize(("operation", "values", "transform"), MIXED)
def test_it_refuses_to_compare_what_is_of_different_kinds(operation, values, transform):
    with pytest.raises(Invalid, match="'v'") as refusal:
        transforms.apply(operation, column(values), transform)

    assert "Jane" not in str(refusal.value)


@pytest.mark.parametrize(
    ("measure", "kent", "sussex"),
    [("count", 2, 1), ("sum", 0.3, 40), ("minimum", 0.1, 40), ("maximum", 0.2, 40), ("mean", 0.15, 40)],
)
def test_it_aggregates_exactly_by_group_in_order(measure, kent, sussex):
    totals = transforms.apply("aggregate", PEOPLE, {"by": "county", "measure": measure, "field": "hours"})

    assert totals == [{"county": "Kent", measure: kent}, {"county": "Sussex", measure: sussex}]


@pytest.mark.parametrize(
    ("values", "total"),
    [
        ([1, 2], 3),
        ([2**53, 1], 2**53 + 1),
        ([0.1] * 10, 1),
        (["12.50", "0.25"], 12.75),
        ([1e300, 1e300], 2e300),
        ([-1, 1], 0),
    ],
)
def test_it_adds_as_people_do(values, total):
    data = [{"k": "one", "v": value} for value in values]

    (found,) = transforms.apply("aggregate", data, {"by": "k", "measure": "sum", "field": "v"})

    assert (found["sum"], type(found["sum"])) == (total, type(total))


@pytest.mark.parametrize("value", ["Jane", "", None, True, [], {}, "NaN", "Infinity", "sNaN", "1e999999", "9" * 400])
def test_it_refuses_to_add_what_is_no_number(value):
    with pytest.raises(Invalid, match="Not every 'v' is a number") as refusal:
        transforms.apply("aggregate", [{"k": 1, "v": value}], {"by": "k", "measure": "sum", "field": "v"})

    assert "Jane" not in str(refusal.value)


def test_it_groups_by_any_single_value():
    data = column([1, True, "1", None, 1.0])

    counts = transforms.apply("aggregate", data, {"by": "v", "measure": "count"})

    assert [(repr(group["v"]), group["count"]) for group in counts] == [("1", 2), ("'1'", 1), ("None", 1), ("True", 1)]


@pytest.mark.parametrize(
    ("operation", "transform"),
    [
        ("map", {"fields": {"who": "name"}}),
        ("filter", {"field": "name", "test": "equals", "value": "Ada"}),
        ("sort", BY_NAME),
        ("aggregate", {"by": "county", "measure": "count"}),
    ],
)
def test_it_leaves_its_input_as_it_was(operation, transform):
    data = [dict(record) for record in PEOPLE]

    transforms.apply(operation, data, transform)

    assert data == PEOPLE
