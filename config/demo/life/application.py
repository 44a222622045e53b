"""How the holder came in: it applied, the state approved it on paper, and its contact accepted the invitation."""

from dataclasses import replace
from uuid import uuid5

from django.contrib.auth.models import User
from django.db import transaction

from autopilot import clock
from autopilot.engine import cancel
from config.demo.passwords import PASSWORD
from programs.demo import FIRST, SAMPLE_FORMS
from programs.facts import ApplicationFacts
from programs.models import Application, ApplicationStatus, Holder, MemberRole
from programs.services.applications import move_application, submit_application
from programs.services.findings import verify_application
from programs.services.holders import open_holder
from programs.services.members import invitation_token, join

ON_PAPER = "The state decided about it on paper, before this office had Provost."
STATE_REFERENCE = "PAPER-0417"
FACTS: ApplicationFacts = replace(
    FIRST,
    legal_name="Meridian Street Barber School, LLC",
    doing_business_as="Meridian Barber School",
    ein="35-9990155",
    contact_name="Tamika Reyes",
    contact_title="Owner",
    contact_email="tamika.reyes@meridianbarbers.example",
    contact_phone="317-555-0155",
    mailing_street="3815 North Meridian Street",
    mailing_zip="46208",
    site_street="3815 North Meridian Street",
    site_zip="46208",
    additional_information="",
)


@transaction.atomic
def approved_holder(*, administrator: User, reviewer: User) -> Holder:
    """Return the holder; its application is decided on paper, so that no job waits for a cluster or a portal."""
    application = submit_application(facts=FACTS, form_key=uuid5(SAMPLE_FORMS, "holder"))
    if application.status == ApplicationStatus.SUBMITTED:
        _decide(application, administrator, reviewer)
    return open_holder(application)


def _decide(application: Application, administrator: User, reviewer: User) -> None:
    job_id = application.job_id
    if job_id is None:
        raise ValueError("An application that was just submitted has a job.")
    cancel(job_id, actor=administrator, reason=ON_PAPER)
    verify_application(application.pk, job_id=job_id)
    application.refresh_from_db()
    move_application(application, ApplicationStatus.IN_REVIEW, by=reviewer, reason=ON_PAPER)
    move_application(application, ApplicationStatus.APPROVED, by=reviewer, reason=ON_PAPER, decided_at=clock.now())
    move_application(
        application,
        ApplicationStatus.SUBMITTED_TO_STATE,
        by=reviewer,
        reason=ON_PAPER,
        state_reference=STATE_REFERENCE,
    )
    move_application(application, ApplicationStatus.STATE_APPROVED, by=reviewer, reason=ON_PAPER)


def owner_of(holder: Holder) -> User:
    """Return the owner, who accepts the invitation that was mailed to the contact unless that is done."""
    member = holder.members.filter(role=MemberRole.OWNER, left_at=None).select_related("user").first()
    if member is not None:
        return member.user
    token = invitation_token(holder.invitations.latest("created_at"))
    first, _, last = holder.contact_name.partition(" ")
    return join(token, first_name=first, last_name=last, password=PASSWORD)
