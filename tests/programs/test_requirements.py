"""What holders must prove: the checklist, proofs, verdicts, and who becomes active by them."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError

from autopilot import clock
from autopilot.models import AuditEntry, Document, OutboxMessage
from programs.models import (
    Holder,
    HolderStatus,
    Requirement,
    RequirementStatus,
    RequirementType,
    RequirementUpload,
)
from programs.services.activation import activate_holder
from programs.services.mous import move_mou
from programs.services.requirements import (
    MOST_FILES,
    accept_proof,
    asked,
    lacking,
    refresh_checklist,
    reject_proof,
    submit_proof,
)
from tests.autopilot.uploads.files import ACTIVE, upload
from tests.programs.mous.samples import file_of, mou_of
from tests.programs.offers import draft
from tests.programs.proofs import a_file, accepted, in_days, judge, newest, owner, requirement, submitted
from tests.programs.samples import holder, member_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def school():
    return holder()


@pytest.fixture
def reviewer():
    return judge()


def topics():
    return list(
        OutboxMessage.objects.filter(topic__startswith="programs.requirement")
        .order_by("pk")
        .values_list("topic", flat=True)
    )


def slugs(of: Holder) -> list[str]:
    return [row.type.slug for row in asked(of)]


def refused(deed, *arguments, **said) -> str | None:
    with pytest.raises(ValidationError) as refusal:
        deed(*arguments, **said)
    error = refusal.value
    return (next(iter(error.error_dict.values()))[0] if hasattr(error, "error_dict") else error.error_list[0]).code


# The checklist


def test_a_new_holder_has_its_checklist(school):
    found = slugs(school)

    assert {"mou", "w-9", "license", "insurance", "ferpa", "equal-opportunity", "curriculum"} <= set(found)
    assert {row.status for row in asked(school)} == {RequirementStatus.MISSING}
    assert found.count("curriculum") == school.programs.count() == 1


def test_a_new_program_brings_its_own_lines(school):
    program = draft(school)

    assert requirement(school, "curriculum", program).status == RequirementStatus.MISSING
    assert slugs(school).count("curriculum") == 2


def test_refreshing_twice_changes_nothing(school):
    before = set(Requirement.objects.values_list("pk", flat=True))

    refresh_checklist(school)

    assert set(Requirement.objects.values_list("pk", flat=True)) == before


@pytest.mark.parametrize(
    ("begin", "end", "types", "is_asked"),
    [(0, None, [], True), (1, None, [], False), (-9, 0, [], True), (-9, -1, [], False),
     (0, None, ["employer"], False), (0, None, ["training_provider"], True)],
)  # fmt: skip
def test_a_type_is_asked_on_its_days_of_its_organizations(school, begin, end, types, is_asked):
    RequirementType.objects.create(
        slug="drill", title="Fire drill", group="compliance", entity_types=types, effective_from=in_days(begin),
        effective_to=None if end is None else in_days(end),
    )  # fmt: skip

    refresh_checklist(school)

    assert ("drill" in slugs(school)) is is_asked


def test_what_is_asked_no_longer_stays_as_history(school):
    row = accepted(school, "safety")

    RequirementType.objects.filter(slug="safety").update(effective_to=in_days(-1))

    assert "safety" not in slugs(school)
    assert Requirement.objects.get(pk=row.pk).status == RequirementStatus.ACCEPTED


@pytest.mark.parametrize(
    ("way", "stands"),
    [
        ([], "missing"),
        (["sent"], "missing"),
        (["sent", "signed_by_holder"], "submitted"),
        (["sent", "signed_by_holder", "executed"], "accepted"),
        (["sent", "signed_by_holder", "executed", "terminated"], "expired"),
        (["sent", "signed_by_holder", "declined"], "missing"),
    ],
)
def test_the_line_of_the_mou_follows_the_mou(school, way, stands):
    mou = mou_of(school, document=file_of(school))

    for status in way:
        signed = {"executed_at": clock.now(), "effective_on": in_days(0), "executed_document": file_of(school)}
        move_mou(mou, status, by=None, reason="As agreed.", **(signed if status == "executed" else {}))

    assert requirement(school, "mou").status == stands


# Proofs


def test_several_files_go_to_the_reviewers(school):
    row = requirement(school, "license")

    submit_proof(row, files=[a_file("a.pdf"), a_file("b.pdf")], by=owner(school), expires_on=in_days(90))

    assert (row.status, row.expires_on) == (RequirementStatus.SUBMITTED, in_days(90))
    assert list(row.uploads.values_list("file_name", flat=True)) == ["a.pdf", "b.pdf"]
    assert set(row.uploads.values_list("document__tenant_id", flat=True)) == {school.pk}
    assert topics() == ["programs.requirement.submitted"]


def test_a_replacement_keeps_what_was_there(school):
    row = submitted(school)
    first = newest(row)

    submit_proof(row, files=[a_file("newer.pdf")], by=owner(school), expires_on=in_days(400))

    first.refresh_from_db()
    assert first.replaced_at is not None
    assert [each.file_name for each in row.uploads.filter(replaced_at=None)] == ["newer.pdf"]


@pytest.mark.parametrize(
    ("files", "expires", "code"),
    [
        ([], 9, "no_file"),
        ([a_file()] * (MOST_FILES + 1), 9, "too_many"),
        ([a_file()], None, "no_expiry"),
        ([a_file()], -1, "past"),
        ([upload("page.html", b"<script>")], 9, "extension"),
        ([a_file(), upload("proof.pdf", ACTIVE["a script when opened"])], 9, "active"),
    ],
)
def test_what_is_wrong_with_an_upload_is_said_and_changes_nothing(school, files, expires, code):
    row = requirement(school, "license")
    day = None if expires is None else in_days(expires)

    assert refused(submit_proof, row, files=files, by=owner(school), expires_on=day) == code
    row.refresh_from_db()
    assert row.status == RequirementStatus.MISSING
    assert not RequirementUpload.objects.exists()


def test_nothing_is_uploaded_for_the_mou(school):
    assert refused(submit_proof, requirement(school, "mou"), files=[a_file()], by=owner(school)) == "not_uploaded"


def test_a_name_of_a_file_is_only_a_name(school):
    row = requirement(school, "handbook")
    file = a_file()
    file._name = "..\\..\\C:\\hand\x00book\u202e.pdf"

    submit_proof(row, files=[file], by=owner(school))

    assert newest(row).file_name == "handbook.pdf"


# Verdicts


def test_a_reviewer_accepts(school, reviewer):
    row = submitted(school)

    accept_proof(row, by=reviewer, seen=newest(row).pk, expires_on=in_days(30), remark="Fine.")

    assert (row.status, row.expires_on, row.reviewed_by) == (RequirementStatus.ACCEPTED, in_days(30), reviewer)
    assert topics()[-1] == "programs.requirement.accepted"
    assert AuditEntry.objects.filter(name="programs.requirement.accepted", actor=reviewer, subject_id=row.pk).exists()


def test_a_reviewer_sends_back_with_a_remark(school, reviewer):
    row = submitted(school)

    reject_proof(row, by=reviewer, seen=newest(row).pk, remark="The date cannot be read.")

    assert (row.status, row.remark) == (RequirementStatus.REJECTED, "The date cannot be read.")
    assert topics()[-1] == "programs.requirement.rejected"


def test_what_was_sent_back_is_uploaded_again(school, reviewer):
    row = submitted(school)
    reject_proof(row, by=reviewer, seen=newest(row).pk, remark="No.")

    submit_proof(row, files=[a_file()], by=owner(school), expires_on=in_days(9))

    assert (row.status, row.remark, row.reviewed_by) == (RequirementStatus.SUBMITTED, "", None)


def test_a_proof_that_was_replaced_meanwhile_is_not_accepted(school, reviewer):
    row = submitted(school)
    seen = newest(row).pk
    submit_proof(row, files=[a_file("other.pdf")], by=owner(school), expires_on=in_days(9))

    assert refused(accept_proof, row, by=reviewer, seen=seen, expires_on=in_days(9)) == "replaced_meanwhile"


@pytest.mark.parametrize(("expires", "code"), [(None, "no_expiry"), (-1, "past")])
def test_what_expires_is_accepted_with_its_date_alone(school, reviewer, expires, code):
    row = submitted(school)
    day = None if expires is None else in_days(expires)

    assert refused(accept_proof, row, by=reviewer, seen=newest(row).pk, expires_on=day) == code


def test_a_verdict_needs_its_right_a_remark_and_another_person(school, reviewer):
    row = submitted(school)
    seen = newest(row).pk
    submit_proof(row, files=[a_file()], by=reviewer, expires_on=in_days(9))

    assert refused(reject_proof, row, by=reviewer, seen=seen, remark=" ") == "no_remark"
    assert refused(accept_proof, row, by=reviewer, seen=newest(row).pk, expires_on=in_days(9)) == "own_upload"
    with pytest.raises(PermissionDenied):
        accept_proof(row, by=owner(school), seen=seen, expires_on=in_days(9))


def test_a_proof_is_judged_once(school, reviewer):
    row = submitted(school)
    seen = newest(row).pk
    accept_proof(row, by=reviewer, seen=seen, expires_on=in_days(9))

    assert refused(accept_proof, row, by=reviewer, seen=seen, expires_on=in_days(9)) == "illegal_move"


# Active


def settle(school: Holder) -> None:
    """Have everything that is required accepted, without its files."""
    Requirement.objects.filter(holder=school).update(status=RequirementStatus.ACCEPTED)


def test_a_person_makes_a_holder_active_when_nothing_is_missing(school, reviewer):
    settle(school)
    assert school.status == HolderStatus.ONBOARDING

    activate_holder(school, by=reviewer, reason="All is there.")

    assert Holder.objects.get(pk=school.pk).status == HolderStatus.ACTIVE


def test_a_holder_does_not_become_active_while_something_is_missing(school, reviewer):
    settle(school)
    Requirement.objects.filter(holder=school, type__slug="ferpa").update(status=RequirementStatus.EXPIRED)

    with pytest.raises(ValidationError, match="FERPA policy is expired") as refusal:
        activate_holder(school, by=reviewer, reason="All is there.")
    assert refusal.value.error_list[0].code == "requirements_missing"


def test_only_who_controls_holders_makes_one_active(school):
    settle(school)

    with pytest.raises(PermissionDenied):
        activate_holder(school, by=User.objects.create_user("nobody"), reason="All is there.")


def test_what_is_not_required_does_not_keep_a_holder_from_becoming_active(school):
    settle(school)
    RequirementType.objects.filter(slug="refund").update(required=False)
    Requirement.objects.filter(type__slug="refund").update(status=RequirementStatus.MISSING)

    assert lacking(school) == []


def test_the_last_acceptance_makes_nobody_active(school):
    settle(school)
    Requirement.objects.filter(holder=school, type__slug="license").update(status=RequirementStatus.MISSING)

    accepted(school, "license")

    assert Holder.objects.get(pk=school.pk).status == HolderStatus.ONBOARDING


def test_documents_stay_in_the_archive(school):
    row = submitted(school)
    submit_proof(row, files=[a_file()], by=member_of(school, "coordinator"), expires_on=in_days(9))

    assert Document.objects.filter(pk__in=row.uploads.values("document_id")).exists()
    assert row.uploads.count() == 2
    assert row.uploads.first().uploaded_at <= row.uploads.last().uploaded_at + timedelta(0)
