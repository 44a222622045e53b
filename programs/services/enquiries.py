"""Enquiries from the public catalog: taken once, told to the holder's people, and marked when they are answered."""

from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction

from autopilot import audit, clock
from autopilot.engine import emit
from programs.models import Enquiry, Program

RECEIVED = "programs.enquiry.received"
CONFIRMED = "programs.enquiry.confirmed"


@transaction.atomic
def enquire(program: Program, *, name: str, email: str, phone: str, message: str, form_key: UUID) -> Enquiry:
    """Take in what somebody asks about a program; the same form sent again is the same enquiry.

    The holder's people are told that somebody asks, the person is told that it arrived. Raises ValidationError by field.
    """
    found = Enquiry.objects.filter(form_key=form_key).first()
    if found is not None:
        return found
    enquiry = Enquiry(program=program, name=name, email=email, phone=phone, message=message, form_key=form_key)
    enquiry.full_clean()
    enquiry.save(force_insert=True)
    for topic in (RECEIVED, CONFIRMED):
        emit(topic, tenant_id=program.holder_id, enquiry_id=enquiry.pk)
    return enquiry


@transaction.atomic
def mark_answered(enquiry: Enquiry, *, by: User) -> None:
    """Note that somebody of the holder has been in touch; once noted it stays."""
    if Enquiry.objects.filter(pk=enquiry.pk, answered_at=None).update(answered_at=clock.now()):
        audit.record(by, "programs.enquiry.answered", enquiry)
    enquiry.refresh_from_db()
