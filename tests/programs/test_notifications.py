"""Notifications in the portal: each member chooses, and sees what has happened to the holder."""

import pytest

from autopilot.engine import emit
from autopilot.identifiers import uuid7
from programs.models import MemberRole
from programs.services import people
from programs.services.applications import RECEIVED
from tests.programs.samples import holder, member_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def school(monkeypatch):
    monkeypatch.setattr(people, "_notices", {RECEIVED: "An application came", "test.other": "Something else"})
    return holder()


def test_a_member_chooses_what_to_be_told(client, school):
    owner = member_of(school)
    client.force_login(owner)
    address = f"/portal/{school.pk}/notifications/"
    assert client.get(address).content.decode().count(" checked>") == 2

    client.post(address, {"wanted": [RECEIVED, "no.topic"]})

    assert owner.memberships.get().preferences == {"test.other": False}
    assert client.get(address).content.decode().count(" checked>") == 1


def test_it_tells_what_happened_to_this_holder_alone(client, school):
    client.force_login(member_of(school, MemberRole.READ_ONLY))
    other = holder(ein="35-7654321")
    emit(RECEIVED, tenant_id=other.pk, application_id=uuid7())

    text = client.get(f"/portal/{school.pk}/notifications/").content.decode()

    assert text.count("An application came</p>") == 1  # of its own application
    assert "Your role is told nothing by mail" in text


def test_one_member_does_not_choose_for_another(client, school):
    other = member_of(school)
    client.force_login(member_of(school, MemberRole.COORDINATOR))

    client.post(f"/portal/{school.pk}/notifications/", {})

    assert other.memberships.get().preferences == {}
