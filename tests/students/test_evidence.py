"""The evidence locker: files, attestations with their reason, what was seen alone, and what no longer counts."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction

from autopilot import clock
from autopilot.models import Document
from autopilot.tenants import NETWORK
from students.models import Evidence
from students.services.evidence import add_evidence, documents_of, proven_topics, withdraw_evidence
from students.wioa.documentation import TOPICS
from tests.autopilot.uploads.files import pdf, upload
from tests.programs.conftest import staff_member
from tests.students.eligibility import case_manager, paper, proof, trainee

pytestmark = pytest.mark.django_db
OPENED = pytest.mark.timeout(60)


@pytest.fixture
def student(db):
    return trainee().student


def added(student, **changes):
    given: dict[str, Any] = {
        "topic": "work_authorization",
        "kind": "seen",
        "obtained_on": clock.today(),
        "by": case_manager(),
    }
    return add_evidence(student, **given | changes)


def test_it_archives_a_file_under_its_topic(student):
    row = added(student, topic="200", kind="document", description="Passport", file=upload("birth.pdf", pdf()))

    assert (row.topic, row.document.tenant_id, row.document.title) == ("200", NETWORK, "Evidence of eligibility")
    assert proven_topics(student) == {"200"}
    assert documents_of(student, frozenset({"200"})) == [row.document]


def test_it_takes_an_attestation_where_it_is_allowed_with_its_reason(student):
    reason = "The shelter has closed."
    row = added(student, topic="800", kind="attestation", reason=reason, file=upload("own.pdf", pdf()))

    assert (row.reason, proven_topics(student)) == (reason, frozenset({"800"}))


def test_it_keeps_no_copy_of_what_authorizes_to_work(student):
    row = added(student)

    assert (row.kind, row.document) == ("seen", None)
    assert proven_topics(student) == {"work_authorization"}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"topic": "none"}, "topic"),
        ({"kind": "hearsay"}, "kind"),
        ({"obtained_on": clock.today() + timedelta(days=2)}, "obtained_on"),
        ({"topic": "200", "kind": "seen"}, "kind"),
        ({"topic": "200", "kind": "document"}, "file"),
        ({"file": upload("a.pdf", b"%PDF-")}, "file"),
        ({"topic": "200", "kind": "attestation", "reason": "x", "file": upload("a.pdf", b"%PDF-")}, "kind"),
        ({"topic": "800", "kind": "attestation", "file": upload("a.pdf", b"%PDF-")}, "reason"),
        ({"description": "x" * 121}, "description"),
    ],
)
def test_it_says_what_is_wrong_and_keeps_nothing(student, changes, field):
    with pytest.raises(ValidationError) as refused:
        added(student, **changes)

    assert field in refused.value.message_dict
    assert not Evidence.objects.exists()
    assert not Document.objects.filter(title="Evidence of eligibility").exists()


def test_it_is_for_who_may_assess(student):
    with pytest.raises(PermissionDenied):
        added(student, by=staff_member("stranger"))
    with pytest.raises(PermissionDenied):
        withdraw_evidence(proof(student, "200"), reason="No.", by=staff_member("other"))


def test_what_is_withdrawn_no_longer_counts_and_stays(student):
    row = proof(student, "200")

    with pytest.raises(ValidationError, match="Say why"):
        withdraw_evidence(row, reason=" ", by=case_manager())
    withdraw_evidence(row, reason="Of another person.", by=case_manager())

    row.refresh_from_db()
    assert (proven_topics(student), row.withdrawn_reason) == (frozenset(), "Of another person.")
    with pytest.raises(ValidationError, match="withdrawn before"):
        withdraw_evidence(row, reason="Again.", by=case_manager())


def test_one_student_proves_nothing_for_another(student):
    proof(student, "200")

    other = type(student).objects.create(first_name="Bo", last_name="Cho")
    assert proven_topics(other) == frozenset()


@pytest.mark.parametrize(
    "wrong", [{"document": None}, {"kind": "seen"}, {"kind": "attestation"}, {"kind": "other"}, {"withdrawn_at": clock.now()}]
)  # fmt: skip
def test_the_database_holds_the_locker_to_its_rules(student, wrong):
    given = {"kind": "document", "document": paper("x"), "obtained_on": clock.today(), "topic": "800"}

    with pytest.raises(IntegrityError), transaction.atomic():
        Evidence.objects.create(student=student, **given | wrong)


@pytest.mark.once
def test_the_25_elements_of_the_departments_are_all_there():
    joint = [topic for topic in TOPICS.values() if topic.jointly_validated]
    expected = "900 901 923 1303 1310 1315 1332 1401 1406 1600 1602 1604 1606 1618 1704 1800 1801 1806 1807 1808 1809 1810 1811 1900 1901"

    assert [topic.element for topic in joint] == expected.split()
    assert all(topic.documents and topic.name for topic in TOPICS.values())
    assert TOPICS["work_authorization"].element == ""
    assert not any(TOPICS[key].self_attestation for key in ("200", "work_authorization", "selective_service", "301"))
    assert all(topic.confirm or topic.source.startswith("TEGL") for topic in TOPICS.values())
