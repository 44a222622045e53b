"""The holders' portal: for its members alone, and by their role."""

import pytest
from django.contrib.auth.models import User

from programs.models import Invitation, Member, MemberRole
from programs.services.members import invitation_token
from tests.programs.samples import holder, member_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def school():
    return holder()


def signed_in(client, user):
    client.force_login(user)
    return client


def test_it_leads_a_stranger_to_the_sign_in(client, school):
    answer = client.get(f"/portal/{school.pk}/")

    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/login/")


def test_it_is_not_there_for_the_member_of_another_holder(client, school):
    other = holder(ein="35-7654321")

    answer = signed_in(client, member_of(other)).get(f"/portal/{school.pk}/")

    assert answer.status_code == 404


def test_it_leads_the_member_of_one_holder_to_its_overview(client, school):
    answer = signed_in(client, member_of(school)).get("/portal/")

    assert answer["Location"] == f"/portal/{school.pk}/"


def test_it_lets_the_member_of_several_choose(client, school):
    user, other = member_of(school, username="both"), holder(ein="35-7654321", legal_name="Lake School")
    member_of(other, username="both")

    page = signed_in(client, user).get("/portal/").content.decode()

    assert "Harbor Trades" in page
    assert str(other.pk) in page


def test_it_tells_who_belongs_to_none_what_to_do(client):
    page = signed_in(client, User.objects.create_user("nobody")).get("/portal/").content.decode()

    assert "not a member" in page


def test_it_shows_where_the_holder_stands(client, school):
    page = signed_in(client, member_of(school)).get(f"/portal/{school.pk}/").content.decode()

    assert "The state has approved your application." in page


def test_an_owner_invites(client, school):
    signed_in(client, member_of(school)).post(
        f"/portal/{school.pk}/members/", {"email": "New@Example.org", "role": "coordinator"}
    )

    assert Invitation.objects.filter(holder=school, email="new@example.org", role="coordinator").exists()


@pytest.mark.parametrize("sent", [{}, {"email": "x", "role": "coordinator"}, {"email": "a@b.example", "role": "boss"}])
def test_it_says_what_is_wrong_with_an_invitation(client, school, sent):
    answer = signed_in(client, member_of(school)).post(f"/portal/{school.pk}/members/", sent)

    assert answer.status_code == 200
    assert "error-summary" in answer.content.decode()


@pytest.mark.parametrize("role", [MemberRole.COORDINATOR, MemberRole.READ_ONLY])
def test_only_owners_manage_members(client, school, role):
    owner = member_of(school)
    client = signed_in(client, member_of(school, role))

    for address in ("members/", f"members/{owner.memberships.get().pk}/"):
        assert client.post(f"/portal/{school.pk}/{address}", {"action": "remove"}).status_code == 403
    assert owner.memberships.get().left_at is None


def test_a_member_of_another_holder_cannot_be_changed(client, school):
    stranger = member_of(holder(ein="35-7654321"), MemberRole.READ_ONLY)
    membership = stranger.memberships.get()

    answer = signed_in(client, member_of(school)).post(
        f"/portal/{school.pk}/members/{membership.pk}/", {"role": "owner"}
    )

    assert answer.status_code == 404
    membership.refresh_from_db()
    assert membership.role == MemberRole.READ_ONLY


def test_an_invitation_is_accepted_with_a_new_account(client, school):
    token = invitation_token(Invitation.objects.get())
    account = {"first_name": "Imani", "last_name": "Brooks", "password": "a long word and another"}

    answer = client.post(f"/join/{token}/", account | {"password_again": account["password"]})

    assert answer["Location"] == f"/portal/{school.pk}/"
    assert client.get(answer["Location"]).status_code == 200
    assert Member.objects.get(holder=school).user.first_name == "Imani"


@pytest.mark.parametrize("password", ["short", "12345678901234", "password1234"])
def test_an_account_needs_a_password_nobody_guesses(client, school, password):
    token = invitation_token(Invitation.objects.get())
    account = {"first_name": "Imani", "last_name": "Brooks", "password": password, "password_again": password}

    answer = client.post(f"/join/{token}/", account)

    assert answer.status_code == 200
    assert not Member.objects.exists()


def test_a_used_link_says_so(client, school):
    token = invitation_token(Invitation.objects.get())
    signed_in(client, User.objects.create_user("imani")).post(f"/join/{token}/")

    answer = client.get(f"/join/{token}/")

    assert answer.status_code == 410
    assert "is closed" in answer.content.decode()
