"""The 36 services: which make a participant, which put off the exit."""

import re

import pytest

from students.wioa.programs import Program
from students.wioa.services import FILE, SERVICES, read_services

pytestmark = pytest.mark.once
HEAD = FILE.read_text(encoding="utf-8").splitlines()[0]
ROW = "one,adult,One,basic,yes,yes,no,1001,,TEGL 10-16,2024-06-11,"


def codes(*, begins: bool, extends: bool, program: Program) -> set[str]:
    return {
        each.code
        for each in SERVICES.values()
        if program in each.programs and (each.begins, each.extends) == (begins, extends)
    }


def test_it_knows_twenty_two_services_of_adults_and_fourteen_of_youth():
    for_youth = [each for each in SERVICES.values() if Program.YOUTH in each.programs]

    assert (len(SERVICES), len(for_youth)) == (36, 14)


def test_it_knows_what_makes_no_participant_of_an_adult():
    assert codes(begins=False, extends=False, program=Program.ADULT) == {
        "eligibility_determination",
        "outreach_intake_orientation",
        "labor_market_information",
        "provider_information",
        "self_directed_job_search",
        "supportive_services",
        "follow_up",
        "rapid_response",
        "incumbent_worker_training",
    }


def test_it_knows_the_youth_service_that_begins_and_does_not_extend():
    assert codes(begins=True, extends=False, program=Program.YOUTH) == {"youth_supportive_services"}
    assert codes(begins=False, extends=False, program=Program.YOUTH) == {"youth_follow_up"}


@pytest.mark.parametrize("program", Program)
def test_what_extends_begins(program):
    assert not codes(begins=False, extends=True, program=program)


def test_adults_and_dislocated_workers_have_the_same_services():
    both = [each for each in SERVICES.values() if Program.ADULT in each.programs]

    assert all(Program.DISLOCATED_WORKER in each.programs for each in both)


def test_every_service_names_its_elements_and_its_source():
    for each in SERVICES.values():
        assert each.elements
        assert all(re.fullmatch(r"\d{3,4}(-\d{4})?", element) for element in each.elements), each.code
        assert "TEGL 10-16, Change 3" in each.source


@pytest.mark.parametrize(
    ("rows", "refusal"),
    [
        ([ROW, ROW], "stands in .* twice"),
        ([ROW.replace("adult", "senior")], "senior"),
        ([ROW.replace("yes", "maybe", 1)], "neither yes nor no"),
    ],
)
def test_it_refuses_a_file_that_is_wrong(tmp_path, rows, refusal):
    file = tmp_path / "services.csv"
    file.write_text("\n".join([HEAD, *rows]), encoding="utf-8")

    with pytest.raises(ValueError, match=refusal):
        read_services(file)
