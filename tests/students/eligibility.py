"""People whose eligibility is determined, for tests: a case manager, and a student with facts and proofs."""

from datetime import date
from typing import Any

from django.contrib.auth.models import Permission, User
from django.db.models import Model

from autopilot import clock
from autopilot.documents import archive
from autopilot.models import Document
from autopilot.tenants import NETWORK
from students.models import Determination, Enrollment, Evidence, IncomeFigure, LocalDefinition, Student
from students.services.determinations import begin_determination, enter_facts
from students.wioa.eligibility import Facts, Sex
from tests.students.samples import active, cohort, school

WOMAN: dict[str, Any] = {"date_of_birth": date(1990, 5, 4), "sex": Sex.FEMALE, "work_authorized": True, "state": "IN"}
NOT_DISLOCATED = dict.fromkeys(
    [
        "separated",
        "separating_member",
        "closure_or_layoff",
        "closure_announced",
        "self_employment_lost",
        "unpaid_homemaker",
        "military_spouse",
    ],
    False,
)
GROWN = {**WOMAN, **NOT_DISLOCATED}


def case_manager(name: str = "manager") -> User:
    """Return somebody who gathers facts and evidence."""
    user, created = User.objects.get_or_create(username=name, defaults={"is_staff": True})
    if created:
        codenames = ["assess_determination", "read_determination", "view_determination", "view_evidence"]
        user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    return user


def trainee() -> Enrollment:
    """Return the enrollment of somebody who trains at the cost of WIOA."""
    return active(cohort(school()))


def proof(student: Student, topic: str, **changes: Any) -> Evidence:
    """Put a proof of a topic into a student's locker."""
    given: dict[str, Any] = {"kind": "document", "document": paper(topic), "obtained_on": clock.today()}
    return Evidence.objects.create(student=student, topic=topic, description="Letter", **given | changes)


def one_of_each() -> list[Model]:
    """Return an open determination, a figure of income and a local definition."""
    enrollment = Enrollment.objects.order_by("pk")[0]
    today = clock.today()
    return [
        begin_determination(enrollment, by=None),
        IncomeFigure.objects.create(
            measure="llsil", place="North", family_size=2, amount=21000, effective_from=today, source="FR"
        ),
        LocalDefinition.objects.create(
            topic="additional_assistance", text="Two grades behind.", source="Policy 7", effective_from=today
        ),
    ]


def paper(text: str) -> Document:
    """Return an archived file."""
    content = f"%PDF-1.7 {text}".encode()
    return archive.store(content, media_type="application/pdf", title="Evidence of eligibility", tenant_id=NETWORK)


def gathered(**facts: Any) -> Determination:
    """Return an open determination of somebody who is eligible as an adult and no dislocated worker, all of it proven."""
    enrollment = trainee()
    determination = begin_determination(enrollment, by=case_manager())
    for topic in ("200", "work_authorization"):
        seen = {"kind": "seen", "document": None} if topic == "work_authorization" else {}
        proof(enrollment.student, topic, **seen)
    enter_facts(determination, Facts(**GROWN | facts), by=case_manager())
    determination.refresh_from_db()
    return determination
