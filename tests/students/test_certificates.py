"""Certificates: behind the milestones, numbered without gaps, signed, printed, revoked with a reason."""

import gzip
import json
from base64 import urlsafe_b64decode
from datetime import timedelta

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from autopilot import clock
from autopilot.documents import archive, binding
from autopilot.models import AuditEntry, Job, OutboxMessage
from autopilot.testing import replayed, run_jobs
from students.badges import keys, signing
from students.models import (
    Certificate,
    CertificateRequest,
    CertificateStatusChange,
    Enrollment,
    RequestStatus,
    SigningKey,
    StatusList,
)
from students.services import certificate_files, certificates, enrollments, milestones
from tests.autopilot.engine.fixtures import database_file as database_file
from tests.autopilot.engine.fixtures import shared_database as shared_database
from tests.programs.billing.samples import at_once
from tests.students.samples import active, cohort, coordinator, school

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture(scope="session", autouse=True)
def _key():
    keys.make()


@pytest.fixture
def spring():
    return cohort(school())


@pytest.fixture
def clerk(spring):
    return coordinator(spring.program.holder)


@pytest.fixture
def exam(spring, clerk):
    return milestones.add_milestone(spring.program, title="Final exam", effective_from=spring.starts_on - DAY, by=clerk)


def finished(spring, number=1, *, by, passed=None, **changes):
    """Return the enrollment of somebody who has completed the training, and a milestone if one is given."""
    enrollment = active(spring, number, **changes)
    if passed:
        milestones.complete_milestone(enrollment, passed, on=clock.today() - DAY, evidence="Score sheet", by=by)
    enrollments.complete(enrollment, by=by, on=clock.today() - DAY)
    return enrollment


def issued(enrollment, by):
    """Return the certificate of an enrollment, issued by its jobs."""
    certificates.request_certificate(enrollment, by=by)
    run_jobs()
    return Certificate.objects.get(enrollment=enrollment, status="valid")


def granted(enrollment, by):
    """Return the certificate of an enrollment with its signed credential, in place of the PDF too: that takes its time."""
    request = certificates.request_certificate(enrollment, by=by)
    certificate = Certificate.objects.get(pk=certificates.issue(request.pk)["certificate"])
    badge = certificate_files.sign_badge(certificate)
    certificate_files.publish_first_list(certificate.pk)
    certificates.publish(certificate.pk, badge_id=badge.pk, document_id=badge.pk)
    Job.objects.filter(kind=certificates.ISSUE_JOB).delete()
    certificate.refresh_from_db()
    return certificate


def refused(code, deed, *args, **kwargs):
    """Return what a deed is refused with, which has a code, and changes nothing."""
    before = list(Certificate.objects.values()), list(CertificateRequest.objects.values()), Job.objects.count()
    with pytest.raises(ValidationError) as refusal, transaction.atomic():
        deed(*args, **kwargs)
    assert refusal.value.code == code
    assert (
        list(Certificate.objects.values()),
        list(CertificateRequest.objects.values()),
        Job.objects.count(),
    ) == before
    return refusal.value


def parts(token):
    """Return header and claims of a token, checked with nothing but RSA, and the key that its header names."""
    signed, _, signature = token.rpartition(".")
    header, claims = (json.loads(_decoded(part)) for part in signed.split("."))
    jwk = next(each for each in certificate_files.published_keys() if each["kid"] == header["kid"])
    numbers = rsa.RSAPublicNumbers(*(int.from_bytes(_decoded(jwk[name]), "big") for name in ("e", "n")))
    numbers.public_key().verify(_decoded(signature), signed.encode(), padding.PKCS1v15(), hashes.SHA256())
    return header, claims


def _decoded(text):
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def token_of(certificate):
    return archive.read(certificate.badge).decode()


def is_revoked(certificate):
    """Return whether a certificate's bit is set in the list that its own credential names, both checked."""
    _, claims = parts(token_of(certificate))
    entry = claims["credentialStatus"]
    number = int(entry["statusListCredential"].rpartition("/")[2])
    _, listed = parts(StatusList.objects.get(pk=number).signed)
    assert (listed["id"], listed["issuer"]) == (entry["statusListCredential"], claims["iss"])
    assert listed["credentialSubject"]["statusPurpose"] == entry["statusPurpose"] == "revocation"
    bits = _unpacked(listed["credentialSubject"]["encodedList"])
    assert len(bits) * 8 == 131_072
    place = int(entry["statusListIndex"])
    return bool(bits[place // 8] & (0x80 >> place % 8))


def _unpacked(encoded):
    assert encoded[0] == "u"
    return gzip.decompress(_decoded(encoded[1:]))


def test_it_is_refused_while_a_required_milestone_is_missing(spring, clerk, exam):
    enrollment = finished(spring, by=clerk)

    refusal = refused("milestones_incomplete", certificates.request_certificate, enrollment, by=clerk)

    assert "Final exam" in refusal.messages[0]
    assert refusal.params["milestone_ids"] == [exam.pk]


def test_it_is_refused_before_the_training_is_completed(spring, clerk):
    refused("not_completed", certificates.request_certificate, active(spring), by=clerk)


def test_the_job_looks_at_the_milestones_again(spring, clerk, exam):
    enrollment = finished(spring, by=clerk, passed=exam)
    certificates.request_certificate(enrollment, by=clerk)
    milestones.withdraw_completion(enrollment.milestones.get(), reason="A mistake.", by=clerk)

    run_jobs()

    request = CertificateRequest.objects.get()
    assert (request.status, request.certificate) == (RequestStatus.REFUSED, None)
    assert "Final exam" in request.problem
    assert Job.objects.get(kind=certificates.ISSUE_JOB).status == "failed"
    assert not Certificate.objects.exists()


def test_it_issues_with_a_number_a_code_and_both_files(spring, clerk, exam):
    enrollment = finished(spring, by=clerk, passed=exam)

    certificate = issued(enrollment, clerk)

    assert certificate.number == f"CERT-{clock.today().year}-000001"
    assert (certificate.student_name, certificate.title) == ("Ann1 Lee", "License, Barber training")
    assert certificate.completed_on == enrollment.ended_on
    request = CertificateRequest.objects.get()
    assert (request.status, request.certificate) == (RequestStatus.ISSUED, certificate)
    inside = binding.attached(archive.read(certificate.document), certificate_files.INSIDE)
    assert inside.decode() == token_of(certificate)
    assert OutboxMessage.objects.filter(topic=certificates.ISSUED).count() == 1
    assert AuditEntry.objects.filter(name="students.certificate.issued").count() == 1


def test_its_credential_is_an_open_badge_by_the_key_that_is_published(spring, clerk, exam):
    certificate = granted(finished(spring, by=clerk, passed=exam), clerk)

    header, claims = parts(token_of(certificate))

    assert (header["alg"], header["typ"]) == ("RS256", "JWT")
    assert claims["type"] == ["VerifiableCredential", "OpenBadgeCredential"]
    assert claims["iss"] == claims["issuer"]["id"]
    assert claims["jti"] == claims["id"] == certificates.address_of(certificate)
    assert claims["nbf"] == int(certificate.issued_at.timestamp())
    assert claims["sub"] == claims["credentialSubject"]["id"]
    assert claims["credentialSubject"]["identifier"][0]["identityHash"] == "Ann1 Lee"
    assert "Final exam" in claims["credentialSubject"]["achievement"]["criteria"]["narrative"]
    assert not is_revoked(certificate)


def test_a_changed_credential_does_not_verify(spring, clerk):
    token = token_of(granted(finished(spring, by=clerk), clerk))
    header, claims, signature = token.split(".")
    forged = claims[:40] + ("A" if claims[40] != "A" else "B") + claims[41:]

    with pytest.raises((InvalidSignature, ValueError)):
        parts(f"{header}.{forged}.{signature}")


def test_what_an_earlier_key_signed_verifies_on(spring, clerk, settings, tmp_path):
    first = granted(finished(spring, by=clerk), clerk)
    settings.CERTIFICATE_KEY_FILE = tmp_path / "next.pem"
    settings.CERTIFICATE_KEY_PASSWORD = "open sesame"
    assert keys.make()
    second = granted(finished(spring, 2, by=clerk), clerk)

    old, new = parts(token_of(first))[0]["kid"], parts(token_of(second))[0]["kid"]
    assert old != new
    assert [each["kid"] for each in certificate_files.published_keys()] == [new, old]
    certificates.revoke(first, reason="It was issued to the wrong person.", by=clerk)
    run_jobs()
    assert is_revoked(first)
    assert not is_revoked(second)


@pytest.mark.parametrize(("content", "said"), [("nothing", "opens"), (None, "make_certificate_key")])
def test_it_says_what_is_wrong_with_the_key(settings, tmp_path, content, said):
    settings.CERTIFICATE_KEY_FILE = tmp_path / "key.pem"
    if content:
        settings.CERTIFICATE_KEY_FILE.write_text(content)

    with pytest.raises(keys.KeyUnavailable, match=said):
        keys.signing_key()


def test_it_revokes_with_a_reason_on_the_record_and_in_the_list(spring, clerk):
    certificate, other = granted(finished(spring, by=clerk), clerk), granted(finished(spring, 2, by=clerk), clerk)
    staff = User.objects.create_user("okafor", is_staff=True)

    certificates.revoke(certificate, reason=" The exam was not hers. ", by=staff)
    run_jobs()

    assert (certificate.status, is_revoked(certificate), is_revoked(other)) == ("revoked", True, False)
    change = certificate.status_changes.latest("id")
    assert (change.to_status, change.reason, change.actor_label) == ("revoked", "The exam was not hers.", "okafor")
    entry = AuditEntry.objects.get(name="students.certificate.revoked")
    assert (entry.actor, entry.data) == (staff, {"number": certificate.number})
    refused("revoked", certificates.revoke, certificate, reason="Again.", by=staff)
    refused("reason", certificates.revoke, other, reason=" ", by=staff)
    refused("reason", certificates.revoke, other, reason="x" * 1001, by=staff)


def test_after_a_revocation_it_is_issued_anew(spring, clerk):
    enrollment = finished(spring, by=clerk)
    first = granted(enrollment, clerk)
    refused("certified", certificates.request_certificate, enrollment, by=clerk)
    certificates.revoke(first, reason="The name was misspelled.", by=clerk)

    second = granted(enrollment, clerk)

    assert second.number.endswith("000002")
    assert (second.code != first.code, second.status_index != first.status_index) == (True, True)


def test_a_milestone_behind_a_certificate_is_not_withdrawn(spring, clerk, exam):
    enrollment = finished(spring, by=clerk, passed=exam)
    granted(enrollment, clerk)

    refused("certified", milestones.withdraw_completion, enrollment.milestones.get(), reason="Oh.", by=clerk)


def test_to_ask_again_changes_nothing_until_it_is_made(spring, clerk):
    enrollment = finished(spring, by=clerk)

    first, second = (certificates.request_certificate(enrollment, by=clerk) for _ in range(2))

    assert first == second
    assert Job.objects.filter(kind=certificates.ISSUE_JOB).count() == 1


def test_a_job_that_failed_for_good_is_followed_by_another(spring, clerk, settings, tmp_path):
    enrollment, key = finished(spring, by=clerk), settings.CERTIFICATE_KEY_FILE
    settings.CERTIFICATE_KEY_FILE = tmp_path / "none.pem"
    certificates.request_certificate(enrollment, by=clerk)
    run_jobs()
    Job.objects.filter(kind=certificates.ISSUE_JOB).update(status="failed", finished_at=clock.now())
    assert not certificates.find_public(Certificate.objects.get().code)
    settings.CERTIFICATE_KEY_FILE = key

    certificate = issued(enrollment, clerk)

    assert certificate.number.endswith("000001")
    assert certificate.document


def test_it_asks_for_many_at_once_and_counts_only_those_who_are_ready(spring, clerk, exam):
    ready = [finished(spring, number, by=clerk, passed=exam) for number in (1, 2)]
    finished(spring, 3, by=clerk)
    active(spring, 4)
    granted(finished(spring, 5, by=clerk, passed=exam), clerk)

    found = certificates.ready(Enrollment.objects.all())
    requests = certificates.request_certificates(found, by=clerk)

    assert {request.enrollment for request in requests} == set(ready)
    assert len({request.batch for request in requests}) == 1
    assert not certificates.ready(Enrollment.objects.all()).exists()


def test_a_milestone_holds_for_the_list_of_those_ready_as_for_each(spring, clerk, exam):
    milestones.end_milestone(exam, on=spring.starts_on + DAY, reason="x", by=clerk)
    early, late = finished(spring, by=clerk), finished(spring, 2, by=clerk, since=spring.starts_on + 2 * DAY)

    assert list(certificates.ready(Enrollment.objects.all())) == [late]
    refused("milestones_incomplete", certificates.require_earned, early)
    certificates.require_earned(late)


def test_a_name_that_cannot_be_printed_is_refused_before_a_number_is_given(spring, clerk):
    enrollment = finished(spring, by=clerk, first_name="李")

    refusal = refused("unprintable", certificates.request_certificate, enrollment, by=clerk)

    assert "李" in refusal.messages[0]


def test_nobody_guesses_a_code():
    codes = {certificates._new_code() for _ in range(500)}

    assert len(codes) == 500
    assert len(set(certificates.SIGNS)) ** (certificates.GROUPS * certificates.IN_GROUP) > 2**128
    assert all(certificates.read_code(f" {code.upper().replace('-', ' ')} ") == code for code in codes)


@pytest.mark.parametrize("code", ["", "x", "aaaa-bbbb-cccc-dddd-eeee-ffff-gggg", "é" * 3000, "\x00"])
def test_an_unknown_code_costs_the_same_query_as_a_known_one(spring, clerk, code):
    certificate = granted(finished(spring, by=clerk), clerk)

    with CaptureQueriesContext(
        connection,
    ) as known:
        assert certificates.find_public(certificate.code) == certificate
    with CaptureQueriesContext(connection) as known:
        assert certificates.find_public(certificate.code) == certificate
    with CaptureQueriesContext(connection) as unknown:
        assert certificates.find_public(code) is None

    [one], [other] = known.captured_queries, unknown.captured_queries
    assert one["sql"].partition('certificate"."code" =')[0] == other["sql"].partition('certificate"."code" =')[0]


def test_the_same_key_gives_the_same_bytes(spring, clerk):
    certificate = issued(finished(spring, by=clerk), clerk)

    assert certificate_files.make_files(certificate.pk) == (certificate.badge_id, certificate.document_id)


@pytest.mark.parametrize(
    "change",
    [{"student_name": "Eve"}, {"number": "CERT-1"}, {"code": "abcd"}, {"document": None}, {"revoked_at": None}],
)
def test_the_database_keeps_what_was_issued(spring, clerk, change):
    certificate = granted(finished(spring, by=clerk), clerk)
    certificates.revoke(certificate, reason="A mistake.", by=clerk)

    with pytest.raises(DatabaseError), transaction.atomic():
        Certificate.objects.update(**change)
    with pytest.raises(DatabaseError), transaction.atomic():
        CertificateStatusChange.objects.update(reason="Another")
    with pytest.raises(DatabaseError), transaction.atomic():
        SigningKey.objects.update(jwk={})


def test_an_envelope_holds_the_token_as_wallets_take_it():
    told = signing.enveloped("a.b.c")

    assert told["type"] == "EnvelopedVerifiableCredential"
    assert told["id"] == "data:application/vc+jwt,a.b.c"


class _TakenBack(Exception):
    """A transaction that did not hold."""


def test_numbers_have_no_gap_however_many_are_issued_at_once(shared_database):
    spring = cohort(school())
    clerk = coordinator(spring.program.holder)
    rows = [finished(spring, number, by=clerk) for number in range(8)]
    asked = [certificates.request_certificate(row, by=clerk).pk for row in rows]

    def issue(place):
        try:
            with transaction.atomic():
                outcome = certificates.issue(asked[place])
                if place % 3 == 0:
                    raise _TakenBack
        except _TakenBack:
            return ""
        return outcome["certificate"]

    given = [pk for pk in at_once(issue, len(rows)) if pk]

    numbers = sorted(Certificate.objects.values_list("number", flat=True))
    assert numbers == [f"CERT-{clock.today().year}-{place:06}" for place in range(1, len(given) + 1)]
    assert StatusList.objects.get().taken == len(given) == 5


def test_a_request_is_issued_once_however_often_it_is_tried(shared_database):
    spring = cohort(school())
    clerk = coordinator(spring.program.holder)
    request = certificates.request_certificate(finished(spring, by=clerk), by=clerk)

    given = at_once(lambda place: certificates.issue(request.pk)["certificate"], 4)

    assert len(set(given)) == 1
    assert Certificate.objects.count() == 1


def test_the_handler_does_nothing_outside_its_steps(spring, clerk):
    certificates.request_certificate(finished(spring, by=clerk), by=clerk)
    Job.objects.exclude(kind=certificates.ISSUE_JOB).delete()

    assert replayed(Job.objects.get())[-1] == "completed"
