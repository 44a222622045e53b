"""Determinations: opened once, filled, judged, fixed when decided, and made anew without changing what was."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, IntegrityError, connection, transaction

from autopilot import clock
from autopilot.models import AuditEntry
from students.models import Determination, LocalDefinition
from students.services.details import enter_details
from students.services.determinations import (
    begin_determination,
    decision_of,
    enter_facts,
    facts_of,
    judge,
    move_determination,
    withdraw_determination,
)
from students.services.figures import caps_in, policy_on
from students.wioa.calendar import program_year
from students.wioa.eligibility import Facts, Sex
from tests.programs.conftest import permissions, staff_member
from tests.students.eligibility import GROWN, case_manager, gathered, proof, trainee

pytestmark = pytest.mark.django_db
Status = Determination._meta.get_field("status").choices


def decide(determination, to="eligible", **changes):
    """Have a determination decided, as its reviewer does."""
    move_determination(determination, "in_review")
    move_determination(determination, to, decided_at=clock.now(), **changes)
    return determination


def test_it_is_unknown_as_long_as_nothing_is_known():
    determination = begin_determination(trainee(), by=case_manager())

    decision = judge(determination)

    assert (determination.verdict, determination.programs) == ("unknown", [])
    assert {"date_of_birth", "sex"} <= set(decision.unknown())


def test_it_judges_what_is_known_and_proven():
    determination = gathered()

    assert (determination.verdict, determination.programs) == ("met", ["Adult"])
    assert decision_of(determination)["programs"]["dislocated_worker"]["verdict"] == "not_met"
    assert facts_of(determination).sex is Sex.FEMALE


def test_it_takes_no_word_for_a_proof():
    determination = gathered()
    determination.student.evidence.get(topic="200").delete()

    judge(determination)

    assert determination.verdict == "unknown"
    assert decision_of(determination)["programs"]["adult"]["evidence"] == ["200"]


def test_it_keeps_facts_where_nobody_reads_them():
    gathered(disability=True)

    with connection.cursor() as cursor:
        cursor.execute("SELECT facts, decision FROM students_determination")
        told = " ".join(cursor.fetchone())
    recorded = str(list(AuditEntry.objects.values_list("data", flat=True)))
    assert "disability" not in told
    assert "1990" not in told
    assert "1990" not in recorded
    assert "'disability'" in recorded


def test_it_begins_with_what_was_entered_before():
    enrollment, clerk = trainee(), staff_member("clerk")
    clerk.user_permissions.set(permissions("change_studentdetails"))
    given = {"birth_date": "2000-02-29", "sex": "male", "disability": "undisclosed", "justice": "no"}
    enter_details(enrollment.student, facts=given | {"immigration": "citizen", "races": "white"}, by=clerk)

    known = facts_of(begin_determination(enrollment, by=case_manager()))

    assert known == Facts(
        date_of_birth=date(2000, 2, 29), sex=Sex.MALE, work_authorized=True, offender=False, native=False
    )


def test_it_opens_one_at_a_time():
    determination = begin_determination(trainee(), by=case_manager())

    with pytest.raises(ValidationError, match="is open"):
        begin_determination(determination.enrollment, by=case_manager())
    with pytest.raises(IntegrityError), transaction.atomic():
        Determination.objects.create(
            student=determination.student, enrollment=determination.enrollment, as_of=clock.today()
        )


def test_it_is_for_who_may_assess():
    determination, stranger = gathered(), staff_member("stranger")

    for deed in (
        lambda: begin_determination(determination.enrollment, by=stranger),
        lambda: enter_facts(determination, Facts(), by=stranger),
        lambda: withdraw_determination(determination, reason="No.", by=stranger),
    ):
        with pytest.raises(PermissionDenied):
            deed()


def test_it_is_fixed_once_it_is_decided():
    determination = decide(gathered())

    with pytest.raises(ValidationError, match="fixed"):
        enter_facts(determination, Facts(), by=case_manager())
    with pytest.raises(ValidationError, match="not judged again"):
        judge(determination)
    for changes in ({"verdict": "not_met"}, {"as_of": date(2020, 1, 1)}, {"adult": False, "in_school_youth": True}):
        with pytest.raises(DatabaseError), transaction.atomic():
            Determination.objects.filter(pk=determination.pk).update(**changes)


def test_it_is_fixed_though_circumstances_change():
    determination = decide(gathered())
    before = determination.decision

    determination.student.evidence.update(withdrawn_at=clock.now(), withdrawn_reason="It was forged.")
    with clock.moved(timedelta(days=400)):
        later = begin_determination(determination.enrollment, by=case_manager(), reason="A new year.")
        judge(later)

    determination.refresh_from_db()
    assert (determination.verdict, determination.decision) == ("met", before)
    assert (later.earlier, later.verdict, later.as_of > determination.as_of) == (determination, "unknown", True)
    assert facts_of(later) == facts_of(determination)


def test_it_wants_a_reason_to_be_made_anew():
    determination = decide(gathered())

    with pytest.raises(ValidationError, match="Say why"):
        begin_determination(determination.enrollment, by=case_manager())


@pytest.mark.parametrize("to", ["certified", "submitted", "eligible"])
def test_it_goes_no_way_but_the_legal_one(to):
    with pytest.raises(ValidationError, match="cannot go"):
        move_determination(gathered(), to)


def test_it_is_withdrawn_with_a_reason():
    determination = gathered()

    with pytest.raises(ValidationError, match="reason"):
        withdraw_determination(determination, reason=" ", by=case_manager())
    withdraw_determination(determination, reason="Moved away.", by=case_manager())

    change = determination.changes.last()
    assert (change.from_status, change.to_status, change.reason, change.actor_label) == (
        "gathering", "withdrawn", "Moved away.", "manager",
    )  # fmt: skip


def test_its_history_is_kept():
    determination = gathered()

    with pytest.raises(DatabaseError), transaction.atomic():
        determination.changes.update(reason="Other.")


def test_somebody_else_cannot_move_it_meanwhile():
    determination = gathered()
    twin = Determination.objects.get(pk=determination.pk)
    move_determination(twin, "in_review")

    with pytest.raises(ValidationError, match="meanwhile"):
        move_determination(determination, "withdrawn")


def test_the_database_takes_nobody_as_eligible_whom_the_law_does_not():
    determination = begin_determination(trainee(), by=case_manager())
    move_determination(determination, "in_review")

    with pytest.raises(IntegrityError), transaction.atomic():
        move_determination(determination, "eligible", decided_at=clock.now())


YOUTH: dict[str, Any] = {
    "date_of_birth": date(2008, 5, 4), "attending_school": True, "needs_assistance": True, "homeless": True,
    **dict.fromkeys(["eighth_grade_or_below", "unable_to_function", "english_learner", "offender", "runaway", "foster_care", "pregnant_or_parenting", "disability"], False),
}  # fmt: skip


def test_it_counts_both_caps_by_what_was_decided():
    year = program_year(clock.today())
    assert policy_on(clock.today()).additional_assistance is None
    LocalDefinition.objects.create(
        topic="additional_assistance", text="Two grades behind.", source="Policy 7", effective_from=date(2025, 7, 1)
    )
    determination = gathered()
    for topic in ("409", "800", "702"):
        proof(determination.student, topic)
    decision = enter_facts(determination, replace(Facts(**GROWN), **YOUTH), by=case_manager())
    determination.refresh_from_db()

    decide(determination)

    assistance, income = caps_in(year)
    assert policy_on(clock.today()).additional_assistance == "Two grades behind."
    assert decision.programs["in_school_youth"].verdict == "met"
    assert (assistance.admitted, assistance.enrolled, income.enrolled) == (0, 1, 1)
    assert caps_in(year - 1)[0].enrolled == 0
