"""Signing: an owner with a mailed code, exactly what was shown, then another person for the network, then the seal."""

import io
from datetime import timedelta
from decimal import Decimal

import pikepdf
import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import Error, connection, transaction

from autopilot import clock, outbox
from autopilot.documents import archive, binding, seals
from autopilot.models import Job
from programs import consents
from programs.models import Compensation, MemberRole, Mou, MouEvidence, MouStatus, Signature, SigningCode
from programs.services import mous
from programs.services.mous import evidence
from programs.services.mous.codes import MOST_CODES, MOST_TRIES
from tests.autopilot.documents.samples import text_of
from tests.programs.mous.people import SHARE, code_for, countersign, pen, preparer, sent_mou, sign, signer
from tests.programs.mous.samples import mou_of
from tests.programs.samples import holder, member_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def school():
    return holder()


@pytest.fixture
def owner(school):
    return member_of(school)


@pytest.fixture
def mou(school):
    """An MOU that was sent, with any file for its document."""
    return mou_of(school, MouStatus.SENT, sent_at=clock.now(), created_by=preparer())


@pytest.fixture
def real(school):
    """An MOU that was really sent."""
    return sent_mou(school)


def refused(mou, owner, code, **changes):
    """Return the refusal of a signature."""
    with pytest.raises(ValidationError) as refusal:
        mous.sign_mou(mou, pen(mou, **changes), code=code, by=owner)
    return refusal.value


def test_the_document_says_what_was_agreed(school):
    terms = mous.Terms(compensation=Compensation.PER_STUDENT, amount=Decimal("1250.5"), payment_days=45)

    document = sent_mou(school, terms=terms).document

    assert document is not None
    text = text_of(archive.read(document))

    assert "Harbor Trades School, Inc." in text
    assert "$1,250.50" in text
    assert "45 days" in text
    assert "Welding Technology" in text


def test_the_owners_are_mailed_and_told_by_webhook(school, owner, real):
    outbox.deliver_due(20)

    sent = next(each for each in mail.outbox if "Please sign" in each.subject)
    assert sent.bcc == [owner.email]
    assert f"/portal/{school.pk}/mou/{real.pk}/" in sent.body


def test_an_owner_signs_with_the_code_that_was_mailed(mou, owner):
    mous.send_signing_code(mou, by=owner)
    outbox.deliver_due(20)
    body = next(each.body for each in mail.outbox if each.to == [owner.email] and "code" in each.subject)
    digits = next(line for line in body.splitlines() if line.isdecimal())

    signature = mous.sign_mou(mou, pen(mou), code=digits, by=owner)

    mou.refresh_from_db()
    assert mou.status == MouStatus.SIGNED_BY_HOLDER
    assert (signature.name, signature.title, signature.email) == ("Imani Brooks", "Director", owner.email)
    assert signature.document_sha256 == mou.document.sha256
    assert (signature.consent_version, signature.consent_digest) == (
        consents.VERSION,
        consents.digest_of(consents.VERSION),
    )
    assert signature.user_agent == "A browser"


def test_both_signatures_make_a_sealed_file(school, owner, real):
    sign(real, owner)
    countersign(real)

    content = archive.read(real.executed_document)
    text = text_of(content)
    assert real.status == MouStatus.EXECUTED
    assert mous.require_executed_mou(school) == real
    assert seals.inspect(content).is_good
    for said in ("Certificate of completion", "Imani Brooks", "Ada Stone", real.document.sha256, "A browser"):
        assert said in text
    assert binding.attached(content, "signed-document.pdf") == archive.read(real.document)


def test_the_signed_pages_come_first_and_unchanged(owner, real):
    sign(real, owner)
    countersign(real)

    with (
        pikepdf.open(io.BytesIO(archive.read(real.document))) as signed,
        pikepdf.open(io.BytesIO(archive.read(real.executed_document))) as sealed,
    ):
        before = [page.obj.Contents.read_bytes() for page in signed.pages]
        after = [page.obj.Contents.read_bytes() for page in sealed.pages]
        assert after[: len(before)] == before
        assert len(after) > len(before)


def test_the_job_seals_what_both_have_signed(owner, mou):
    sign(mou, owner)
    mous.countersign_mou(mou, pen(mou), by=signer())

    job = Job.objects.get(kind="mou.execute")

    assert (job.tenant_id, job.payload) == (mou.holder_id, {"mou_id": str(mou.pk)})


@pytest.mark.parametrize("role", [MemberRole.COORDINATOR, MemberRole.READ_ONLY])
def test_only_an_owner_signs(school, mou, role):
    clerk = member_of(school, role)

    for deed in (
        lambda: mous.send_signing_code(mou, by=clerk),
        lambda: mous.sign_mou(mou, pen(mou), code="12345678", by=clerk),
        lambda: mous.decline_mou(mou, reason="No.", by=clerk),
    ):
        with pytest.raises(PermissionDenied):
            deed()


def test_the_owner_of_another_holder_does_not_sign(mou):
    stranger = member_of(holder(ein="35-7654321"))

    with pytest.raises(PermissionDenied):
        mous.sign_mou(mou, pen(mou), code="12345678", by=stranger)


def test_it_refuses_another_document_than_the_one_that_stands(mou, owner):
    refusal = refused(mou, owner, code_for(mou, owner), document_sha256="0" * 64)

    assert refusal.code == "document_changed"
    assert not Signature.objects.exists()


def test_it_refuses_without_consent_name_or_title(mou, owner):
    refusal = refused(mou, owner, code_for(mou, owner), name=" ", title="", consents_to="")

    assert set(refusal.error_dict) == {"name", "title", "consent"}


def test_it_refuses_a_name_that_no_certificate_can_print(mou, owner):
    refusal = refused(mou, owner, code_for(mou, owner), name="李")

    assert "李" in str(refusal)


def test_a_wrong_code_is_counted_until_it_is_closed(mou, owner):
    right = code_for(mou, owner)
    wrong = f"{(int(right) + 1) % 10**8:08}"

    codes = [refused(mou, owner, wrong).code for _ in range(MOST_TRIES)]

    assert codes == ["code_wrong"] * MOST_TRIES
    assert refused(mou, owner, right).code == "code_expired"


def test_a_code_is_good_for_a_quarter_of_an_hour(mou, owner):
    right = code_for(mou, owner)

    with clock.moved(timedelta(minutes=15)):
        assert refused(mou, owner, right).code == "code_expired"


def test_a_code_is_somebodys_own(school, mou, owner):
    other = member_of(school, username="second")
    code_for(mou, other)

    assert refused(mou, owner, code_for(mou, other)).code == "code_expired"


def test_codes_are_mailed_a_few_times_an_hour(mou, owner):
    for _ in range(MOST_CODES):
        mous.send_signing_code(mou, by=owner)

    with pytest.raises(ValidationError) as refusal:
        mous.send_signing_code(mou, by=owner)

    assert refusal.value.code == "too_many_codes"
    assert SigningCode.objects.count() == MOST_CODES


def test_it_is_signed_once(mou, owner):
    sign(mou, owner)

    assert refused(mou, owner, "12345678").code == "not_sent"
    assert Signature.objects.count() == 1


def test_who_prepared_it_does_not_countersign(mou, owner):
    sign(mou, owner)
    by = User.objects.get(pk=mou.created_by_id)
    by.user_permissions.set([*by.user_permissions.all(), *signer().user_permissions.all()])

    with pytest.raises(PermissionDenied, match="Another person"):
        mous.countersign_mou(mou, pen(mou), by=User.objects.get(pk=by.pk))


def test_a_member_of_the_holder_does_not_countersign(mou, owner):
    sign(mou, owner)
    both = signer("both")
    member_of(mou.holder, username="both")

    with pytest.raises(PermissionDenied, match="other party"):
        mous.countersign_mou(mou, pen(mou), by=both)


def test_it_is_not_countersigned_without_the_permission_or_before_the_holder(mou, owner):
    with pytest.raises(ValidationError) as refusal:
        mous.countersign_mou(mou, pen(mou), by=signer())
    sign(mou, owner)
    with pytest.raises(PermissionDenied):
        mous.countersign_mou(mou, pen(mou), by=preparer("another"))

    assert refusal.value.code == "not_signed_by_holder"


def test_it_is_countersigned_once(mou, owner):
    sign(mou, owner)
    mous.countersign_mou(mou, pen(mou), by=signer())

    with pytest.raises(ValidationError) as refusal:
        mous.countersign_mou(mou, pen(mou), by=signer("third"))

    assert refusal.value.code == "already_signed"


def test_the_evidence_holds(real, owner):
    sign(real, owner)
    countersign(real)

    deeds = list(MouEvidence.objects.values_list("deed", flat=True))
    assert deeds == ["sent", "code_sent", "code_confirmed", "signed_by_holder", "signed_by_network", "sealed"]
    assert evidence.faults(real) == []


def test_evidence_and_signatures_are_never_changed(mou, owner):
    sign(mou, owner)

    for write in (
        lambda: MouEvidence.objects.update(deed="else"),
        lambda: MouEvidence.objects.all().delete(),
        lambda: Signature.objects.update(name="Somebody Else"),
        lambda: Signature.objects.all().delete(),
        lambda: Mou.objects.update(share=Decimal(90)),
        lambda: Mou.objects.update(document=None),
    ):
        with pytest.raises(Error), transaction.atomic():
            write()


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    ("table", "change", "fault"),
    [
        ("mouevidence", "UPDATE programs_mouevidence SET ip = '10.0.0.1' WHERE number = 2", "Link 2 was altered."),
        ("mouevidence", "DELETE FROM programs_mouevidence WHERE number = 2", "Link 2 is missing."),
        ("signature", "UPDATE programs_signature SET name = 'X'", "The signature of the program holder was altered."),
    ],
)
def test_what_was_altered_behind_our_back_shows(mou, owner, table, change, fault):
    sign(mou, owner)
    with connection.cursor() as cursor:
        for trigger in ("append_only", "kept"):
            cursor.execute(f"DROP TRIGGER programs_{table}_{trigger}")
        cursor.execute(change)

    assert fault in evidence.faults(mou)


def test_an_amendment_replaces_when_it_is_executed_and_not_before(school, owner, real):
    sign(real, owner)
    first = countersign(real)

    second = sent_mou(school, terms=mous.Terms(share=Decimal(40)))
    sign(second, owner)
    assert mous.require_executed_mou(school) == first
    countersign(second)

    first.refresh_from_db()
    assert (first.status, first.reason) == (MouStatus.TERMINATED, "Replaced by version 2.")
    assert mous.require_executed_mou(school) == second


def test_a_second_draft_waits_for_the_first(school, mou):
    with pytest.raises(ValidationError) as refusal:
        mous.draft_mou(school, SHARE, by=preparer())

    assert refusal.value.code == "mou_open"
