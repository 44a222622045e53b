"""Codes by their titles: what the tables hold, and how a field finds a code."""

import pytest
from django.core.exceptions import ValidationError

from programs import classifications, codes
from programs.classifications import CIP, SOC, code_in, find
from programs.forms.pickers import CipField, OccupationsField

pytestmark = pytest.mark.once


def test_it_lists_codes_of_the_right_form_and_series():
    assert all(codes.has_form(codes.CIP_PATTERN, code) and code[:2] in codes.CIP_SERIES for code in CIP)
    assert all(codes.has_form(codes.SOC_PATTERN, code) and code[:2] in classifications.SOC_GROUPS for code in SOC)
    assert list(CIP) == sorted(CIP)
    assert list(SOC) == sorted(SOC)


@pytest.mark.parametrize("words", ["weld", "WELDING", "technology weld", "48.0508"])
def test_it_finds_a_code_by_words(words):
    assert ("48.0508", "Welding Technology/Welder") in find(CIP, words)


@pytest.mark.parametrize("words", ["", "   ", "!!", "underwater basketry"])
def test_it_finds_nothing_for_nothing(words):
    assert find(CIP, words) == []


@pytest.mark.parametrize(
    ("entered", "code"),
    [
        ("48.0508", "48.0508"),
        (" 48.0508 Welding Technology/Welder", "48.0508"),
        ("99.9999", "99.9999"),
        ("phlebotomy", "51.1009"),
        ("nursing", "nursing"),
        ("51.100", "51.100"),
        ("nothing of the kind", "nothing of the kind"),
    ],
)
def test_it_reads_what_a_person_enters(entered, code):
    assert code_in(CIP, entered) == code


def test_it_names_the_codes_that_fit_when_several_do():
    with pytest.raises(ValidationError, match=r"51\.3901 Licensed Practical/Vocational Nurse Training; 51\.3902"):
        CipField().clean("nurs")


@pytest.mark.parametrize("entered", ["48.05", "480508", "basketry", "48-0508"])
def test_it_refuses_what_is_no_code(entered):
    with pytest.raises(ValidationError, match=r"six digits in the form 12\.0402"):
        CipField().clean(entered)


def test_it_takes_several_occupations_once_each():
    assert OccupationsField().clean(["51-4121", "machinists", "51-4121"]) == ("51-4121", "51-4041")


def test_it_refuses_one_wrong_occupation():
    with pytest.raises(ValidationError, match="form 51-4121"):
        OccupationsField(required=False).clean(["51-4121", "basketry", ""])


def test_it_takes_no_occupation_where_none_is_asked_for():
    assert OccupationsField(required=False).clean(["", "", ""]) == ()
