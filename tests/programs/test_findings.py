"""Findings as they are kept."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from autopilot.exceptions import Invalid
from autopilot.identifiers import uuid7
from programs.models import Application, Finding
from programs.services.findings import verify_application
from tests.programs.samples import program, submitted

pytestmark = pytest.mark.django_db


def test_it_keeps_every_finding_with_reason_and_source():
    application = submitted(ein="07-1234567", programs=(program(), program(cip_code="17.0101")))

    counts = verify_application(application.pk, job_id=uuid7())

    assert counts == {"pass": 17, "warn": 2, "fail": 0}
    warned = application.findings.filter(verdict="warn")
    assert [(each.check_code, each.position) for each in warned] == [("ein_prefix", 0), ("cip", 2)]
    assert not application.findings.filter(source="").exists()


def test_it_moves_the_application_and_claims_it_for_the_job():
    application, job = submitted(), uuid7()

    verify_application(application.pk, job_id=job)

    application.refresh_from_db()
    assert (application.status, application.job_id) == ("validating", job)


def test_it_checks_anew_in_place_of_the_old_findings():
    application, job = submitted(), uuid7()

    for _ in range(2):
        verify_application(application.pk, job_id=job)

    assert application.findings.count() == 15


def test_it_tells_of_other_applications_with_the_ein():
    submitted()
    application = submitted()

    verify_application(application.pk, job_id=uuid7())

    found = application.findings.get(check_code="ein_elsewhere")
    assert (found.verdict, found.internal) == ("warn", True)


def test_it_refuses_an_unknown_application():
    with pytest.raises(Invalid, match="There is no application"):
        verify_application(uuid7(), job_id=uuid7())


@pytest.mark.parametrize("status", ["approved", "rejected", "submitted_to_state", "state_approved", "state_denied"])
def test_it_refuses_to_check_again_what_is_decided(status):
    application = submitted()
    Application.objects.filter(pk=application.pk).update(status=status, rejected_reason="told")

    with pytest.raises(ValidationError):
        verify_application(application.pk, job_id=uuid7())


def test_its_table_holds_one_finding_of_a_check_and_known_verdicts_alone():
    application = submitted()
    verify_application(application.pk, job_id=uuid7())
    found = application.findings.all()[0]

    with pytest.raises(IntegrityError), transaction.atomic():
        Finding.objects.filter(pk=found.pk).update(verdict="ok")
    found.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        found.save()
