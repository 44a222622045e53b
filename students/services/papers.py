"""Papers: what a student is asked for, uploads, and has accepted or rejected."""

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.base import File
from django.db import transaction
from django.db.models import Q, QuerySet

from autopilot import audit, clock
from autopilot.engine import emit
from autopilot.uploads import receive
from programs.services.requirements.proofs import plain_name
from programs.services.rights import require
from students.models import AskedPaper, EnrollmentStatus, PaperStatus, Student, StudentPaper
from students.services.persons import own_records

DECIDED = "students.paper.decided"
REVIEW = "students.review_studentpaper"
LONGEST_REMARK = 500
WANTED_WHILE = (EnrollmentStatus.ACCEPTED, EnrollmentStatus.ACTIVE)


@dataclass(frozen=True)
class Asked:
    """One paper that a student is asked for, with what stands for it."""

    paper: AskedPaper
    standing: StudentPaper | None

    @property
    def is_open(self) -> bool:
        """Whether the student has to do something."""
        return self.standing is None or self.standing.status == PaperStatus.REJECTED


def asked_of(student: Student) -> list[Asked]:
    """Return the papers that a student is asked for while enrolled, with the file that stands for each."""
    programs = student.enrollments.filter(status__in=WANTED_WHILE).values("cohort__program")
    if not programs.exists():
        return []
    wanted = AskedPaper.objects.filter(Q(program=None) | Q(program__in=programs), active=True)
    standing = {row.asked_id: row for row in student.papers.filter(replaced_at=None).select_related("document")}
    return [Asked(paper, standing.get(paper.pk)) for paper in wanted]


def submit_paper(student: Student, asked: AskedPaper, *, file: "File[Any]", by: User) -> StudentPaper:
    """Keep a file that a student uploads; it takes the place of the one before, which stays on file.

    Call it outside a transaction: the file is opened and checked. Raises PermissionDenied for anybody but the student,
    and ValidationError with the code `not_asked`, or as `autopilot.uploads.receive` does.
    """
    if not own_records(by).filter(pk=student.pk).exists():
        raise PermissionDenied("Only the student uploads these papers.")
    if asked.pk not in {each.paper.pk for each in asked_of(student)}:
        raise ValidationError("This paper is not asked for.", code="not_asked")
    name = plain_name(file.name or "")
    document = receive(file, title=asked.title, tenant_id=student.pk)
    with transaction.atomic():
        Student.objects.select_for_update(of=("self",)).get(pk=student.pk)
        student.papers.filter(asked=asked, replaced_at=None).update(replaced_at=clock.now())
        made = StudentPaper.objects.create(
            student=student, asked=asked, document=document, file_name=name, uploaded_by=by
        )
        audit.record(by, "students.paper.submitted", made)
    return made


@transaction.atomic
def decide_paper(paper: StudentPaper, *, accept: bool, remark: str = "", by: User) -> None:
    """Accept a paper, or reject it with what the student reads; the student is told.

    Raises PermissionDenied, and ValidationError with the code `no_remark` or `decided`.
    """
    require(by, REVIEW)
    remark = remark.strip()[:LONGEST_REMARK]
    if not accept and not remark:
        raise ValidationError("Say what is wrong with it; the student reads it.", code="no_remark")
    to = PaperStatus.ACCEPTED if accept else PaperStatus.REJECTED
    waiting = StudentPaper.objects.filter(pk=paper.pk, status=PaperStatus.SUBMITTED, replaced_at=None)
    if not waiting.update(status=to, remark=remark, reviewed_by=by, reviewed_at=clock.now()):
        raise ValidationError("This paper was decided or replaced meanwhile. Look at it again.", code="decided")
    paper.refresh_from_db()
    audit.record(by, f"students.paper.{to}", paper)
    emit(DECIDED, tenant_id=paper.student_id, paper_id=paper.pk)


def to_review() -> QuerySet[StudentPaper]:
    """Return the papers that wait for somebody to decide, the oldest first."""
    waiting = StudentPaper.objects.filter(status=PaperStatus.SUBMITTED, replaced_at=None)
    return waiting.order_by("uploaded_at", "pk")
