"""Rejection and correction: the reason, the link, and that it opens once."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from autopilot import clock
from autopilot.identifiers import uuid7
from autopilot.models import AuditEntry, Job, OutboxMessage
from programs.models import Application
from programs.services.applications import facts_of, move_application, submit_application
from programs.services.corrections import (
    CorrectionClosed,
    correct_application,
    correction_token,
    find_correctable,
    reject_application,
)
from tests.programs.samples import facts, posted, submitted

pytestmark = pytest.mark.django_db


@pytest.fixture
def rejected():
    """An application that a reviewer has rejected."""
    return reject(submitted())


def reject(application):
    """Bring an application to its rejection."""
    for status in ("validating", "in_review"):
        move_application(application, status)
    reject_application(application, reason="The site address is missing its suite.")
    return application


def address(token):
    """Return the address of a correction link."""
    return reverse("programs:correct", args=[token])


def test_it_keeps_the_reason_and_tells_the_applicant(rejected):
    assert rejected.status == "rejected"
    assert rejected.rejected_reason == "The site address is missing its suite."
    assert rejected.decided_at is not None
    assert OutboxMessage.objects.filter(topic="programs.application.rejected").count() == 1
    assert AuditEntry.objects.filter(name="programs.application.rejected").count() == 1


@pytest.mark.parametrize("reason", ["", "  \n"])
def test_it_refuses_a_rejection_without_reason(reason):
    application = submitted()

    with pytest.raises(ValidationError) as refusal:
        reject_application(application, reason=reason)

    assert refusal.value.code == "no_reason"


def test_it_refuses_to_reject_what_nobody_has_reviewed():
    application = submitted()

    with pytest.raises(ValidationError) as refusal:
        reject_application(application, reason="no")

    assert refusal.value.code == "illegal_move"
    assert Application.objects.get().status == "submitted"
    assert not OutboxMessage.objects.filter(topic="programs.application.rejected").exists()


def test_its_token_has_256_bits_of_which_the_database_holds_the_digest_alone(rejected):
    token = correction_token(rejected)

    assert len(bytes.fromhex(token)) == 32
    stored = Application.objects.filter(pk=rejected.pk).values().get()
    assert token not in str(stored)
    assert token not in str(list(OutboxMessage.objects.values()))


def test_its_token_follows_from_the_secret_key(rejected, settings):
    settings.SECRET_KEY = "another key"

    with pytest.raises(CorrectionClosed):
        correction_token(rejected)


def test_every_application_and_revision_has_a_token_of_its_own(rejected):
    other = reject(submitted())
    first = correction_token(rejected)
    again = correct_application(token=first, facts=facts(), form_key=uuid7())
    second = correction_token(reject(again))

    assert len({first, second, correction_token(other)}) == 3


def test_it_takes_the_correction_as_the_next_revision_with_a_new_job(rejected):
    before = rejected.job_id
    said = facts(site_street="40 Dock Road, Suite 9")

    correct_application(token=correction_token(rejected), facts=said, form_key=uuid7())

    application = Application.objects.get()
    assert (application.status, application.revision) == ("submitted", 2)
    assert facts_of(application) == said
    assert application.rejected_reason == ""
    assert application.decided_at is None
    assert application.job_id not in (None, before)
    assert Job.objects.count() == 2
    assert [revision.number for revision in application.revisions.all()] == [1, 2]
    assert application.revisions.get(number=1).declared["site_street"] == "40 Dock Road"


def test_its_link_works_once(rejected):
    token = correction_token(rejected)
    correct_application(token=token, facts=facts(), form_key=uuid7())

    with pytest.raises(ValidationError) as refusal:
        correct_application(token=token, facts=facts(legal_name="Another"), form_key=uuid7())

    assert refusal.value.code == "link_unknown"
    assert Application.objects.get().revision == 2


def test_it_counts_the_same_correction_once(rejected):
    token, key = correction_token(rejected), uuid7()

    for _ in range(2):
        correct_application(token=token, facts=facts(), form_key=key)

    assert Application.objects.get().revision == 2
    assert Job.objects.count() == 2


def test_it_still_knows_the_first_form_after_a_correction():
    key = uuid7()
    application = reject(submit_application(facts=facts(), form_key=key))
    correct_application(token=correction_token(application), facts=facts(legal_name="Other"), form_key=uuid7())

    assert submit_application(facts=facts(), form_key=key) == application
    assert Application.objects.count() == 1


def test_its_link_is_open_for_thirty_days(rejected):
    token = correction_token(rejected)

    with clock.moved(timedelta(days=30) - timedelta(minutes=1)):
        assert find_correctable(token) == rejected
    with clock.moved(timedelta(days=30)), pytest.raises(ValidationError) as refusal:
        correct_application(token=token, facts=facts(), form_key=uuid7())

    assert refusal.value.code == "link_expired"


def test_it_leaves_everything_as_it_was_when_the_correction_does_not_fit(rejected):
    token = correction_token(rejected)

    with pytest.raises(ValidationError):
        correct_application(token=token, facts=facts(ein="1"), form_key=uuid7())

    assert Application.objects.get().status == "rejected"
    assert find_correctable(token) == rejected


def test_its_page_opens_with_the_reason_and_what_was_sent(client, rejected):
    page = client.get(address(correction_token(rejected)))

    assert page.status_code == 200
    assert "The site address is missing its suite." in page.text
    assert 'value="40 Dock Road"' in page.text
    assert 'value="Welding Technology"' in page.text
    assert "no-store" in page["Cache-Control"]
    assert page["X-Robots-Tag"] == "noindex, nofollow"


def test_its_page_takes_the_correction_and_confirms_it(client, rejected):
    token = correction_token(rejected)

    answer = client.post(address(token), posted(facts(site_city="East Chicago")))

    assert answer.url == reverse("programs:received", args=[rejected.reference])
    assert Application.objects.get().site_city == "East Chicago"


def test_its_page_takes_a_form_sent_twice_once(client, rejected):
    token, data = correction_token(rejected), posted()

    first, second = (client.post(address(token), data) for _ in range(2))

    assert first.url == second.url
    assert Application.objects.get().revision == 2


def test_its_page_adds_programs_and_refuses_fields_like_the_first_one(client, rejected):
    token = correction_token(rejected)

    assert "<legend>Program 2</legend>" in client.post(address(token), posted(action="add-programs")).text
    assert "nine digits" in client.post(address(token), posted(ein="1")).text


def test_its_page_is_gone_when_the_link_is_used(client, rejected):
    token = correction_token(rejected)
    client.post(address(token), posted())

    for answer in (client.get(address(token)), client.post(address(token), posted()), client.post(address(token), {})):
        assert answer.status_code == 410
        assert "was used already" in answer.text


def test_its_page_is_gone_when_the_link_has_expired(client, rejected):
    token = correction_token(rejected)

    with clock.moved(timedelta(days=31)):
        answer = client.get(address(token))

    assert answer.status_code == 410
    assert "has expired" in answer.text


@pytest.mark.parametrize("token", ["0" * 64, "f" * 64])
def test_its_page_is_gone_for_a_token_that_nobody_was_given(client, rejected, token):
    assert client.get(address(token)).status_code == 410


@pytest.mark.parametrize("token", ["", "abc", "0" * 63, "G" * 64, "0" * 63 + "%00"])
def test_its_page_is_not_found_for_what_is_no_token(client, token):
    assert client.get(f"/apply/correct/{token}/").status_code == 404
