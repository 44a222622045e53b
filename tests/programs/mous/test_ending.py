"""How MOUs end, and what was signed on paper: with reasons, by the right people, and by the calendar."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError

from autopilot import clock, outbox
from autopilot.documents import binding, certificates, seals
from autopilot.models import Schedule
from programs.models import MouStatus, Signature
from programs.services import mous
from tests.autopilot.documents.samples import text_of
from tests.programs.mous.people import pen, preparer, sent_mou, sign, signer
from tests.programs.mous.samples import content_of, file_of, in_days, mou_of, today
from tests.programs.samples import holder, member_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def school():
    return holder()


@pytest.mark.parametrize("status", [MouStatus.SENT, MouStatus.SIGNED_BY_HOLDER, MouStatus.EXECUTED])
def test_it_expires_after_its_last_day(school, status):
    mou = mou_of(school, status, expires_on=today())

    assert mous.expire_mous() == 0
    with clock.moved(timedelta(days=1)):
        assert mous.expire_mous() == 1

    mou.refresh_from_db()
    assert mou.status == MouStatus.EXPIRED
    assert mou.status_changes.last().actor_label == ""


def test_what_has_ended_does_not_expire(school):
    mou_of(school, MouStatus.TERMINATED, expires_on=in_days(-1))

    assert mous.expire_mous() == 0


def test_a_schedule_looks_every_night():
    assert Schedule.objects.get(kind="mou.expire").cron == "10 0 * * *"


def test_it_is_terminated_by_who_prepares_with_a_reason_that_is_mailed(school):
    owner, mou = member_of(school), mou_of(school, MouStatus.EXECUTED, sent_at=clock.now())

    with pytest.raises(PermissionDenied):
        mous.terminate_mou(mou, reason="Closed.", by=signer())
    mous.terminate_mou(mou, reason="The school has closed.", by=preparer())
    outbox.deliver_due(20)

    told = next(each for each in mail.outbox if "has ended" in each.subject)
    assert told.bcc == [owner.email]
    assert "The school has closed." in told.body


def test_a_draft_is_withdrawn_without_a_word(school):
    member_of(school)
    mous.terminate_mou(mou_of(school), reason="A mistake.", by=preparer())

    outbox.deliver_due(20)

    assert not [each for each in mail.outbox if "MOU-" in each.subject]


def test_the_network_declines_what_the_holder_has_signed(school):
    mou = mou_of(school, MouStatus.SENT, sent_at=clock.now())
    with pytest.raises(PermissionDenied):
        mous.decline_mou(mou, reason="No.", by=signer())
    sign(mou, member_of(school))

    mous.decline_mou(mou, reason="The license has lapsed.", by=signer())

    mou.refresh_from_db()
    assert mou.status == MouStatus.DECLINED


def test_what_was_signed_on_paper_is_executed_once_two_have_looked(school):
    mou, scan = sent_mou(school), file_of(school, b"%PDF-1.7 a scan")

    mous.record_paper(mou, scan, name="Imani Brooks", title="Director", reason="No e-mail.", by=preparer())
    mous.confirm_paper(mou, name="Ada Stone", title="Chief executive", by=signer())
    certificates.make("Example Network")
    mous.execute_mou(mou.pk, mous.finish_mou(mou.pk))

    mou.refresh_from_db()
    content = content_of(mou.executed_document)
    assert mou.status == MouStatus.EXECUTED
    assert seals.inspect(content).is_good
    assert binding.attached(content, "signed-on-paper.pdf") == b"%PDF-1.7 a scan"
    assert "Signed on paper" in text_of(content)


def test_who_recorded_a_scan_does_not_confirm_it(school):
    mou = mou_of(school, MouStatus.SENT, sent_at=clock.now(), created_by=preparer("another"))
    clerk = preparer()
    clerk.user_permissions.add(*signer().user_permissions.all())
    mous.record_paper(mou, file_of(school), name="A", title="B", reason="C", by=clerk)

    with pytest.raises(PermissionDenied, match="recorded"):
        mous.confirm_paper(mou, name="D", title="E", by=clerk)

    assert Signature.objects.count() == 1


def test_a_scan_is_confirmed_and_not_countersigned(school):
    mou = mou_of(school, MouStatus.SENT, sent_at=clock.now())
    with pytest.raises(ValidationError, match="No scan waits"):
        mous.confirm_paper(mou, name="D", title="E", by=signer())
    mous.record_paper(mou, file_of(school), name="A", title="B", reason="C", by=preparer())

    with pytest.raises(ValidationError, match="Confirm the scan"):
        mous.countersign_mou(mou, pen(mou), by=signer())


@pytest.mark.parametrize("missing", ["name", "title", "reason"])
def test_a_scan_needs_name_title_and_reason(school, missing):
    mou = mou_of(school, MouStatus.SENT, sent_at=clock.now())
    said = {"name": "A", "title": "B", "reason": "C"} | {missing: " "}

    with pytest.raises(ValidationError) as refusal:
        mous.record_paper(mou, file_of(school), by=preparer(), **said)

    assert set(refusal.value.error_dict) == {missing}


def test_a_scan_of_another_organization_is_refused(school):
    mou, other = mou_of(school, MouStatus.SENT, sent_at=clock.now()), holder(ein="35-7654321")

    with pytest.raises(ValidationError, match="another organization"):
        mous.record_paper(mou, file_of(other), name="A", title="B", reason="C", by=preparer())


def test_an_amendment_is_in_force_at_once(school):
    mou_of(school, MouStatus.EXECUTED)

    with pytest.raises(ValidationError, match="Leave this empty"):
        mous.draft_mou(school, mous.Terms(share=Decimal(20), effective_on=in_days(3)), by=preparer())
