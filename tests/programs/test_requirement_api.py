"""Holders, requirements and proofs over the API."""

from typing import Any

import pytest
from django.test import Client

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

    def post(path: str, sent: dict[str, Any]) -> Any:
        return client.post(f"/api/v1/{path}", sent, headers=headers)

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
