"""No enrollment without an executed MOU: the gate says where it stands and what helps."""

import pytest
from django.core.exceptions import ValidationError

from programs.models import MouStatus
from programs.services.mous import MOU_NOT_EXECUTED, require_executed_mou
from tests.programs.mous.samples import in_days, mou_of, today
from tests.programs.samples import holder

pytestmark = pytest.mark.django_db


@pytest.fixture
def school():
    return holder()


def test_it_opens_for_an_executed_mou(school):
    mou = mou_of(school, MouStatus.EXECUTED, expires_on=today())

    assert require_executed_mou(school) == mou


def test_it_is_closed_without_an_mou(school):
    with pytest.raises(ValidationError, match=r"no MOU .* yet\. Staff of the network must prepare it") as refusal:
        require_executed_mou(school)

    assert (refusal.value.code, refusal.value.params["status"]) == (MOU_NOT_EXECUTED, "none")


@pytest.mark.parametrize(
    ("status", "helps"),
    [
        (MouStatus.DRAFT, "must send it"),
        (MouStatus.SENT, "must sign it in the portal"),
        (MouStatus.SIGNED_BY_HOLDER, "must countersign it"),
        (MouStatus.DECLINED, "new version"),
        (MouStatus.EXPIRED, "new version"),
        (MouStatus.TERMINATED, "new version"),
    ],
)
def test_it_is_closed_at_every_other_status(school, status, helps):
    mou_of(school, status)

    with pytest.raises(ValidationError, match=f"“{MouStatus(status).label}”.*{helps}") as refusal:
        require_executed_mou(school)

    assert (refusal.value.code, refusal.value.params["status"]) == (MOU_NOT_EXECUTED, status)
    assert helps in refusal.value.params["action"]


def test_it_closes_after_the_last_day_before_any_duty_has_run(school):
    mou_of(school, MouStatus.EXECUTED, expires_on=in_days(-1))

    with pytest.raises(ValidationError, match="expired on") as refusal:
        require_executed_mou(school)

    assert refusal.value.params["status"] == MouStatus.EXPIRED


def test_it_is_closed_until_the_effective_day(school):
    mou_of(school, MouStatus.EXECUTED, effective_on=in_days(1))

    with pytest.raises(ValidationError, match="in force from"):
        require_executed_mou(school)


def test_it_stays_open_while_an_amendment_is_on_its_way(school):
    executed = mou_of(school, MouStatus.EXECUTED)
    mou_of(school, MouStatus.SENT)

    assert require_executed_mou(school) == executed


def test_it_asks_about_this_holder_alone(school):
    mou_of(holder(ein="35-7654321"), MouStatus.EXECUTED)

    with pytest.raises(ValidationError, match="no MOU"):
        require_executed_mou(school)
