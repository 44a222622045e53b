"""One table for tokens: every route of the API × every caller × every method. A route that it does not know fails."""

import json
from datetime import time
from uuid import UUID

import pytest
from django.contrib.auth.models import User

from autopilot import clock, engine
from autopilot.documents import archive
from autopilot.models import Job, Worker
from autopilot.models.tokens import Scope
from autopilot.testing import run_jobs
from config.api import urlpatterns
from programs.models import Application, ApplicationStatus, Holder, Listing, Member, MemberRole, Payout, PayoutBatch
from programs.services.holders import open_holder
from programs.services.sessions import add_session
from students.models import Certificate, Enrollment
from tests.autopilot.api.conftest import Caller
from tests.programs.billing.samples import banked, sent
from tests.programs.offers import cohort_of, draft
from tests.programs.samples import submitted
from tests.students.samples import certificate_of, enrollment_at

pytestmark = pytest.mark.django_db

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
TOKENS = {"owner", "provider", "reviewer", "operator"}
EVERYBODY = TOKENS | {"anonymous"}
HOLDERS = {"owner", "provider"}  # who leads an organization, and its own integration
STAFF, OPERATOR, NOBODY = {"reviewer", "operator"}, {"operator"}, set[str]()

# Who comes in by GET and HEAD, and who by POST; by another method nobody does.
TABLE: dict[str, tuple[set[str], set[str]]] = {
    "jobs": (TOKENS, TOKENS),
    "job": (TOKENS, NOBODY),
    "cancel_job": (NOBODY, TOKENS),  # who may not control jobs is refused once the body says what to do
    "requeue_job": (NOBODY, TOKENS),
    "job_events": (TOKENS, NOBODY),
    "job_steps": (TOKENS, NOBODY),
    "job_checkpoints": (TOKENS, NOBODY),
    "checkpoints": (TOKENS, NOBODY),
    "checkpoint": (TOKENS, NOBODY),
    "decide_checkpoint": (NOBODY, STAFF),
    "workers": (STAFF, NOBODY),
    "worker": (STAFF, NOBODY),
    "pause_all_workers": (NOBODY, OPERATOR),
    "resume_all_workers": (NOBODY, OPERATOR),
    "run_all_workers": (NOBODY, OPERATOR),
    "pause_worker": (NOBODY, OPERATOR),
    "resume_worker": (NOBODY, OPERATOR),
    "run_worker": (NOBODY, OPERATOR),
    "kinds": (TOKENS, NOBODY),
    "kind": ({"provider", "operator"}, NOBODY),  # what the others may not ask for is not there
    "stats": (STAFF, NOBODY),
    "applications": (TOKENS, TOKENS),
    "application": (TOKENS, NOBODY),
    "programs": (TOKENS, TOKENS),
    "program": (TOKENS, NOBODY),
    "update_program": (NOBODY, HOLDERS),
    "submit_program": (NOBODY, HOLDERS),
    "cohorts": (TOKENS, TOKENS),
    "cohort": (TOKENS, NOBODY),
    "update_cohort": (NOBODY, HOLDERS),
    "open_cohort": (NOBODY, HOLDERS),
    "set_cohort_week": (NOBODY, HOLDERS),
    "sessions": (TOKENS, TOKENS),
    "session": (TOKENS, NOBODY),
    "cancel_session": (NOBODY, HOLDERS),
    "mous": (TOKENS, NOBODY),
    "mou": (TOKENS, NOBODY),
    "invoices": (TOKENS, NOBODY),
    "invoice": ({"owner", "provider"}, NOBODY),  # the holder's: its member, and its own token
    "payouts": (TOKENS, NOBODY),
    "payout": ({"owner", "provider"}, NOBODY),
    "holders": (TOKENS, NOBODY),
    "holder": (TOKENS, NOBODY),
    "requirements": (TOKENS, NOBODY),
    "requirement": (TOKENS, NOBODY),
    "proof": (NOBODY, {"owner", "provider"}),
    "attachments": (NOBODY, TOKENS),
    "enrollments": (TOKENS, TOKENS),
    "listings": (TOKENS, NOBODY),
    "listing": (TOKENS, NOBODY),
    "withdraw_listing": (NOBODY, HOLDERS),
    "move_session": (NOBODY, HOLDERS),
    "accept_enrollment": (NOBODY, HOLDERS),
    "decline_enrollment": (NOBODY, HOLDERS),
    "enrollment": (TOKENS - {"operator"}, NOBODY),  # an operator sees no students
    "request_certificate": (NOBODY, {"owner", "provider"}),  # a reviewer issues none
    "certificates": (TOKENS, NOBODY),
    "certificate": (TOKENS - {"operator"}, NOBODY),
    "attendance": (TOKENS, TOKENS),
    "pump": (NOBODY, NOBODY),
    "schema": (EVERYBODY, NOBODY),
    "docs": (EVERYBODY, NOBODY),
}
OPERATORS = {Scope.WORKERS_CONTROL}
TURNED_AWAY = {401, 403, 404, 405}


@pytest.fixture
def callers(owner, provider, operator, called, rivera) -> dict[str, Caller]:
    """Everybody who may ask, each with all the scopes that they can have."""
    reviewer = called(rivera, *[scope for scope in Scope.values if scope not in OPERATORS])
    return {"anonymous": Caller(), "owner": owner, "provider": provider, "reviewer": reviewer, "operator": operator}


@pytest.fixture
def ids(tenant, ann) -> dict[str, str]:
    """A row of each sort, which is the owner's and the provider's."""
    Worker.objects.get_or_create(name="sample")
    job = engine.enqueue("sample.files", tenant_id=tenant, requested_by=ann, files=[{"path": "a", "content": "b"}])
    application = submitted()
    Application.objects.filter(pk=application.pk).update(tenant_id=tenant, submitted_by=ann)
    Job.objects.filter(kind="application.process").delete()
    run_jobs()
    checkpoint = job.checkpoints.get()
    school = _school(application, ann)
    rows = {"jobs": job.pk, "checkpoints": checkpoint.pk, "applications": application.pk, "holders": school.pk}
    rows |= {"requirements": school.requirements.order_by("pk")[0].pk, **_offers(school, ann), **_money(school, ann)}
    rows["enrollments"] = enrollment_at(school).pk
    rows["certificates"] = _certificate(Enrollment.objects.get(pk=rows["enrollments"]))
    rows["mous"] = school.mous.get().pk
    return {subject: str(pk) for subject, pk in rows.items()} | {"workers": "sample", "kinds": "sample.simple"}


def _certificate(enrollment: Enrollment) -> UUID:
    certificate, tenant_id = certificate_of(enrollment), enrollment.holder_id
    document = archive.store(b"%PDF-1.7", media_type="application/pdf", title="Certificate", tenant_id=tenant_id)
    Certificate.objects.filter(pk=certificate.pk).update(badge=document, document=document)
    return certificate.pk


def _school(application: Application, ann: User) -> Holder:
    """Make a tenant a holder that ann leads."""
    Application.objects.filter(pk=application.pk).update(status=ApplicationStatus.STATE_APPROVED)
    application.refresh_from_db()
    school = open_holder(application)
    Member.objects.create(holder=school, user=ann, role=MemberRole.OWNER)
    return school


def _offers(school: Holder, ann: User) -> dict[str, UUID]:
    cohort = cohort_of(draft(school, delivery="online"))
    session = add_session(cohort, day=cohort.starts_on, starts_at=time(9), ends_at=time(10), by=ann)
    listing = Listing.objects.create(program=cohort.program, state="IN")
    return {"programs": cohort.program_id, "cohorts": cohort.pk, "sessions": session.pk, "listings": listing.pk}


def _money(school: Holder, ann: User) -> dict[str, UUID]:
    approver = User.objects.create_user("approver")
    batch = PayoutBatch.objects.create(
        number="PAY-202611-9999", prepared_by=ann, approved_by=approver, approved_at=clock.now(), status="approved"
    )
    payout = Payout.objects.create(batch=batch, holder=school, bank_account=banked(school), amount=1)
    return {"invoices": sent(school).pk, "payouts": payout.pk}


def address(route, ids: dict[str, str]) -> str:
    """Return the path of a route with an id that leads to a row."""
    pattern = str(route.pattern)
    start, end = pattern.find("<"), pattern.find(">")
    return pattern if start < 0 else pattern[:start] + ids[pattern.partition("/")[0]] + pattern[end + 1 :]


def test_the_table_knows_every_route():
    assert {route.name for route in urlpatterns} == TABLE.keys()


@pytest.mark.parametrize("name", TABLE)
def test_it_lets_in_whom_the_table_names(callers, ids, name):
    (route,) = (each for each in urlpatterns if each.name == name)
    reads, writes = TABLE[name]
    expected = {"GET": reads, "HEAD": reads, "POST": writes}

    came_in: dict[str, set[str]] = {method: set() for method in METHODS}
    for who, caller in callers.items():
        for method in METHODS:
            path = f"/api/v1/{address(route, ids)}"
            headers = caller.headers | {"Idempotency-Key": f"{who}-{name}"}
            sent = json.dumps({}) if method in ("POST", "PUT", "PATCH") else ""
            answer = caller.client.generic(method, path, sent, "application/json", headers=headers)
            assert answer.status_code < 500
            if answer.status_code not in TURNED_AWAY:
                came_in[method].add(who)

    assert came_in == {method: expected.get(method, NOBODY) for method in METHODS}
