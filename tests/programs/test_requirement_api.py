"""Holders, requirements and proofs over the API."""

from typing import Any

import pytest
from django.test import Client

from autopilot.identifiers import uuid7
from autopilot.models import OutboxMessage
from autopilot.tokens import create_token
from programs.models import MemberRole, RequirementStatus
from tests.autopilot.uploads.files import ACTIVE, upload
from tests.programs.proofs import a_file, in_days, owner, requirement
from tests.programs.samples import holder, member_of

pytestmark = pytest.mark.django_db
SCOPES = ["holders:read", "requirements:read", "requirements:write"]


@pytest.fixture
def school():
    return holder()


def calls(user, tenant=None, scopes=SCOPES):
    """Return functions that get and post with a token."""
    _, secret = create_token(name="test", user=user, scopes=scopes, by=None, tenant_id=tenant)
    client, headers = Client(), {"Authorization": f"Bearer {secret}"}

    def get(path: str) -> Any:
        return client.get(f"/api/v1/{path}", headers=headers)

    def post(path: str, sent: dict[str, Any], key: str = "") -> Any:
        return client.post(f"/api/v1/{path}", sent, headers=headers | {"Idempotency-Key": key or str(uuid7())})

    return get, post


def test_a_tenant_reads_its_holder_with_the_score_line_by_line(school):
    holder(ein="35-7654321")
    get, _ = calls(owner(school), school.pk)

    (found,) = get("holders").json()["results"]

    assert found == get(f"holders/{school.pk}").json()
    assert (found["id"], found["score"]["points"], found["score"]["standing"]) == (str(school.pk), 27, "at_risk")
    assert found["score"]["parts"][0]["lines"][0] == {
        "title": "Business or school license", "found": "Missing", "is_good": False,
    }  # fmt: skip
    assert "ein" not in found


def test_the_checklist_is_read_by_status(school):
    get, _ = calls(owner(school), school.pk)

    rows = get("requirements?status=missing&page_size=100").json()["results"]

    assert len(rows) == 16
    assert get("requirements?status=accepted").json()["results"] == []
    assert get("requirements?status=fine").status_code == 400


def test_a_proof_is_uploaded(school):
    row = requirement(school, "license")
    _, post = calls(owner(school))

    answer = post(f"requirements/{row.pk}/proof", {"files": [a_file(), a_file("b.pdf")], "expires_on": in_days(9)})

    assert answer.status_code == 200, answer.content
    assert (answer.json()["status"], answer.json()["files"]) == ("submitted", 2)


def test_a_proof_that_is_sent_twice_is_handed_in_once(school):
    row = requirement(school, "license")
    _, post = calls(owner(school), school.pk)

    def send(**changes: Any) -> Any:
        return post(f"requirements/{row.pk}/proof", {"files": a_file(), "expires_on": in_days(9)} | changes, key="once")

    first, again, other = send(), send(), send(expires_on=in_days(10))

    assert (first.status_code, first.json()) == (again.status_code, again.json())
    assert again["Idempotency-Replayed"] == "true"
    assert other.json()["type"].endswith("key_reused")
    assert row.uploads.count() == 1
    assert OutboxMessage.objects.filter(topic="programs.requirement.submitted").count() == 1


def test_what_waits_already_changes_nothing_under_another_key(school):
    row = requirement(school, "license")
    _, post = calls(owner(school), school.pk)

    for _ in range(2):
        assert post(f"requirements/{row.pk}/proof", {"files": a_file(), "expires_on": in_days(9)}).status_code == 200

    assert row.uploads.count() == 1
    assert OutboxMessage.objects.filter(topic="programs.requirement.submitted").count() == 1


def test_it_says_what_to_send_in_place_of_json(school):
    row = requirement(school, "license")
    _, secret = create_token(name="test", user=owner(school), scopes=SCOPES, by=None, tenant_id=school.pk)

    answer = Client().post(
        f"/api/v1/requirements/{row.pk}/proof", {}, "application/json", headers={"Authorization": f"Bearer {secret}"}
    )

    assert answer.status_code == 415
    assert answer.json()["title"] == "This type of content is not read here"
    assert answer.json()["detail"] == "Send a form with the files, as multipart/form-data."


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ({}, "required"),
        ({"files": upload("page.html", b"<script>"), "expires_on": "2099-01-01"}, "extension"),
        ({"files": upload("x.pdf", ACTIVE["a script when opened"]), "expires_on": "2099-01-01"}, "active"),
        ({"files": a_file()}, "no_expiry"),
        ({"files": a_file(), "expires_on": "soon"}, "invalid"),
        ({"files": a_file(), "expires_on": "2099-01-01", "verdict": "accepted"}, "unknown"),
    ],
)
def test_a_wrong_proof_is_a_problem_with_a_pointer(school, sent, code):
    row = requirement(school, "license")
    _, post = calls(owner(school), school.pk)

    answer = post(f"requirements/{row.pk}/proof", sent)

    assert answer.status_code == 400, answer.content
    assert code in [error["code"] for error in answer.json()["errors"]]
    row.refresh_from_db()
    assert row.status == RequirementStatus.MISSING


def test_another_tenant_and_a_reader_send_nothing(school):
    row = requirement(school, "handbook")
    other = holder(ein="35-7654321")
    callers = [calls(owner(other), other.pk), calls(member_of(school, MemberRole.READ_ONLY))]

    assert [post(f"requirements/{row.pk}/proof", {"files": a_file()}).status_code for _, post in callers] == [404, 404]
    assert [get(f"requirements/{row.pk}").status_code for get, _ in callers] == [404, 200]
    assert [get(f"holders/{school.pk}").status_code for get, _ in callers] == [404, 200]


def test_each_operation_needs_its_scope(school):
    row = requirement(school, "handbook")
    get, post = calls(owner(school), school.pk, ["jobs:read"])

    answers = [get("holders"), get("requirements"), post(f"requirements/{row.pk}/proof", {"files": a_file()})]

    assert [answer.status_code for answer in answers] == [403] * 3


def test_a_page_takes_a_bounded_number_of_queries(school, django_assert_max_num_queries):
    get, _ = calls(owner(school), school.pk)

    with django_assert_max_num_queries(14):
        get("holders")
    with django_assert_max_num_queries(12):
        get("requirements")
