"""API tokens in the office: given out, shown once, taken back, and only by those who may."""

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from autopilot.models import AuditEntry
from autopilot.models.tokens import ApiToken
from autopilot.tokens import create_token, find_token
from tests.autopilot.admin.addresses import listed, page

pytestmark = pytest.mark.django_db
ADD = reverse("admin:autopilot_apitoken_add")
ENTERED = {
    "name": "School portal",
    "user": "stone",
    "scopes": ["jobs:read", "jobs:write"],
    "days": "30",
    "tenant_id": "",
}


@pytest.fixture
def auditor(lindqvist):
    """Somebody who may see tokens, and no more."""
    lindqvist.user_permissions.add(Permission.objects.get(codename="view_apitoken"))
    return lindqvist


@pytest.fixture
def token(stone) -> ApiToken:
    """A token that is in use."""
    return create_token(name="School portal", user=stone, scopes=["jobs:read"], by=stone)[0]


def test_it_shows_a_new_token_once(as_person, stone):
    client = as_person(stone)

    created = client.post(ADD, ENTERED)

    secret = created.context["secret"]
    token = find_token(secret)
    assert token is not None
    assert (created.status_code, token.user, token.scopes) == (201, stone, ["jobs:read", "jobs:write"])
    assert secret in created.content.decode()
    assert "no-store" in created["Cache-Control"]
    assert secret not in client.get(page(token)).content.decode()
    assert secret not in client.get(listed("apitoken")).content.decode()
    assert AuditEntry.objects.get(name="autopilot.token.created").actor == stone


@pytest.mark.parametrize(
    ("field", "entered", "message"),
    [
        ("name", "", "required"),
        ("user", "nobody", "no account"),
        ("user", "rivera", "no right to what workers:control opens"),
        ("scopes", ["everything"], "valid choice"),
        ("scopes", [], "Choose what it opens"),
        ("days", "400", "less than or equal to 365"),
        ("tenant_id", "mine", "valid UUID"),
        ("tenant_id", "019af0a1-7c3e-7b52-9d1e-3f6c2a8b4d10", "whole network"),
    ],
)
def test_it_refuses_beside_its_field(as_person, stone, rivera, field, entered, message):
    everything = ENTERED | {"scopes": ["jobs:read", "workers:control"]}

    refused = as_person(stone).post(ADD, everything | {field: entered})

    assert refused.status_code == 422
    assert message in str(refused.context["form"].errors)
    assert not ApiToken.objects.exists()


def test_it_revokes_with_a_reason(as_person, stone, token):
    client = as_person(stone)
    chosen = {"action": "revoke_tokens", "_selected_action": [token.pk]}

    asked = client.post(listed("apitoken"), chosen)
    client.post(listed("apitoken"), chosen | {"confirmed": "yes", "reason": "Lost"})

    token.refresh_from_db()
    assert "The next request with it is refused." in asked.content.decode()
    assert token.revoked_at is not None
    assert AuditEntry.objects.get(name="autopilot.token.revoked").data["reason"] == "Lost"
    assert "Revoked" in client.get(page(token)).content.decode()


def test_it_lets_who_may_only_see_see(as_person, auditor, token):
    client = as_person(auditor)

    assert client.get(page(token)).status_code == 200
    assert b"Revoke" not in client.get(page(token)).content
    assert client.get(ADD).status_code == 403
    assert client.post(ADD, ENTERED).status_code == 403
    client.post(listed("apitoken"), {"action": "revoke_tokens", "_selected_action": [token.pk], "confirmed": "yes"})
    token.refresh_from_db()
    assert token.revoked_at is None


def test_it_is_closed_to_everybody_else(as_person, rivera, token):
    client = as_person(rivera)

    assert [client.get(path).status_code for path in (listed("apitoken"), page(token), ADD)] == [403, 403, 403]


def test_it_asks_the_database_as_often_for_many_as_for_one(as_person, stone, django_assert_max_num_queries):
    for number in range(30):
        create_token(name=f"Token {number}", user=stone, scopes=["jobs:read"], by=stone)
    client = as_person(stone)

    with django_assert_max_num_queries(8):
        assert client.get(listed("apitoken")).status_code == 200
