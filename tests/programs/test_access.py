"""Whose rows a token reaches."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User

from autopilot import clock
from autopilot.models import ApiToken
from programs.access import holders_for
from programs.models import Member, MemberRole
from tests.programs.samples import holder

pytestmark = pytest.mark.django_db
PERMISSION = "programs.view_holder"


def token_of(user: User, **about) -> ApiToken:
    return ApiToken(user=user, expires_at=clock.now() + timedelta(days=1), **about)


def test_it_reaches_the_tenant_alone(reviewer):
    ours, _ = holder(), holder(ein="35-7654321", legal_name="Another Academy")

    assert list(holders_for(token_of(reviewer, tenant_id=ours.pk), PERMISSION)) == [ours]


def test_it_reaches_all_for_staff_with_the_permission(reviewer):
    ours, theirs = holder(), holder(ein="35-7654321", legal_name="Another Academy")

    assert set(holders_for(token_of(reviewer), PERMISSION)) == {ours, theirs}


def test_it_reaches_those_one_belongs_to_and_no_longer_than_one_belongs(django_user_model):
    ours, _ = holder(), holder(ein="35-7654321", legal_name="Another Academy")
    person = django_user_model.objects.create_user("dana")
    member = Member.objects.create(holder=ours, user=person, role=MemberRole.READ_ONLY)

    assert list(holders_for(token_of(person), PERMISSION)) == [ours]

    Member.objects.filter(pk=member.pk).update(left_at=clock.now())

    assert not holders_for(token_of(person), PERMISSION)
