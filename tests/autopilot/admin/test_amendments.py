"""The form made from a schema: its fields, what is wrong with them, and the edits that come of them."""

from copy import deepcopy
from typing import Any

import pytest
from django import forms

from autopilot.admin.amendments import AmendForm
from tests.autopilot.admin.packets import PAYLOAD, SCHEMA
from tests.autopilot.admin.test_shapes import sent

pytestmark = pytest.mark.once


def form(schema=SCHEMA, payload=PAYLOAD, **changes):
    """Return the form as it was sent."""
    return AmendForm(schema, payload, 1, data=sent(payload, **changes))


def offered(opened, name):
    """Return what a field lets one choose from."""
    return [(option.data["value"], option.data["label"]) for option in opened[name].subwidgets]


def test_it_has_a_field_for_every_value_that_can_be_edited():
    opened = AmendForm(SCHEMA, PAYLOAD, 1)
    fields = opened.fields

    assert {name: type(field).__name__ for name, field in fields.items()} == {
        "version": "IntegerField",
        "comment": "TextField",
        "name": "TextField",
        "entity": "TypedChoiceField",
        "state": "TypedChoiceField",
        "note": "TextField",
        "accredited": "BooleanField",
        "counties": "LinesField",
        "contact_name": "TextField",
        "contact_email": "EmailField",
        "contact_phone": "TextField",
        "courses/0/title": "TextField",
        "courses/0/cip_code": "TextField",
        "courses/0/hours": "IntegerField",
        "courses/1/title": "TextField",
        "courses/1/cip_code": "TextField",
        "courses/1/hours": "IntegerField",
    }
    assert fields["courses/1/cip_code"].label == "Course 2: CIP code"
    assert offered(opened, "state") == [("IN", "Indiana"), ("KY", "Kentucky")]


def test_it_begins_with_what_is_stored():
    opened = AmendForm(SCHEMA, PAYLOAD, 3)

    assert opened["courses/0/hours"].value() == 480
    assert opened["counties"].value() == "Marion\nLake"
    assert opened["version"].value() == 3


def test_it_changes_nothing_that_was_not_touched():
    untouched = form()

    assert untouched.is_valid(), untouched.errors
    assert untouched.changed_data == []
    assert untouched.edits() == {
        name: value for name, value in PAYLOAD.items() if name in SCHEMA["properties"] and name != "ein"
    }


def test_it_returns_what_was_entered_in_its_own_type():
    changed = form(name=" New name ", courses__1__hours="12", counties="Lake\r\n\r\nPorter", state="KY", accredited="")

    assert changed.is_valid(), changed.errors
    edits = changed.edits()
    assert edits["name"] == "New name"
    assert edits["courses"][1]["hours"] == 12
    assert edits["counties"] == ["Lake", "Porter"]
    assert (edits["state"], edits["accredited"]) == ("KY", False)


def test_it_takes_a_line_end_of_the_browser_for_the_stored_one():
    payload = PAYLOAD | {"note": "one\ntwo"}

    same = form(payload=payload, note="one\r\ntwo")

    assert same.is_valid(), same.errors
    assert "note" not in same.changed_data


@pytest.mark.parametrize(
    ("field", "entered", "message"),
    [
        ("name", "", "This field is required."),
        ("name", "x" * 201, "at most 200 characters"),
        ("entity", "church", "Select a valid choice."),
        ("contact_email", "nobody", "Enter a valid email address."),
        ("courses/0/cip_code", "48", "Write it as 12.0402."),
        ("courses/0/hours", "0", "greater than or equal to 1"),
        ("courses/0/hours", "many", "Enter a whole number."),
        ("courses/0/hours", "", "This field is required."),
        ("name", "a\0b", "Null characters are not allowed."),
    ],
)
def test_it_says_beside_the_field_what_is_wrong(field, entered, message):
    wrong = form(**{field.replace("/", "__"): entered})

    assert not wrong.is_valid()
    assert message in wrong.errors[field][0]


def test_it_offers_to_choose_where_the_stored_value_is_not_allowed():
    payload = PAYLOAD | {"entity": "church"}

    opened = AmendForm(SCHEMA, payload, 1)

    assert offered(opened, "entity")[0] == ("", "Choose one")
    assert not form(payload=payload, entity="").is_valid()


def test_it_keeps_what_a_nested_record_holds_beside_the_form():
    schema: dict[str, Any] = {
        "properties": {"site": {"type": "object", "properties": {"city": {"type": "string", "title": "City"}}}}
    }
    schema |= {"type": "object"}
    payload = {"site": {"city": "Gary", "geo": [1, 2]}}

    changed = AmendForm(schema, payload, 1, data={"version": "1", "site/city": "Hammond"})

    assert changed.is_valid(), changed.errors
    assert changed.edits() == {"site": {"geo": [1, 2], "city": "Hammond"}}
    assert changed.fields["site/city"].label == "Site: City"


def test_it_leaves_out_what_was_never_there_and_was_not_entered():
    payload = {name: value for name, value in PAYLOAD.items() if name != "note"}

    untouched = form(payload=payload, note="")

    assert untouched.is_valid(), untouched.errors
    assert "note" not in untouched.edits()


def test_it_has_what_a_new_record_requires():
    grown = form(
        courses__count="3", courses__2__title="Plumbing", courses__2__cip_code="46.0503", courses__2__hours="90"
    )

    assert grown.is_valid(), grown.errors
    assert grown.edits()["courses"][2] == {"title": "Plumbing", "cip_code": "46.0503", "hours": 90}


def test_it_moves_records_up_when_one_is_removed():
    data = sent(PAYLOAD | {"courses": PAYLOAD["courses"][1:]})

    shorter = AmendForm(SCHEMA, deepcopy(PAYLOAD), 1, data=data)

    assert shorter.is_valid(), shorter.errors
    assert shorter.edits()["courses"] == PAYLOAD["courses"][1:]


def test_it_shows_a_refusal_of_the_owner_beside_its_field_or_by_its_label():
    refused = form()
    refused.is_valid()

    refused.take_errors(
        {"contact_email": "Nobody reads there.", "ein": "Does not fit.", "courses": "Too few.", "form": "Odd."}
    )

    assert refused.errors["contact_email"] == ["Nobody reads there."]
    assert refused.non_field_errors() == ["EIN: Does not fit.", "Courses: Too few.", "Odd."]


def test_it_lays_the_page_out_in_groups():
    groups = list(AmendForm(SCHEMA, PAYLOAD, 1).groups())

    assert [group.get("title") for group in groups] == ["", "", "Contact", "Course 1", "Course 2", "course"]
    assert groups[-1]["add"] == "add:courses"
    assert [group.get("remove") for group in groups[3:5]] == ["remove:courses/0", "remove:courses/1"]
    assert [field.name for field in groups[1]["rows"][1]] == ["entity", "state"]


def test_it_offers_no_record_more_or_less_than_a_list_may_have():
    full = AmendForm(SCHEMA, PAYLOAD | {"courses": PAYLOAD["courses"] + PAYLOAD["courses"][:1]}, 1)
    single = AmendForm(SCHEMA, PAYLOAD | {"courses": PAYLOAD["courses"][:1]}, 1)

    assert not any("add" in group for group in full.groups())
    assert not any(group.get("remove") for group in single.groups())


@pytest.mark.parametrize(
    ("schema", "entered", "stored"),
    [
        ({"type": "number", "title": "Rate"}, "0.5", 0.5),
        ({"type": ["integer", "null"], "title": "Age"}, "", None),
        ({"oneOf": [{"const": 1, "title": "One"}, {"const": 2, "title": "Two"}]}, "2", 2),
    ],
)
def test_it_stores_a_value_in_the_type_of_its_schema(schema, entered, stored):
    whole = {"type": "object", "properties": {"value": schema}}

    changed = AmendForm(whole, {"value": 1}, 1, data={"version": "1", "value": entered})

    assert changed.is_valid(), changed.errors
    assert changed.edits() == {"value": stored}


def test_it_gives_long_text_room():
    opened = AmendForm(SCHEMA, PAYLOAD | {"contact_name": "one\ntwo"}, 1)

    assert isinstance(opened.fields["contact_name"].widget, forms.Textarea)
    assert isinstance(opened.fields["note"].widget, forms.Textarea)
