"""Who of a holder's people hears what: owners and coordinators, as far as they want to."""

import pytest
from django.core import mail

from autopilot import outbox
from autopilot.engine import emit, message
from autopilot.engine.registry import registered_for_test
from autopilot.exceptions import Unwanted
from autopilot.models import AuditEntry, OutboxMessage
from programs.models import Member, MemberRole
from programs.services import people
from tests.programs.samples import holder, member_of

pytestmark = pytest.mark.django_db
TOPIC = "test.school.rang"


@pytest.fixture
def school():
    return holder()


@pytest.fixture(autouse=True)
def _a_notice(monkeypatch):
    monkeypatch.setattr(people, "_notices", {TOPIC: "The bell rang"})


def test_it_tells_owners_and_coordinators(school):
    owner, coordinator = member_of(school), member_of(school, MemberRole.COORDINATOR)
    member_of(school, MemberRole.READ_ONLY)
    member_of(holder(ein="35-7654321"))

    assert people.told(school, TOPIC) == [owner, coordinator]


@pytest.mark.parametrize("change", [{"is_active": False}, {"email": ""}])
def test_it_tells_nobody_who_cannot_be_reached(school, change):
    owner = member_of(school)
    for name, value in change.items():
        setattr(owner, name, value)
    owner.save()

    assert people.told(school, TOPIC) == []


def test_it_tells_nobody_who_has_left(school):
    owner = member_of(school)
    owner.memberships.update(left_at=school.created_at)

    assert people.told(school, TOPIC) == []


def test_a_member_chooses(school):
    owner, other = member_of(school), member_of(school, MemberRole.COORDINATOR)
    membership = owner.memberships.get()

    people.choose_notices(membership, wanted=[], by=owner)

    assert people.told(school, TOPIC) == [other]
    assert AuditEntry.objects.get(name="programs.member.notices_chosen").data == {"unwanted": [TOPIC]}
    people.choose_notices(membership, wanted=[TOPIC], by=owner)
    assert people.told(school, TOPIC) == [owner, other]


def test_a_choice_keeps_what_the_page_does_not_offer(school):
    owner = member_of(school)
    Member.objects.filter(user=owner).update(preferences={"gone.topic": False})

    people.choose_notices(owner.memberships.get(), wanted=[], by=owner)

    assert owner.memberships.get().preferences == {"gone.topic": False, TOPIC: False}


def test_a_mail_that_nobody_wants_is_done_without_alarm(school):
    owner = member_of(school)
    people.choose_notices(owner.memberships.get(), wanted=[], by=owner)
    with registered_for_test():
        message(TOPIC)(lambda: people.mail_to(school, TOPIC, "programs/emails/invited"))
        sent = emit(TOPIC, tenant_id=school.pk)

        outbox.deliver_due(50)

    assert OutboxMessage.objects.get(pk=sent.pk).status == OutboxMessage.Status.SENT
    assert not [letter for letter in mail.outbox if owner.email in letter.recipients()]


def test_a_mail_to_members_hides_them_from_each_other(school):
    owner, other = member_of(school), member_of(school, MemberRole.COORDINATOR)

    made = people.mail_to(school, TOPIC, "programs/emails/invited", join_url="https://x.example", invitation=None)

    assert (made.to, sorted(made.bcc)) == ([], sorted([owner.email, other.email]))
    with pytest.raises(Unwanted):
        people.mail_to(holder(ein="35-7654321"), TOPIC, "programs/emails/invited")
