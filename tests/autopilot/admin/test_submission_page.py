"""Submissions: what was sent, and what a person records of a portal that answers nobody but people."""

import pytest
from django.test import Client

from autopilot import submissions
from autopilot.engine import enqueue, handler
from autopilot.models import AuditEntry, Portal, Submission
from autopilot.testing import run_jobs
from tests.autopilot.admin import rows
from tests.autopilot.admin.addresses import deed, listed, page
from tests.autopilot.admin.test_review_page import words

pytestmark = pytest.mark.django_db


@pytest.fixture
def awaited(groups):
    """A submission that waits for a person to upload it."""
    return rows.submitted_by_hand()


def test_it_says_what_to_upload_and_where(as_person, lindqvist, awaited):
    said = words(as_person(lindqvist).get(page(awaited)))

    assert "Waits for a person to upload it" in said
    assert "Upload the packet, then write the number here Sign in and upload." in said
    assert deed(awaited.document, "file") in as_person(lindqvist).get(page(awaited)).text


def test_it_records_the_number_and_wakes_the_job_that_waits(as_person, lindqvist, awaited):
    @handler("trial.upload")
    def upload(job):
        return job.answer("number", lambda: submissions.find(awaited.pk), every="24h")

    job = enqueue("trial.upload", tenant_id=rows.TENANT)
    submissions.track(awaited.pk, job.pk)
    run_jobs()

    answer = as_person(lindqvist).post(deed(awaited, "receipt"), {"number": " IN-2026-77 "}, follow=True)
    run_jobs()

    awaited.refresh_from_db()
    job.refresh_from_db()
    assert (awaited.status, awaited.receipt_number) == ("received", "IN-2026-77")
    assert (job.result or {}).get("number") == "IN-2026-77"
    assert "Recorded; the job that waits for it goes on." in answer.text
    assert "Receipt recorded" in answer.text
    assert AuditEntry.objects.get(name="autopilot.submission.receipt_confirmed").actor == lindqvist


def test_it_records_what_the_portal_decided(as_person, lindqvist, awaited):
    client = as_person(lindqvist)
    client.post(deed(awaited, "receipt"), {"number": "IN-77"})

    shown = client.get(page(awaited))
    answer = client.post(
        deed(awaited, "decision"), {"status": "denied", "reasons": "Too few hours.\r\nNo license."}, follow=True
    )

    awaited.refresh_from_db()
    assert "What the portal decided" in shown.text
    assert (awaited.status, awaited.reasons) == ("denied", ["Too few hours.", "No license."])
    assert "Too few hours." in answer.text
    assert "Nothing to record" in answer.text


@pytest.mark.parametrize("number", ["", "   ", "x" * 101, "a\nb", "a\0b"])
def test_it_refuses_a_number_that_is_none(as_person, lindqvist, awaited, number):
    answer = as_person(lindqvist).post(deed(awaited, "receipt"), {"number": number})

    assert answer.status_code == 422
    assert "Please correct what is marked below" in answer.text
    assert Submission.objects.get().status == "awaiting_manual"


def test_it_refuses_a_number_that_another_submission_has(as_person, lindqvist, awaited):
    other = rows.submitted_by_hand("another packet")
    client = as_person(lindqvist)
    client.post(deed(other, "receipt"), {"number": "IN-77"})

    answer = client.post(deed(awaited, "receipt"), {"number": "IN-77"})

    assert answer.status_code == 422
    assert "This number is recorded for another submission." in answer.text
    assert 'value="IN-77"' in answer.text


def test_it_refuses_a_second_number(as_person, lindqvist, awaited):
    client = as_person(lindqvist)
    client.post(deed(awaited, "receipt"), {"number": "IN-77"})

    answer = client.post(deed(awaited, "receipt"), {"number": "IN-78"})

    assert answer.status_code == 422
    assert Submission.objects.get().receipt_number == "IN-77"


@pytest.mark.parametrize("status", ["", "maybe", "received"])
def test_it_refuses_a_decision_that_is_none(as_person, lindqvist, awaited, status):
    client = as_person(lindqvist)
    client.post(deed(awaited, "receipt"), {"number": "IN-77"})

    answer = client.post(deed(awaited, "decision"), {"status": status})

    assert answer.status_code == 422
    assert Submission.objects.get().status == "received"


def test_it_takes_nothing_by_hand_for_a_portal_that_answers_by_itself(as_person, lindqvist, awaited):
    Portal.objects.update(delivery="sandbox", base_url="http://127.0.0.1:1", instructions="")

    shown = as_person(lindqvist).get(page(awaited))
    answer = as_person(lindqvist).post(deed(awaited, "receipt"), {"number": "IN-77"})

    assert "This portal answers by itself." in shown.text
    assert 'name="number"' not in shown.text
    assert answer.status_code == 422
    assert Submission.objects.get().receipt_number == ""


def test_it_takes_nothing_from_who_may_only_look(as_person, rivera, awaited):
    client = as_person(rivera)

    shown, answer = client.get(page(awaited)), client.post(deed(awaited, "receipt"), {"number": "IN-77"})

    assert 'name="number"' not in shown.text
    assert answer.status_code == 403
    assert Submission.objects.get().receipt_number == ""


def test_it_wants_the_token_of_its_own_form(lindqvist, awaited):
    client = Client(enforce_csrf_checks=True)
    client.force_login(lindqvist)

    assert client.post(deed(awaited, "receipt"), {"number": "IN-77"}).status_code == 403


def test_its_list_finds_by_id_and_by_number(as_person, lindqvist, awaited):
    submissions.confirm_manual(awaited.pk, confirmation_number="IN-77", by=lindqvist)
    rows.submitted_by_hand("another packet")
    client = as_person(lindqvist)

    for wanted in (str(awaited.packet_id), str(awaited.subject_id), "IN-77"):
        assert "1 submission" in words(client.get(listed("submission"), {"q": wanted})), wanted
