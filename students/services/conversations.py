"""Messages between a student and the school; the mail that tells of one says nothing of what it says."""

from datetime import timedelta

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet

from autopilot import audit, clock
from autopilot.engine import emit
from students.models import Enrollment, Student, StudentMessage

TO_STUDENT, TO_SCHOOL = "students.message.to_student", "students.message.to_school"
LONGEST = 2000
MOST_IN_AN_HOUR = 20


@transaction.atomic
def send_message(enrollment: Enrollment, *, text: str, by: User | None, by_student: bool) -> StudentMessage:
    """Send a message about an enrollment to the other side, which is told by mail; who may, the door has made sure of.

    Raises ValidationError under `text`: blank, too long, or more than 20 within an hour.
    """
    text = text.strip()
    if not text or len(text) > LONGEST:
        raise ValidationError({"text": f"Write a message of at most {LONGEST:,} characters."}, code="text")
    since = clock.now() - timedelta(hours=1)
    if StudentMessage.objects.filter(enrollment=enrollment, author=by, sent_at__gt=since).count() >= MOST_IN_AN_HOUR:
        raise ValidationError({"text": "You have sent many messages. Try again in an hour."}, code="too_many")
    made = StudentMessage.objects.create(enrollment=enrollment, author=by, by_student=by_student, text=text)
    audit.record(by, "students.message.sent", made, enrollment_id=enrollment.pk)
    tenant = enrollment.holder_id if by_student else enrollment.student_id
    emit(TO_SCHOOL if by_student else TO_STUDENT, tenant_id=tenant, message_id=made.pk)
    return made


def mark_read(enrollment: Enrollment, *, as_student: bool) -> int:
    """Mark what the other side has written as read; returns how many messages were new."""
    unread = StudentMessage.objects.filter(enrollment=enrollment, by_student=not as_student, read_at=None)
    return unread.update(read_at=clock.now())


def unread_for(students: QuerySet[Student]) -> int:
    """Return how many messages a student has not read."""
    mine = StudentMessage.objects.filter(enrollment__student__in=students, by_student=False, read_at=None)
    return mine.count()
