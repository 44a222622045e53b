"""Applications: how they come in, what the database refuses, and how they move."""

from decimal import Decimal
from itertools import cycle, product

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction

from autopilot import clock
from autopilot.exceptions import Invalid
from autopilot.identifiers import uuid7
from autopilot.models import AuditEntry, Job, OutboxMessage
from programs import codes
from programs.models import Application, ApplicationProgram, ApplicationStatus
from programs.services.applications import (
    LEGAL_MOVES,
    facts_of,
    get_application,
    move_application,
    submit_application,
)
from tests.programs.samples import facts, program, submitted

pytestmark = pytest.mark.django_db


def test_it_stores_what_was_said():
    said = facts(programs=(program(), program(title="Pipe fitting", cip_code="46.0502")))

    application = submit_application(facts=said, form_key=uuid7())

    stored = Application.objects.get()
    assert stored == application
    assert facts_of(stored) == said
    assert stored.status == "submitted"
    assert stored.assurances_accepted_at == stored.submitted_at


def test_it_enqueues_the_processing_by_id_alone(applicant):
    application = submit_application(facts=facts(), form_key=uuid7(), by=applicant)

    job = Job.objects.get()
    assert (job.kind, job.priority, job.tenant_id) == ("application.process", 8, application.tenant_id)
    assert job.payload == {"application_id": str(application.pk)}
    assert job.requested_by == applicant
    assert application.job_id == job.pk


def test_it_keeps_history_audit_and_the_mail_to_be_sent(applicant):
    application = submit_application(facts=facts(), form_key=uuid7(), by=applicant)

    change = application.status_changes.get()
    assert (change.from_status, change.to_status, change.actor) == ("", "submitted", applicant)
    assert AuditEntry.objects.get().name == "programs.application.submitted"
    message = OutboxMessage.objects.get()
    assert message.topic == "programs.application.received"
    assert message.references == {"application_id": str(application.pk)}


def test_it_leaves_no_trace_when_the_transaction_is_rolled_back():
    with transaction.atomic():
        submitted()
        transaction.set_rollback(True)

    for table in (Application, Job, OutboxMessage, AuditEntry):
        assert not table.objects.exists()


def test_it_gives_references_that_tell_nothing():
    first, second = submitted(), submitted()

    assert first.reference != second.reference
    for application in (first, second):
        assert codes.has_form(codes.REFERENCE_PATTERN + r"\Z", application.reference)
        assert str(application.pk)[:8] not in application.reference


def test_it_counts_the_same_form_once():
    key = uuid7()

    first = submit_application(facts=facts(), form_key=key)
    second = submit_application(facts=facts(), form_key=key)

    assert first == second
    assert Application.objects.count() == Job.objects.count() == 1


def test_it_refuses_the_same_form_with_other_contents():
    key = uuid7()
    submit_application(facts=facts(), form_key=key)

    with pytest.raises(ValidationError) as refusal:
        submit_application(facts=facts(legal_name="Another"), form_key=key)

    assert refusal.value.code == "form_reused"
    assert Application.objects.count() == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("legal_name", ""),
        ("entity_type", "cartel"),
        ("ein", "351234567"),
        ("contact_email", "nobody"),
        ("contact_phone", "12"),
        ("mailing_state", "XX"),
        ("mailing_zip", "1"),
        ("site_street", ""),
        ("expected_students", 0),
        ("programs", ()),
        ("programs", (program(),) * 11),
        ("programs", (program(cip_code="12"),)),
        ("programs", (program(clock_hours=0),)),
        ("programs", (program(cost=Decimal("-1")),)),
        ("programs", (program(cost=Decimal("1.001")),)),
    ],
)
def test_it_refuses_facts_that_do_not_fit_and_names_the_field(field, value):
    with pytest.raises(ValidationError) as refusal:
        submit_application(facts=facts(**{field: value}), form_key=uuid7())

    assert set(refusal.value.message_dict) == {field}
    assert not Application.objects.exists()


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("status", "lost"),
        ("entity_type", "cartel"),
        ("ein", "351234567"),
        ("ein", "35-123456\n"),
        ("revision", 0),
        ("expected_students", 0),
        ("correction_token_digest", "a" * 64),
    ],
)
def test_its_table_refuses_what_no_application_can_be(column, value):
    application = submitted()

    with pytest.raises(IntegrityError), transaction.atomic():
        Application.objects.filter(pk=application.pk).update(**{column: value})


def test_its_table_refuses_a_rejection_without_reason():
    application = submitted()

    with pytest.raises(IntegrityError), transaction.atomic():
        Application.objects.filter(pk=application.pk).update(status="rejected", rejected_reason="")


@pytest.mark.parametrize(
    ("column", "value"),
    [("cip_code", "120402"), ("clock_hours", 0), ("cost", Decimal("-0.01")), ("position", 11), ("position", 0)],
)
def test_its_table_refuses_what_no_program_can_be(column, value):
    submitted()

    with pytest.raises(IntegrityError), transaction.atomic():
        ApplicationProgram.objects.update(**{column: value})


@pytest.mark.parametrize(("origin", "target"), list(product(ApplicationStatus.values, repeat=2)))
def test_it_moves_where_the_table_says_and_nowhere_else(origin, target):
    application = standing_at(origin)
    legal = target in LEGAL_MOVES[origin]

    if legal:
        move_application(application, target, reason="because", rejected_reason="because")
    else:
        with pytest.raises(ValidationError) as refusal:
            move_application(application, target)
        assert refusal.value.code == "illegal_move"

    assert Application.objects.get().status == (target if legal else origin)
    assert application.status_changes.filter(from_status=origin, to_status=target).exists() == legal


def test_every_status_has_its_row_in_the_table():
    assert set(LEGAL_MOVES) == set(ApplicationStatus.values)


def test_it_does_not_move_what_somebody_else_has_moved():
    mine, theirs = standing_at("in_review"), Application.objects.get()
    move_application(theirs, "approved")

    with pytest.raises(ValidationError) as refusal:
        move_application(mine, "rejected", rejected_reason="no")

    assert refusal.value.code == "moved_meanwhile"
    assert Application.objects.get().status == "approved"


def test_it_says_clearly_that_an_application_is_unknown():
    missing = uuid7()

    with pytest.raises(Invalid, match=f"There is no application {missing}"):
        get_application(missing)


def test_it_refuses_a_job_that_does_not_work_on_it_any_more():
    application = submitted()

    with pytest.raises(Invalid, match="Another job"):
        get_application(application.pk, worked_on_by=uuid7())


def standing_at(status):
    """Return an application that stands at a status, put there past the rules."""
    application = submitted()
    Application.objects.filter(pk=application.pk).update(status=status, rejected_reason="told")
    application.refresh_from_db()
    return application


@pytest.mark.postgresql_only
def test_its_lists_use_their_indexes():
    columns = facts().columns() | {"assurances_accepted_at": clock.now()}
    eins = (f"35-{number:07}" for number in range(2000))
    statuses = cycle(["in_review"] + ["state_approved"] * 99)
    Application.objects.bulk_create(
        Application(**(columns | {"ein": ein}), status=status) for ein, status in zip(eins, statuses, strict=False)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE programs_application")

    assert "application_list" in Application.objects.all()[:50].explain()
    newest_in_review = Application.objects.filter(status="in_review").order_by("-submitted_at")[:50]
    assert "application_status_list" in newest_in_review.explain()
    assert "application_ein" in Application.objects.filter(ein="35-0000007").explain()
