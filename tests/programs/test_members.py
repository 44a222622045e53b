"""Members: invited by mail, joined by a link that works once, never without an owner."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.core.exceptions import ValidationError

from autopilot import clock, outbox
from programs.models import Invitation, Member, MemberRole
from programs.services.members import (
    InvitationClosed,
    accept_invitation,
    change_role,
    find_invitation,
    invitation_token,
    invite,
    join,
    remove_member,
    revoke_invitation,
)
from tests.programs.samples import holder, member_of

pytestmark = pytest.mark.django_db
PASSWORD = "a long word and another"


@pytest.fixture
def school():
    return holder()


@pytest.fixture
def link(school):
    """The token of the invitation that the holder's contact was sent."""
    return invitation_token(Invitation.objects.get(holder=school))


def test_a_link_is_mailed_that_opens_the_invitation(school):
    outbox.deliver_due(10)

    sent = next(each for each in mail.outbox if each.to == [school.contact_email] and "Join" in each.subject)
    token = sent.body.partition("/join/")[2].partition("/")[0]
    assert find_invitation(token).holder == school


def test_it_makes_an_account_and_a_member(school, link):
    user = join(link, first_name="Imani", last_name="Brooks", password=PASSWORD)

    assert (user.username, user.is_staff) == (school.contact_email, False)
    assert user.check_password(PASSWORD)
    assert Member.objects.get(user=user).role == MemberRole.OWNER


def test_it_opens_once(link):
    join(link, first_name="Imani", last_name="Brooks", password=PASSWORD)

    with pytest.raises(InvitationClosed):
        accept_invitation(link, by=User.objects.create_user("second"))


def test_it_is_closed_after_14_days(link):
    with clock.moved(timedelta(days=14)), pytest.raises(InvitationClosed):
        find_invitation(link)


def test_it_is_closed_once_withdrawn(school, link):
    revoke_invitation(Invitation.objects.get(), by=member_of(school))

    with pytest.raises(InvitationClosed):
        find_invitation(link)


def test_it_is_replaced_by_the_next_one_to_the_same_address(school, link):
    invite(school, email=school.contact_email.upper(), role=MemberRole.READ_ONLY, by=None)

    with pytest.raises(InvitationClosed):
        find_invitation(link)
    assert Invitation.objects.filter(accepted_at=None, revoked_at=None).count() == 1


def test_it_asks_who_has_an_account_to_sign_in(school, link):
    User.objects.create_user(school.contact_email)

    with pytest.raises(ValidationError, match="Sign in"):
        join(link, first_name="Imani", last_name="Brooks", password=PASSWORD)


def test_one_person_belongs_to_several_holders(school, link):
    user = join(link, first_name="Imani", last_name="Brooks", password=PASSWORD)
    other = holder(ein="35-7654321", contact_email=school.contact_email)

    accept_invitation(invitation_token(Invitation.objects.get(holder=other)), by=user)

    assert user.memberships.count() == 2


@pytest.mark.parametrize("email", ["", "nobody", "a@b", "owner@example.org"])
def test_it_refuses_what_is_no_address_and_who_is_a_member(school, email):
    member_of(school, username="owner")

    with pytest.raises(ValidationError):
        invite(school, email=email, role=MemberRole.COORDINATOR, by=None)


def test_an_owner_changes_a_role(school):
    owner, clerk = member_of(school), member_of(school, MemberRole.READ_ONLY)

    change_role(clerk.memberships.get(), role=MemberRole.COORDINATOR, by=owner)

    assert clerk.memberships.get().role == MemberRole.COORDINATOR


@pytest.mark.parametrize("deed", [
    lambda member, by: change_role(member, role=MemberRole.READ_ONLY, by=by),
    lambda member, by: remove_member(member, by=by),
])  # fmt: skip
def test_the_last_owner_stays(school, deed):
    owner = member_of(school)

    with pytest.raises(ValidationError, match="only owner"):
        deed(owner.memberships.get(), owner)

    assert owner.memberships.get().left_at is None


def test_who_left_has_no_way_in(client, school):
    owner, clerk = member_of(school), member_of(school, MemberRole.COORDINATOR)
    client.force_login(clerk)

    remove_member(clerk.memberships.get(), by=owner)

    assert client.get(f"/portal/{school.pk}/").status_code == 404
