"""Programs: begun by their holder, complete before they are reviewed, and then as they were approved."""

import pytest
from django.core.exceptions import ValidationError

from autopilot.models import AuditEntry, OutboxMessage
from programs.models import Program, ProgramStatus
from programs.services.programs import (
    approve_program,
    create_program,
    edit_program,
    missing,
    move_program,
    reopen_program,
    retire_program,
    return_program,
    submit_program,
    withdraw_program,
)
from programs.services.sites import add_site
from tests.programs.offers import GOOD, approved, clerk, draft
from tests.programs.samples import holder

pytestmark = pytest.mark.django_db


@pytest.fixture
def school():
    return holder()


@pytest.fixture
def by(db):
    return clerk()


def test_it_begins_as_a_draft(school, by):
    program = create_program(school, said=GOOD, by=by)

    assert (program.status, program.slug) == ("draft", "practical-nursing")
    assert [each.soc_code for each in program.occupations.all()] == ["29-2061"]
    assert AuditEntry.objects.filter(name="programs.program.created", actor=by).exists()


def test_its_address_is_its_own(school, by):
    first, second = create_program(school, said=GOOD, by=by), create_program(school, said=GOOD, by=by)

    assert first.slug != second.slug


@pytest.mark.parametrize(("field", "value"), [
    ("cip_code", "513901"), ("clock_hours", 0), ("tuition", -1), ("type", "magic"), ("title", ""),
    ("occupations", ["nurse"]), ("occupations", [f"11-{number}" for number in range(1111, 1117)]),
])  # fmt: skip
def test_it_refuses_what_does_not_fit_by_field(school, by, field, value):
    before = Program.objects.count()

    with pytest.raises(ValidationError) as refusal:
        create_program(school, said=GOOD | {field: value}, by=by)

    assert field in refusal.value.error_dict
    assert Program.objects.count() == before


def test_it_is_taught_at_its_holders_own_sites(school, by):
    strange = holder(ein="35-7654321").sites.get()

    with pytest.raises(ValidationError, match="your own sites"):
        create_program(school, said=GOOD | {"sites": [strange]}, by=by)


def test_it_is_reviewed_once_it_is_complete(school, by):
    program = school.programs.get()

    with pytest.raises(ValidationError) as refusal:
        submit_program(program, by=by)

    assert len(refusal.value.messages) == len(list(missing(program))) == 3
    assert program.status == ProgramStatus.DRAFT


def test_what_is_online_needs_no_site(school, by):
    assert list(missing(draft(school, sites=[], delivery="online"))) == []


def test_it_is_approved_and_told(school, by):
    program = draft(school)
    submit_program(program, by=by)

    approve_program(program, by=by, remark="A fine program.")

    assert (program.status, program.listed, program.review_remark) == ("approved", True, "A fine program.")
    assert program.approved_at is not None
    assert OutboxMessage.objects.filter(topic="programs.program.approved", tenant_id=school.pk).exists()


def test_it_comes_back_with_a_remark(school, by):
    program = draft(school)
    submit_program(program, by=by)
    with pytest.raises(ValidationError, match="what the holder should change"):
        return_program(program, by=by, remark=" ")

    return_program(program, by=by, remark="Say who issues it.")

    assert (program.status, program.review_remark) == ("draft", "Say who issues it.")


def test_nothing_changes_while_it_is_read(school, by):
    program = draft(school)
    submit_program(program, by=by)

    with pytest.raises(ValidationError, match="Withdraw it"):
        edit_program(program, said={"title": "Other"}, by=by)
    withdraw_program(program, by=by)
    edit_program(program, said={"title": "Other"}, by=by)

    assert program.title == "Other"


def test_what_was_approved_stays_what_it_was(by):
    program = approved()

    with pytest.raises(ValidationError) as refusal:
        edit_program(program, said={"tuition": 9000, "description": "More."}, by=by)

    assert list(refusal.value.error_dict) == ["tuition"]
    program.refresh_from_db()
    assert program.description == GOOD["description"]


def test_what_nobody_approves_may_change(by):
    program = approved()

    edit_program(program, said={"description": "More.", "listed": False, "tuition": program.tuition}, by=by)

    assert (program.description, program.listed, program.status) == ("More.", False, "approved")


def test_it_is_reopened_to_change_it(by):
    program = approved()

    reopen_program(program, by=by)
    edit_program(program, said={"tuition": 9000}, by=by)

    assert program.status == ProgramStatus.DRAFT


@pytest.mark.parametrize("deed", [submit_program, approve_program, withdraw_program, reopen_program, retire_program])
def test_a_retired_one_stays_retired(by, deed):
    program = approved()
    retire_program(program, by=by)

    with pytest.raises(ValidationError):
        deed(program, by=by)

    assert Program.objects.get(pk=program.pk).status == ProgramStatus.RETIRED


def test_who_comes_second_moves_nothing(school, by):
    program = draft(school)
    late = Program.objects.get(pk=program.pk)
    submit_program(program, by=by)

    with pytest.raises(ValidationError) as refusal:
        move_program(late, ProgramStatus.IN_REVIEW, by=by)

    assert refusal.value.code == "moved_meanwhile"


def test_a_site_has_a_name_of_its_own(school, by):
    said = {"name": "Main site", "street": "1 A", "city": "Gary", "state": "IN", "zip": "46402"}

    with pytest.raises(ValidationError):
        add_site(school, said=said, by=by)
    add_site(school, said=said | {"name": "Second site"}, by=by)

    assert school.sites.count() == 2
