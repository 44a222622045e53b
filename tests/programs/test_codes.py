"""The code lists and their tests."""

import pytest

from programs import codes

UNASSIGNED = {"00", "07", "08", "09", "17", "18", "19", "28", "29", "49", "69", "70", "78", "79", "89", "96", "97"}


def test_it_knows_exactly_the_prefixes_of_the_irs_list():
    every = {f"{number:02}" for number in range(100)}

    assert every - codes.EIN_PREFIXES == UNASSIGNED


@pytest.mark.parametrize("ein", ["35-1234567", "00-0000000"])
def test_it_takes_an_ein_in_its_form(ein):
    assert codes.has_form(codes.EIN_PATTERN, ein)


@pytest.mark.parametrize(
    "ein",
    [
        "",
        "351234567",
        "35-123456",
        "35-12345678",
        "3-51234567",
        "35 1234567",
        "AB-1234567",
        "٣٥-1234567",
        "35-1234567\n",
    ],
)
def test_it_refuses_an_ein_in_any_other_form(ein):
    assert not codes.has_form(codes.EIN_PATTERN, ein)


@pytest.mark.parametrize("cip", ["1.0101", "12.040", "12.04022", "120402", "12,0402", "ab.cdef", "12.0402\n"])
def test_it_refuses_a_cip_code_in_any_other_form(cip):
    assert not codes.has_form(codes.CIP_PATTERN, cip)


@pytest.mark.parametrize("text", ["46204", "46204-1234"])
def test_it_takes_zip_codes_of_five_and_of_nine_digits(text):
    assert codes.has_form(codes.ZIP_PATTERN, text)


@pytest.mark.parametrize("text", ["4620", "462045", "46204-12", "46204 1234", "4620A"])
def test_it_refuses_other_zip_codes(text):
    assert not codes.has_form(codes.ZIP_PATTERN, text)


def test_it_knows_an_area_for_every_state_and_a_state_for_every_area():
    in_areas = {state for states in codes.ZIP_AREAS.values() for state in states.split()}

    assert in_areas == set(codes.STATES)


def test_it_shows_four_digits_of_an_ein():
    assert codes.masked_ein("35-1234567") == "••-•••4567"
