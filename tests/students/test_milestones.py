"""Milestones: those of the day the training began, recorded with what shows them, and taken back with a reason."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction

from autopilot import clock
from autopilot.models import AuditEntry, OutboxMessage
from students.models import Milestone, MilestoneCompletion, MilestoneWithdrawal
from students.services import enrollments, milestones
from tests.students.samples import active, applied, cohort, coordinator, school

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def spring():
    return cohort(school())


@pytest.fixture
def clerk(spring):
    return coordinator(spring.program.holder)


@pytest.fixture
def staff():
    return User.objects.create_user("okafor", is_staff=True)


@pytest.fixture
def exam(spring, staff):
    return milestones.add_milestone(
        spring.program, title="Final exam", effective_from=spring.starts_on - 100 * DAY, by=staff
    )


def refused(code, deed, *args, **kwargs):
    """Check that a deed is refused with a code, in words, and leaves the records as they were."""
    before = list(Milestone.objects.values()), list(MilestoneCompletion.objects.values())
    with pytest.raises(ValidationError) as refusal, transaction.atomic():
        deed(*args, **kwargs)
    codes = {error.code for errors in getattr(refusal.value, "error_dict", {}).values() for error in errors}
    assert code in (codes or {refusal.value.code})
    assert len(refusal.value.messages[0]) > 20
    assert (list(Milestone.objects.values()), list(MilestoneCompletion.objects.values())) == before


def completed(enrollment, milestone, by, **changes):
    facts = {"on": enrollment.started_on, "evidence": "Score sheet, 92 of 100"} | changes
    return milestones.complete_milestone(enrollment, milestone, by=by, **facts)


def test_it_asks_for_what_held_on_the_day_the_training_began(spring, staff, exam):
    early, late = active(spring), active(spring, 2, since=clock.today() - DAY)
    began = spring.starts_on
    milestones.end_milestone(exam, on=began, reason="Another exam.", by=staff)
    newer = milestones.add_milestone(spring.program, title="Final exam", effective_from=began + DAY, by=staff)

    assert milestones.missing_milestones(early) == [exam]
    assert milestones.missing_milestones(late) == [newer]
    assert AuditEntry.objects.filter(name="students.milestone.added").count() == 2
    assert AuditEntry.objects.get(name="students.milestone.ended").actor == staff


def test_it_records_who_completed_what_with_what_shows_it(spring, clerk, exam):
    enrollment = active(spring)

    made = completed(enrollment, exam, clerk, evidence="  Score sheet, 92 of 100 ")

    assert (made.evidence, made.recorded_by, made.actor_label) == ("Score sheet, 92 of 100", clerk, clerk.username)
    assert milestones.missing_milestones(enrollment) == []
    [step] = milestones.steps_of(enrollment)
    assert (step.milestone, step.completion, step.is_missing) == (exam, made, False)
    entry = AuditEntry.objects.get(name=milestones.COMPLETED)
    assert entry.data == {"enrollment_id": str(enrollment.pk), "milestone_id": str(exam.pk)}
    assert OutboxMessage.objects.filter(topic=milestones.COMPLETED, tenant_id=enrollment.holder_id).count() == 1


def test_what_is_not_required_is_shown_and_never_missing(spring, staff):
    milestones.add_milestone(
        spring.program, title="Job fair", effective_from=spring.starts_on - DAY, required=False, by=staff
    )
    enrollment = active(spring)

    assert [step.is_missing for step in milestones.steps_of(enrollment)] == [False]
    assert milestones.missing_milestones(enrollment) == []


def test_it_takes_back_a_mistake_with_a_reason_and_keeps_the_record(spring, clerk, exam):
    enrollment = active(spring)
    made = completed(enrollment, exam, clerk)

    milestones.withdraw_completion(made, reason="It was another student’s sheet.", by=clerk)

    assert milestones.missing_milestones(enrollment) == [exam]
    assert MilestoneWithdrawal.objects.get(completion=made).reason == "It was another student’s sheet."
    refused("withdrawn", milestones.withdraw_completion, made, reason="Again.", by=clerk)
    again = completed(enrollment, exam, clerk)
    assert list(enrollment.milestones.order_by("recorded_at")) == [made, again]


def test_it_refuses_what_cannot_be(spring, clerk, staff, exam):
    enrollment, waiting = active(spring), applied(spring, 2)
    other = milestones.add_milestone(spring.program, title="Later", effective_from=clock.today() + DAY, by=staff)
    completed(enrollment, exam, clerk)

    refused("completed", completed, enrollment, exam, clerk)
    refused("not_asked", completed, enrollment, other, clerk)
    refused("not_in_training", completed, waiting, exam, clerk, on=clock.today())
    refused("future", completed, enrollment, exam, clerk, on=clock.today() + 2 * DAY)
    refused("before_start", completed, enrollment, exam, clerk, on=enrollment.started_on - DAY)
    refused("evidence", completed, enrollment, exam, clerk, evidence="  ")
    refused("evidence", completed, enrollment, exam, clerk, evidence="x" * 501)
    refused("reason", milestones.withdraw_completion, enrollment.milestones.get(), reason=" ", by=clerk)
    refused("title_used", milestones.add_milestone, spring.program, title="Final exam ", effective_from=clock.today(), by=staff)  # fmt: skip
    refused("blank", milestones.add_milestone, spring.program, title=" ", effective_from=clock.today(), by=staff)
    refused("before_start", milestones.end_milestone, exam, on=exam.effective_from - DAY, reason="x", by=staff)


def test_nothing_is_recorded_after_the_training(spring, clerk, exam):
    enrollment = active(spring)
    enrollments.complete(enrollment, by=clerk, on=spring.starts_on + DAY)

    refused("after_end", completed, enrollment, exam, clerk, on=enrollment.ended_on + DAY)
    assert completed(enrollment, exam, clerk, on=enrollment.ended_on).completed_on == enrollment.ended_on


@pytest.mark.parametrize(
    ("model", "change"),
    [
        (Milestone, {"title": "Easier"}),
        (MilestoneCompletion, {"evidence": "Nothing"}),
        (MilestoneCompletion, {"completed_on": "2020-01-01"}),
        (MilestoneWithdrawal, {"reason": "None"}),
    ],
)
def test_the_database_keeps_what_was_recorded(spring, clerk, exam, model, change):
    made = completed(active(spring), exam, clerk)
    milestones.withdraw_completion(made, reason="A mistake.", by=clerk)

    with pytest.raises(DatabaseError), transaction.atomic():
        model.objects.update(**change)
    with pytest.raises(DatabaseError), transaction.atomic():
        model.objects.all()._raw_delete(model.objects.db)
