"""The numbers beside the navigation: what waits for this person, counted in one statement."""

import re

import pytest
from django.contrib.auth.models import Group
from django.core.cache import caches
from django.urls import reverse

from autopilot import clock
from autopilot.engine import may_review
from autopilot.exceptions import FourEyes
from autopilot.models import Checkpoint, Delegation, OutboxMessage, Portal
from autopilot.reports import attention
from tests.autopilot.admin.people import member
from tests.autopilot.admin.rows import submitted_by_hand
from tests.autopilot.dashboard.states import HOUR, failed, message
from tests.autopilot.engine.people import person
from tests.autopilot.sweep.asking import asked

pytestmark = pytest.mark.django_db
EVERYTHING = ("Checkpoint", "Submission", "Job", "OutboxMessage", "Portal")


def waits_for(someone, subjects=EVERYTHING):
    return attention.attention(someone, subjects)


def test_it_counts_what_waits_for_a_person(operator):
    asked(reviewers="Operator")
    submitted_by_hand()
    failed(2)
    failed(1, reason="rejected")
    failed(1, ago=25 * HOUR)
    message(status=OutboxMessage.Status.FAILED)

    assert waits_for(operator) == {"Checkpoint": 1, "Submission": 1, "Job": 2, "OutboxMessage": 1}


def test_it_counts_the_portals_that_fail_again_and_again(operator):
    for failures in (4, 5, 9):
        Portal.objects.create(
            name="A portal",
            slug=f"portal-{failures}",
            delivery=Portal.Delivery.SANDBOX,
            base_url="http://a/",
            failures=failures,
        )

    assert waits_for(operator) == {"Portal": 2}


def test_it_leaves_out_what_a_person_may_not_see(operator):
    failed(1)

    assert waits_for(operator, ["Checkpoint"]) == {}


def test_it_counts_the_checkpoints_of_a_persons_groups(bob, stranger, reviewers):
    asked()
    groups = asked(reviewers="Reviewer")
    others = asked()
    others.reviewers.set([Group.objects.create(name="Others")])
    mine, edited = asked(reviewers="Reviewer"), asked(reviewers="Reviewer")
    Checkpoint.objects.filter(pk=mine.pk).update(requester=bob)
    Checkpoint.objects.filter(pk=edited.pk).update(last_editor=bob)

    assert set(attention.decidable_by(bob)) == {groups}
    assert waits_for(stranger) == {}


def test_it_counts_as_the_engine_decides(alice, bob, reviewers):
    for requester, editor in ((None, None), (bob, None), (None, bob), (alice, alice)):
        checkpoint = asked(reviewers="Reviewer")
        Checkpoint.objects.filter(pk=checkpoint.pk).update(requester=requester, last_editor=editor)

    allowed = {
        each
        for each in Checkpoint.objects.all()
        if may_review(each, bob) and bob.pk not in (each.requester_id, each.last_editor_id)
    }

    assert set(attention.decidable_by(bob)) == allowed
    assert FourEyes.code == "four_eyes"


def test_it_counts_for_who_stands_in_for_another(bob, reviewers):
    checkpoint = asked(reviewers="Reviewer")
    stand_in = person("stand-in", Group.objects.create(name="Elsewhere"))
    stand_in.user_permissions.set(reviewers.permissions.all())
    assert set(attention.decidable_by(stand_in)) == set()

    now = clock.now()
    Delegation.objects.create(delegator=bob, delegate=stand_in, starts_at=now, ends_at=now + HOUR, reason="Away.")
    found = set(attention.decidable_by(type(stand_in).objects.get(pk=stand_in.pk)))

    assert found == {checkpoint}
    with clock.moved(2 * HOUR):
        assert set(attention.decidable_by(stand_in)) == set()


def test_it_counts_no_further_than_it_says(operator, monkeypatch, client):
    monkeypatch.setattr(attention, "MOST", 2)
    monkeypatch.setattr("config.admin.MOST", 2)
    failed(5)
    client.force_login(operator)

    page = client.get(reverse("admin:autopilot_worker_changelist")).text

    assert waits_for(operator) == {"Job": 3}
    assert re.search(
        r"Jobs <span class=\"sidebar-count number\">2\+<span class=\"visually-hidden\"> failed since", page
    )


def test_it_costs_a_page_one_statement(operator, django_assert_num_queries):
    failed(1)
    operator.has_perm("autopilot.decide_checkpoint")

    with django_assert_num_queries(1):
        waits_for(operator)


def test_it_is_counted_once_within_seconds(operator, settings, django_assert_num_queries):
    settings.CACHES = settings.CACHES | {"figures": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    caches["figures"].clear()
    failed(1)
    other = member("other", "Operator")
    waits_for(operator)

    with django_assert_num_queries(0):
        assert waits_for(operator) == {"Job": 1}
    assert waits_for(other) == {"Job": 1}
