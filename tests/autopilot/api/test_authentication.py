"""Who is let in: nobody whose token was taken back, whose account was closed, or who lost the right."""

import pytest

from autopilot.tokens import create_token, revoke_token
from tests.autopilot.admin.people import member
from tests.autopilot.api.conftest import Caller

pytestmark = pytest.mark.django_db


def test_it_is_refused_at_the_very_next_request_once_revoked(ann):
    token, secret = create_token(name="test", user=ann, scopes=["jobs:read"], by=None)
    caller = Caller(secret)
    assert caller.get("jobs").status_code == 200

    revoke_token(token, by=member("chief", is_superuser=True), reason="Lost")

    refused = caller.get("jobs")
    assert refused.status_code == 401
    assert refused["WWW-Authenticate"] == 'Bearer realm="provost"'


def test_it_is_refused_at_the_next_request_once_its_person_is_gone(ann):
    _, secret = create_token(name="test", user=ann, scopes=["jobs:read"], by=None)

    type(ann).objects.filter(pk=ann.pk).update(is_active=False)

    assert Caller(secret).get("jobs").status_code == 401


def test_it_loses_a_right_when_its_person_does(lindqvist, called):
    caller = called(lindqvist, "workers:read")
    assert caller.get("workers").status_code == 200

    lindqvist.groups.clear()

    assert caller.get("workers").status_code == 403
