"""Milestones of programs, and who has done them: the rule is that of the day on which a student's training began."""

from dataclasses import dataclass
from datetime import date

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from autopilot import audit, clock
from autopilot.engine import emit
from autopilot.models import Document
from programs.models import Program
from students.models import Enrollment, EnrollmentStatus, Milestone, MilestoneCompletion, MilestoneWithdrawal
from students.services.enrollments import today_at

COMPLETED = "students.milestone.completed"
WITHDRAWN = "students.milestone.withdrawn"
CONTROL = "students.control_milestone"
LONGEST_EVIDENCE, LONGEST_REASON = 500, 1000
TRAINED = (EnrollmentStatus.ACTIVE, EnrollmentStatus.COMPLETED)


@dataclass(frozen=True)
class Step:
    """A milestone of an enrollment, and the completion of it that counts, if there is one."""

    milestone: Milestone
    completion: MilestoneCompletion | None

    @property
    def is_missing(self) -> bool:
        """Whether a certificate waits for it."""
        return self.milestone.required and self.completion is None


@transaction.atomic
def add_milestone(
    program: Program,
    *,
    title: str,
    effective_from: date,
    by: User,
    description: str = "",
    required: bool = True,
    position: int = 1,
) -> Milestone:
    """Add a milestone that holds for whoever begins on `effective_from` or later.

    Raises ValidationError by field, and with the code `title_used` for one that the program has already.
    """
    milestone = Milestone(
        program=program, title=title.strip(), description=description.strip(), required=required, position=position,
        effective_from=effective_from, created_by=by,
    )  # fmt: skip
    milestone.clean_fields()
    if program.milestones.filter(title=milestone.title, effective_to=None).exists():
        raise ValidationError(
            {"title": ValidationError("The program has a milestone of this name. End it first.", code="title_used")}
        )
    milestone.save(force_insert=True)
    audit.record(by, "students.milestone.added", milestone, program_id=program.pk)
    return milestone


@transaction.atomic
def end_milestone(milestone: Milestone, *, on: date, reason: str, by: User) -> None:
    """Let a milestone hold until a day, for a reason: whoever begins later does without it.

    Raises ValidationError with the code `reason`, `ended` for one that has ended, and `before_start` for a day before
    its first.
    """
    reason = _required(reason, LONGEST_REASON, "reason", "Say why it ends.")
    if on < milestone.effective_from:
        raise ValidationError(
            f"It holds from {milestone.effective_from:%B %-d, %Y}. Choose that day or a later one.", code="before_start"
        )
    if not Milestone.objects.filter(pk=milestone.pk, effective_to=None).update(effective_to=on):
        raise ValidationError("This milestone has ended already.", code="ended")
    milestone.refresh_from_db(fields=["effective_to"])
    audit.record(by, "students.milestone.ended", milestone, on=on, reason=reason)


def milestones_of(enrollment: Enrollment) -> QuerySet[Milestone]:
    """Return the milestones that hold for an enrollment: those of the day its training began, today's before that."""
    day = enrollment.started_on or clock.today()
    in_force = Q(effective_to=None) | Q(effective_to__gte=day)
    return Milestone.objects.filter(in_force, program=enrollment.cohort.program_id, effective_from__lte=day).order_by(
        "position", "title", "id"
    )


def steps_of(enrollment: Enrollment) -> list[Step]:
    """Return the milestones of an enrollment, each with its completion."""
    counting = enrollment.milestones.filter(withdrawn_at=None).select_related("document")
    done = {completion.milestone_id: completion for completion in counting}
    return [Step(milestone, done.get(milestone.pk)) for milestone in milestones_of(enrollment)]


def missing_milestones(enrollment: Enrollment) -> list[Milestone]:
    """Return the required milestones of an enrollment that are not completed."""
    done = enrollment.milestones.filter(withdrawn_at=None).values("milestone_id")
    return list(milestones_of(enrollment).filter(required=True).exclude(pk__in=done))


@transaction.atomic
def complete_milestone(
    enrollment: Enrollment,
    milestone: Milestone,
    *,
    on: date,
    evidence: str,
    by: User,
    document: Document | None = None,
) -> MilestoneCompletion:
    """Record that a student has done a milestone, on a day within the training, with what shows it.

    Raises ValidationError with the code `not_in_training`, `not_asked`, `future`, `before_start`, `after_end`,
    `evidence` or `completed`.
    """
    locked = Enrollment.objects.select_for_update(of=("self",)).select_related("cohort").get(pk=enrollment.pk)
    _require_asked(locked, milestone)
    _require_day(locked, on)
    evidence = _required(evidence, LONGEST_EVIDENCE, "evidence", "Say what shows it, such as an exam’s score sheet.")
    made = MilestoneCompletion(
        enrollment=locked, milestone=milestone, completed_on=on, evidence=evidence, document=document,
        recorded_by=by, actor_label=by.get_username(),
    )  # fmt: skip
    try:
        with transaction.atomic():
            made.save(force_insert=True)
    except IntegrityError:
        raise ValidationError("This milestone is completed already.", code="completed") from None
    # What shows it may tell of the person: it stands with the record, and not in the audit.
    audit.record(by, COMPLETED, made, enrollment_id=locked.pk, milestone_id=milestone.pk)
    emit(COMPLETED, tenant_id=locked.holder_id, enrollment_id=locked.pk, completion_id=made.pk)
    return made


@transaction.atomic
def withdraw_completion(completion: MilestoneCompletion, *, reason: str, by: User) -> None:
    """Take back a completion that was a mistake, with the reason; the record stays.

    Raises ValidationError with the code `reason`, `withdrawn`, or `certified` while a certificate rests on it.
    """
    reason = _required(reason, LONGEST_REASON, "reason", "Say why it does not count; it stands in the history.")
    enrollment = Enrollment.objects.select_for_update(of=("self",)).get(pk=completion.enrollment_id)
    if enrollment.certificates.filter(revoked_at=None).exists():
        raise ValidationError(
            "A certificate was issued on the strength of it. Have that revoked first.", code="certified"
        )
    if not MilestoneCompletion.objects.filter(pk=completion.pk, withdrawn_at=None).update(withdrawn_at=clock.now()):
        raise ValidationError("It was withdrawn already.", code="withdrawn")
    MilestoneWithdrawal.objects.create(completion=completion, reason=reason, actor_label=by.get_username())
    audit.record(by, WITHDRAWN, completion, enrollment_id=enrollment.pk, milestone_id=completion.milestone_id)
    emit(WITHDRAWN, tenant_id=enrollment.holder_id, enrollment_id=enrollment.pk, completion_id=completion.pk)


def _require_asked(enrollment: Enrollment, milestone: Milestone) -> None:
    if enrollment.status not in TRAINED:
        raise ValidationError(
            "Milestones are recorded of students who train or have completed.", code="not_in_training"
        )
    if not milestones_of(enrollment).filter(pk=milestone.pk).exists():
        raise ValidationError("This milestone is not asked of this student.", code="not_asked")


def _require_day(enrollment: Enrollment, on: date) -> None:
    if on > today_at(enrollment.cohort):
        raise ValidationError("The day is in the future. Enter it when it has come.", code="future")
    if enrollment.started_on and on < enrollment.started_on:
        raise ValidationError(f"The training began on {enrollment.started_on:%B %-d, %Y}.", code="before_start")
    if enrollment.ended_on and on > enrollment.ended_on:
        raise ValidationError(f"The training ended on {enrollment.ended_on:%B %-d, %Y}.", code="after_end")


def _required(written: str, longest: int, code: str, missing: str) -> str:
    text = written.strip()
    if not text:
        raise ValidationError(missing, code=code)
    if len(text) > longest:
        raise ValidationError(f"Shorten it to {longest:,} characters.", code=code)
    return text
