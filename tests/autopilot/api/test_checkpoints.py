"""Checkpoints over the API: read with an ETag, decided by the version that was read."""

import pytest

from autopilot import engine
from autopilot.engine import JobContext, handler, review_form
from autopilot.models import Checkpoint, Decision
from autopilot.testing import run_jobs
from tests.autopilot.admin.people import member

pytestmark = pytest.mark.django_db

FORM = {
    "type": "object",
    "properties": {"amount": {"type": "integer"}, "ein": {"type": "string", "writeOnly": True}},
}
APPROVE = {"verdict": "approve"}


@pytest.fixture
def waiting(tenant, ann) -> Checkpoint:
    """A packet that waits for two eyes more."""
    review_form("test.form", schema=FORM)

    @handler("test.review", requestable=True)
    def review(job: JobContext, quorum: int = 1) -> None:
        payload = {"amount": 7, "ein": "canary-ein"}
        job.approval("review", title="Seven?", payload=payload, form="test.form", reviewers="Reviewer", quorum=quorum)

    engine.enqueue("test.review", tenant_id=tenant, requested_by=ann)
    run_jobs()
    return Checkpoint.objects.get()


@pytest.fixture
def reviewer(called, rivera):
    """A reviewer with a token that decides."""
    return called(rivera, "checkpoints:read", "checkpoints:decide")


def read(caller, checkpoint):
    return caller.get(f"checkpoints/{checkpoint.pk}")


def decide(caller, checkpoint, body=APPROVE, etag=None):
    etag = read(caller, checkpoint)["ETag"] if etag is None else etag
    return caller.post(f"checkpoints/{checkpoint.pk}/decide", body, If_Match=etag)


def kind_of(response) -> tuple[int, str]:
    return response.status_code, response.json()["type"].rpartition(":")[2]


def test_it_shows_what_is_decided_on(reviewer, waiting):
    told = read(reviewer, waiting)

    assert told["ETag"].startswith('"1.')
    assert (told.json()["payload"], told.json()["verdicts"]) == ({"amount": 7, "ein": "••••••"}, ["approve", "reject"])
    assert [row["id"] for row in reviewer.get("checkpoints?status=pending").json()["results"]] == [str(waiting.pk)]
    assert reviewer.get("checkpoints?status=approved").json()["results"] == []


def test_it_says_that_nothing_has_changed(reviewer, waiting):
    etag = read(reviewer, waiting)["ETag"]

    unchanged = reviewer.get(f"checkpoints/{waiting.pk}", If_None_Match=etag)

    assert (unchanged.status_code, unchanged.content, unchanged["ETag"]) == (304, b"", etag)


def test_it_takes_a_decision(reviewer, waiting, rivera):
    response = decide(reviewer, waiting)

    decision = Decision.objects.get()
    assert (response.status_code, response.json()["status"]) == (200, "approved")
    assert response.json()["outcome"] == {"verdict": "approve", "by": "rivera", "comment": "", "version": 1}
    assert (decision.actor, decision.channel, decision.ip) == (rivera, "api", "127.0.0.1")
    assert run_jobs() == [("test.review", "completed")]


def test_it_wants_the_version_that_was_read(reviewer, waiting):
    path = f"checkpoints/{waiting.pk}/decide"

    assert kind_of(reviewer.post(path, APPROVE)) == (428, "version_missing")
    assert kind_of(reviewer.post(path, APPROVE, If_Match="*")) == (400, "invalid")
    assert not Decision.objects.exists()


@pytest.mark.parametrize("etag", ['"2.9f86d081884c7d65"', '"9f86d081884c7d65"', "1", '"999999999999999999.0"', '""'])
def test_it_refuses_a_version_that_is_not_the_one_at_hand(reviewer, waiting, etag):
    assert kind_of(decide(reviewer, waiting, etag=etag)) == (412, "stale_version")
    assert not Decision.objects.exists()


def test_it_refuses_a_version_that_was_amended_since(reviewer, waiting):
    etag = read(reviewer, waiting)["ETag"]
    engine.amend(waiting.pk, actor=member("okafor", "Reviewer"), version=1, edits={"amount": 8})

    stale = decide(reviewer, waiting, etag=etag)

    assert (kind_of(stale), stale.json()["current_version"]) == ((412, "stale_version"), 2)
    assert decide(reviewer, waiting).status_code == 200


def test_it_takes_an_etag_that_a_proxy_has_weakened(reviewer, waiting):
    assert decide(reviewer, waiting, etag="W/" + read(reviewer, waiting)["ETag"]).status_code == 200


def test_it_names_who_was_first(reviewer, waiting, called):
    okafor = member("okafor", "Reviewer")
    engine.decide(waiting.pk, actor=okafor, verdict="reject", version=1, comment="Not this one")

    late = decide(reviewer, waiting)

    assert kind_of(late) == (409, "already_decided")
    assert "okafor" in late.json()["detail"]
    assert late.json()["outcome"] == {"verdict": "reject", "by": "okafor", "comment": "Not this one", "version": 1}


def test_it_wants_another_person(called, waiting, ann):
    ann.groups.set(member("okafor", "Reviewer").groups.all())
    themselves = called(ann, "checkpoints:read", "checkpoints:decide")

    assert kind_of(decide(themselves, waiting)) == (403, "four_eyes")
    assert not Decision.objects.exists()


def test_it_wants_a_reviewer_of_this_packet(called, waiting):
    clerk = called(member("clerk", "Finance"), "checkpoints:read", "checkpoints:decide")

    assert kind_of(decide(clerk, waiting)) == (403, "not_allowed")


def test_it_wants_a_reviewer_who_still_is_one(reviewer, waiting, rivera):
    etag = read(reviewer, waiting)["ETag"]
    rivera.groups.clear()

    assert decide(reviewer, waiting, etag=etag).status_code == 404  # the right to see it went as well
    assert not Decision.objects.exists()


def test_it_wants_a_reason_for_a_rejection(reviewer, waiting):
    refused = decide(reviewer, waiting, {"verdict": "reject"})

    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (400, "/comment")


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/verdict"),
        ({"verdict": "perhaps"}, "/verdict"),
        ({"verdict": "happened"}, "/verdict"),
        (APPROVE | {"actor": 1}, "/actor"),
        (APPROVE | {"version": 1}, "/version"),
        (APPROVE | {"data": {"break_glass": True}}, "/data/break_glass"),
    ],
)
def test_it_refuses_what_is_no_decision(reviewer, waiting, body, pointer):
    refused = decide(reviewer, waiting, body)

    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (400, pointer)
    assert not Decision.objects.exists()


def test_it_shows_a_checkpoint_to_whom_its_job_is_shown(provider, owner, operator, called, ann, waiting):
    other = called(member("bea", is_staff=False), "checkpoints:read")
    stranger = called(ann, "checkpoints:read", tenant=waiting.pk)

    for caller in (provider, owner, operator):
        assert read(caller, waiting).status_code == 200
    for caller in (other, stranger):
        assert read(caller, waiting).status_code == 404
        assert caller.get("checkpoints").json()["results"] == []


def test_it_asks_the_database_as_often_for_many_as_for_one(operator, waiting, django_assert_max_num_queries):
    copies = [
        Checkpoint(job=waiting.job, tenant_id=waiting.tenant_id, generation=1, key=f"k{n}", kind="reconcile")
        for n in range(60)
    ]
    Checkpoint.objects.bulk_create(copies)

    with django_assert_max_num_queries(5):
        assert len(operator.get("checkpoints?page_size=100").json()["results"]) == 61
