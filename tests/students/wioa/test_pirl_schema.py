"""The development schema: the columns of 2018 in their order, and nothing pretended about what was not read."""

import pytest

from students.wioa.pirl.schema import Element, Kind, Schema, development_schema

pytestmark = pytest.mark.once


def test_it_has_the_488_columns_in_their_order():
    schema = development_schema()

    numbers = [element.number for element in schema.elements]

    assert len(numbers) == len(set(numbers)) == 488
    assert numbers[:3] == ["OBS", "100", "101"]
    assert numbers[9:12] == ["108-A", "108-B", "108-C"]
    assert numbers[-1] == "2847"
    assert schema.index["923"] < schema.index["1303"] < schema.index["1901"]


@pytest.mark.parametrize(
    ("number", "kind", "length", "codes"),
    [
        ("OBS", Kind.INTEGER, 9, ""),
        ("100", Kind.ALPHANUMERIC, 12, ""),
        ("901", Kind.DATE, 8, ""),
        ("923", Kind.INTEGER, 2, "00 01 02 03 04 05 06 07"),
        ("1303", Kind.INTEGER, 2, "00 01 02 03 04 05 06 07 08 09 10 11 12"),
        ("1602", Kind.INTEGER, 1, "0 1 2 3 9"),
        ("1603", Kind.INTEGER, 1, "0 1 2 3 4 5"),
        ("1704", Kind.MONEY, 8, ""),
        ("1800", Kind.INTEGER, 1, "0 1 2 3 4 5 6 7"),
        ("1900", Kind.INTEGER, 1, "0 1 2 3"),
    ],
)
def test_it_knows_what_an_element_is_written_as(number, kind, length, codes):
    schema = development_schema()

    element = schema.elements[schema.index[number]]

    assert (element.kind, element.length, sorted(element.codes)) == (kind, length, codes.split())


def test_it_says_what_was_not_read():
    by_number = {element.number: element for element in development_schema().elements}

    assert by_number["300"].kind is Kind.TEXT
    assert by_number["300"].basis == "not read"
    assert not by_number["401"].verified
    assert by_number["1805"].title == by_number["1805"].name
    assert by_number["208"].title.endswith("Customized Employmen…")


def test_it_distinguishes_transcripts_of_secondary_and_of_postsecondary_education():
    by_number = {element.number: element for element in development_schema().elements}

    assert "Postsecondary Transcript" in by_number["1807"].name
    assert "Secondary Transcript" in by_number["1808"].name


def test_it_stamps_what_the_agency_accepts_no_more_as_a_draft():
    assert development_schema().development
    assert Schema("PIRL2020", ()).development
    assert not Schema("PIRL2025", ()).development


def test_it_refuses_an_element_that_stands_there_twice():
    with pytest.raises(ValueError, match="twice"):
        Schema("PIRL2025", (Element("100", "One"), Element("100", "Two")))
