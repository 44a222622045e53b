"""However many rows there are, a page asks the database as often as for one."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from autopilot import clock, engine
from autopilot.admin.base import CappedPaginator
from autopilot.models import Checkpoint, ClusterRestart, Job, Portal, Worker
from tests.autopilot.admin import packets, rows
from tests.autopilot.admin.addresses import listed, page
from tests.autopilot.admin.people import member
from tests.autopilot.engine.packets import lent

pytestmark = pytest.mark.django_db

MOST = 50
BOUND = 9  # for a list, with the session, the person who asks and the numbers beside the navigation
INBOX_BOUND = 10  # which also tells of changes, comments and organizations


def grow_checkpoints():
    """Add checkpoints of which a row tells all it can: amended, commented, and in somebody's hand."""
    editor, other = member("editor", "Reviewer"), member("other", "Reviewer")
    for _ in range(MOST):
        checkpoint = packets.waiting()
        engine.amend(checkpoint.pk, actor=editor, version=1, edits={"note": "Called."})
        engine.comment(checkpoint.pk, actor=other, text="Once.")
        engine.claim(checkpoint.pk, actor=other)


def grow_delegations():
    for number in range(MOST):
        lent(member(f"lender{number}"), member(f"borrower{number}"))


def grow_jobs():
    for _ in range(MOST):
        rows.job()


def grow_submissions():
    for number in range(MOST):
        portal = Portal.objects.create(slug=f"p{number}", name=f"P {number}", delivery="manual", instructions="x")
        rows.submitted_by_hand(f"packet {number}", portal)


def grow_documents():
    for number in range(MOST):
        rows.document(f"packet {number}")


def grow_schedules():
    for number in range(MOST):
        rows.schedule(f"schedule {number}")


def grow_workers():
    for number in range(MOST):
        Worker.objects.create(name=f"worker{number}")


def grow_portals():
    for number in range(MOST):
        Portal.objects.create(slug=f"q{number}", name=f"Q {number}", delivery="manual", instructions="x")


def grow_heartbeats():
    for number in range(MOST):
        rows.heartbeat(f"there:{number}")


def grow_restarts():
    for number in range(MOST):
        ClusterRestart.objects.create(cluster="here", reason=str(number))


def grow_endpoints():
    for number in range(MOST):
        rows.webhook_delivery(f"https://hooks.example.org/{number}")


GROWN = {
    "webhookendpoint": grow_endpoints,
    "webhookdelivery": grow_endpoints,
    "delegation": grow_delegations,
    "job": grow_jobs,
    "submission": grow_submissions,
    "document": grow_documents,
    "schedule": grow_schedules,
    "worker": grow_workers,
    "portal": grow_portals,
    "outboxmessage": grow_checkpoints,
    "clusterheartbeat": grow_heartbeats,
    "clusterrestart": grow_restarts,
    "auditentry": lambda: rows.entries(MOST),
}


def asked(client, address):
    """Return how many statements a page takes."""
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return len(queries)


@pytest.mark.parametrize("model", sorted(GROWN))
def test_its_lists_ask_as_often_for_fifty_rows_as_for_one(client, stone, model):
    rows.one_of_each()
    client.force_login(stone)
    client.get(listed(model))

    for_one = asked(client, listed(model))
    GROWN[model]()
    for_many = asked(client, listed(model))

    assert for_many <= for_one <= BOUND


@pytest.mark.parametrize("show", ["", "groups", "mine", "overdue", "all"])
def test_its_inbox_asks_as_often_for_fifty_rows_as_for_one(client, groups, show):
    person = member("other2", "Reviewer")
    rows.one_of_each()
    client.force_login(person)
    client.get(listed("checkpoint"))

    grow_checkpoints()
    Checkpoint.objects.update(assignee=person, due_at=clock.now())
    for_many = asked(client, f"{listed('checkpoint')}?show={show}")

    assert for_many <= INBOX_BOUND + 2 * (show == "groups")


def test_its_job_page_asks_as_often_for_a_long_history(client, stone, okafor):
    checkpoint = packets.waiting()
    client.force_login(stone)
    client.get(page(checkpoint.job))

    for_short = asked(client, page(checkpoint.job))
    for _ in range(20):
        engine.hold(checkpoint.job_id, actor=stone, reason="x")
        engine.release(checkpoint.job_id, actor=stone, reason="Go on.")
    for_long = asked(client, page(checkpoint.job))

    assert for_long <= for_short <= 16


def test_its_review_page_asks_as_often_for_many_versions(client, stone, rivera, okafor):
    checkpoint = packets.waiting()
    client.force_login(stone)
    client.get(page(checkpoint))

    for version in range(1, 4):
        engine.amend(checkpoint.pk, actor=rivera, version=version, edits={"note": f"note {version}"})
    for_few = asked(client, page(checkpoint))
    for version in range(4, 20):
        engine.amend(checkpoint.pk, actor=rivera, version=version, edits={"note": f"note {version}"})
    for_many = asked(client, page(checkpoint))

    for number in range(20):
        engine.comment(checkpoint.pk, actor=rivera, text=f"comment {number}")
        engine.claim(checkpoint.pk, actor=okafor)
        engine.release_claim(checkpoint.pk, actor=okafor)
    for_much = asked(client, page(checkpoint))

    assert for_much <= for_many + 1
    assert for_many <= for_few <= 26


def test_its_submission_page_is_bounded(client, stone, django_assert_max_num_queries):
    submission = rows.submitted_by_hand()
    client.force_login(stone)

    with django_assert_max_num_queries(8):
        assert client.get(page(submission)).status_code == 200


def test_it_counts_no_further_than_anybody_turns_pages(client, stone, monkeypatch):
    monkeypatch.setattr(CappedPaginator, "most", 3)
    for _ in range(6):
        rows.job()
    client.force_login(stone)

    answer = client.get(listed("job")).text

    assert "More than 3 jobs. Search or filter" in answer
    assert Job.objects.count() == 6


def test_it_counts_what_is_less(client, stone):
    for _ in range(6):
        rows.job()
    client.force_login(stone)

    assert "6 jobs" in client.get(listed("job")).text
