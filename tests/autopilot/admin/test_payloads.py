"""A payload in words: names, groups, values, labels."""

import pytest

from autopilot.admin.payloads import choices, described, in_focus, label_of, shown, words
from tests.autopilot.admin.packets import PAYLOAD, SCHEMA

pytestmark = pytest.mark.once


def texts(part):
    """Return a part as its title and its lines."""
    return part.title, [f"{item.name}: {item.text}" for item in part.items]


def test_it_takes_names_and_values_from_the_schema():
    weighed, _, _ = in_focus(PAYLOAD, SCHEMA)

    assert texts(weighed) == (
        "",
        [
            "Legal name: Harbor Trades School",
            "Type of organization: Training provider",
            "State: Indiana",
            "Note: —",
            "Accredited: Yes",
            "Counties: Marion, Lake",
            "EIN: 35-1234567",
        ],
    )


def test_it_groups_names_that_share_their_first_word():
    weighed, _, _ = in_focus(PAYLOAD, SCHEMA)

    contact = weighed.parts[0]

    expected = ["Name: Imani Brooks", "E-mail: imani@harbortrades.example", "Phone: 317-555-0100"]
    assert texts(contact) == ("Contact", expected)
    assert [item.label for item in contact.items] == ["Contact name", "Contact e-mail", "Contact phone"]


def test_it_calls_a_group_as_the_schema_does():
    weighed, _, _ = in_focus(PAYLOAD, SCHEMA | {"x-groups": {"contact": "Whom we ask"}})

    assert weighed.parts[0].title == "Whom we ask"
    assert weighed.parts[0].items[1].name == "E-mail"


def test_it_leaves_two_names_with_the_same_first_word_alone():
    part = described({"site_city": "Gary", "site_state": "IN"})

    assert texts(part) == ("", ["Site city: Gary", "Site state: IN"])


def test_it_numbers_the_records_of_a_list():
    weighed, _, _ = in_focus(PAYLOAD, SCHEMA)

    courses = weighed.parts[1]

    assert texts(courses.parts[1]) == ("Course 2", ["Title: Barbering", "CIP code: 12.0402", "Clock hours: 1500"])
    assert courses.parts[0].items[0].label == "Course 1: Title"
    assert courses.parts[0].items[1].path == "courses/0/cip_code"


def test_it_keeps_ids_apart_and_what_has_its_own_place_out():
    weighed, rest, ids = in_focus(PAYLOAD, SCHEMA, elsewhere=["findings"])

    assert [item.name for item in rest.items] == ["Rendered"]
    assert [item.name for item in ids.items] == ["Subject ID"]
    assert "findings" not in {item.path for part in (weighed, rest, ids) for item in part.all_items()}


def test_it_shows_everything_where_there_is_no_schema():
    named, rest, _ = in_focus({"files": [{"path": "a.txt"}], "count": 1, "odd": [1, {"a": 2}]}, {})

    assert not list(named.all_items())
    assert [f"{item.label}: {item.text}" for item in rest.all_items()] == [
        "Count: 1",
        "Files 1: Path: a.txt",
        "Odd 1: Value: 1",
        "Odd 2: A: 2",
    ]


@pytest.mark.parametrize(
    ("value", "schema", "text"),
    [
        (None, {}, "—"),
        ("", {}, "—"),
        ([], {}, "—"),
        (0, {}, "0"),
        (False, {}, "No"),
        ("training_provider", {"enum": ["training_provider"]}, "Training provider"),
        ("IN", {"enum": ["IN"]}, "IN"),
        ("IN", {"oneOf": [{"const": "IN", "title": "Indiana"}]}, "Indiana"),
        ("elsewhere", {"enum": ["IN"]}, "elsewhere"),
        ({"title": "Welding", "cip_code": "48.0508"}, SCHEMA["properties"]["courses"]["items"], "Title: Welding; CIP code: 48.0508"),
        ("2026-11-20T14:05:00.5+00:00", {}, "Nov. 20, 2026, 9:05 a.m. EST"),
        ("2026-99-20T14:05:00+00:00", {}, "2026-99-20T14:05:00+00:00"),
        ("0001-01-01T00:00:00Z", {}, "0001-01-01T00:00:00Z"),
        ("2026-11-20", {}, "2026-11-20"),
    ],
)  # fmt: skip
def test_it_shows_a_value_as_people_read_it(value, schema, text):
    assert shown(value, schema) == text


@pytest.mark.parametrize(
    ("name", "text"),
    [("cip_code", "CIP code"), ("application_id", "Application ID"), ("name", "Name"), ("", "")],
)
def test_it_writes_a_name_as_people_do(name, text):
    assert words(name) == text


@pytest.mark.parametrize(
    ("path", "label"),
    [
        ("/courses/1/cip_code", "Course 2: CIP code"),
        ("/courses/1", "Course 2"),
        ("/contact_email", "Contact e-mail"),
        ("/findings/3/reason", "Findings 4: Reason"),
        ("/document/sha256", "Document: Sha256"),
        ("/3", "3"),
    ],
)
def test_it_names_a_path_in_the_words_of_the_schema(path, label):
    assert label_of(path, SCHEMA) == label


def test_it_offers_no_choice_where_the_schema_has_none():
    assert choices({"oneOf": [{"type": "string"}]}) == []
