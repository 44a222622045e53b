"""What a form posts, as nested as its payload: read, filled, grown, shrunk, and put on a newer version."""

import pytest

from autopilot.admin.shapes import MISSING, filled, kind_of, posted, rebased, reshaped, value_at
from tests.autopilot.admin.packets import PAYLOAD, SCHEMA

pytestmark = pytest.mark.once


def sent(payload=PAYLOAD, **changes):
    """Return what a browser posts for a payload, with some fields changed."""
    data = {name: str(value) for name, value in payload.items() if isinstance(value, str)}
    data |= {"accredited": "on", "counties": "\r\n".join(payload["counties"]), "version": "1", "comment": ""}
    data |= {"courses/count": str(len(payload["courses"]))}
    for index, course in enumerate(payload["courses"]):
        data |= {f"courses/{index}/{name}": str(value) for name, value in course.items()}
    return data | {name.replace("__", "/"): value for name, value in changes.items()}


@pytest.mark.parametrize(
    ("schema", "kind"),
    [
        ({"type": "string"}, "string"),
        ({"type": ["integer", "null"]}, "integer"),
        ({"type": "string", "readOnly": True}, ""),
        ({"type": "string", "enum": ["a"]}, "choice"),
        ({"oneOf": [{"const": "a"}]}, "choice"),
        ({"type": "array", "items": {"type": "string"}}, "lines"),
        ({"type": "array", "items": {"type": "integer"}}, ""),
        ({"type": "array"}, ""),
        ({"type": "object", "properties": {"a": {"type": "string"}}}, "object"),
        ({"type": "object"}, ""),
        ({"$ref": "#/elsewhere"}, ""),
        ({}, ""),
        (SCHEMA["properties"]["courses"], "records"),
    ],
)
def test_it_knows_what_a_form_can_edit(schema, kind):
    assert kind_of(schema) == kind


def test_it_reads_what_was_posted_as_nested_as_the_schema():
    shape = posted(SCHEMA, sent())

    assert shape["courses"][1] == {"title": "Barbering", "cip_code": "12.0402", "hours": "1500"}
    assert shape["contact_name"] == "Imani Brooks"
    assert "ein" not in shape


@pytest.mark.parametrize("count", ["", "x", "-1", "²", "99999999"])
def test_it_reads_no_records_for_a_count_that_is_none(count):
    assert posted(SCHEMA, sent(courses__count=count))["courses"] == []


def test_it_reads_no_more_records_than_the_schema_allows():
    assert len(posted(SCHEMA, sent(courses__count="900"))["courses"]) == 3


def test_it_fills_what_the_payload_lacks():
    shape = filled(SCHEMA, {"courses": [{"title": "Welding"}]})

    assert shape["name"] is None
    assert shape["courses"] == [{"title": "Welding", "cip_code": None, "hours": None}]


def test_it_adds_a_record():
    shape = reshaped(SCHEMA, sent(), "add:courses")

    assert len(shape["courses"]) == 3
    assert shape["courses"][2] == {"title": "", "cip_code": "", "hours": ""}


def test_it_removes_a_record():
    shape = reshaped(SCHEMA, sent(), "remove:courses/0")

    assert [course["title"] for course in shape["courses"]] == ["Barbering"]


@pytest.mark.parametrize(
    "action",
    ["add:nowhere", "add:name", "add:courses/0", "remove:courses/7", "remove:courses/x", "remove:courses", "remove:", "add:", "add:courses/9/title"],
)  # fmt: skip
def test_it_changes_nothing_for_a_button_that_is_none(action):
    assert reshaped(SCHEMA, sent(), action) == posted(SCHEMA, sent())


def test_it_adds_no_more_records_than_the_schema_allows():
    grown = PAYLOAD | {"courses": PAYLOAD["courses"] + PAYLOAD["courses"][:1]}

    assert len(reshaped(SCHEMA, sent(grown), "add:courses")["courses"]) == 3


def test_it_keeps_the_last_record_a_list_must_have():
    single = PAYLOAD | {"courses": PAYLOAD["courses"][:1]}

    assert len(reshaped(SCHEMA, sent(single), "remove:courses/0")["courses"]) == 1


def test_it_keeps_records_that_hold_what_no_form_shows():
    courses = SCHEMA["properties"]["courses"]
    items = courses["items"] | {"properties": courses["items"]["properties"] | {"code": {"type": "object"}}}
    fixed = SCHEMA | {"properties": SCHEMA["properties"] | {"courses": courses | {"items": items}}}

    assert len(reshaped(fixed, sent(), "add:courses")["courses"]) == 2
    assert len(reshaped(fixed, sent(), "remove:courses/0")["courses"]) == 2


def test_it_puts_what_was_typed_on_the_newer_version():
    courses = [PAYLOAD["courses"][0], PAYLOAD["courses"][1] | {"hours": 1480}]
    current = PAYLOAD | {"name": "Harbor Trades, Inc.", "accredited": False, "courses": courses}

    shape = rebased(SCHEMA, PAYLOAD, current, sent(contact_name="I. Brooks", courses__0__hours="500"))

    assert shape["name"] == "Harbor Trades, Inc."
    assert shape["accredited"] is False
    assert shape["contact_name"] == "I. Brooks"
    assert shape["counties"] == ["Marion", "Lake"]
    assert [course["hours"] for course in shape["courses"]] == ["500", 1480]


def test_it_takes_the_newer_records_unless_some_were_added_here():
    shorter = PAYLOAD | {"courses": PAYLOAD["courses"][:1]}

    untouched = rebased(SCHEMA, PAYLOAD, shorter, sent())
    longer = rebased(SCHEMA, PAYLOAD, shorter, sent(courses__count="3", courses__2__title="Plumbing"))

    assert len(untouched["courses"]) == 1
    assert [course["title"] for course in longer["courses"]] == ["Welding", "Barbering", "Plumbing"]


@pytest.mark.parametrize(
    ("path", "value"),
    [("courses/1/title", "Barbering"), ("name", "Harbor Trades School"), ("courses/2", MISSING), ("name/x", MISSING)],
)
def test_it_finds_what_stands_at_a_path(path, value):
    assert value_at(PAYLOAD, path) == value
