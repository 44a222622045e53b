"""Editing what is decided on: a new version with its own revision, digest and difference."""

from datetime import timedelta

import pytest

from autopilot import clock
from autopilot.engine import amend, decide, forms, review_form
from autopilot.exceptions import DecisionRefused, FormInvalid
from autopilot.models import Checkpoint, CheckpointRevision
from autopilot.storable import digest
from autopilot.testing import run_jobs
from tests.autopilot.engine.runs import again, run
from tests.autopilot.engine.standing import last_event

pytestmark = pytest.mark.django_db

LINE = {
    "type": "object",
    "properties": {"title": {"type": "string", "minLength": 1}, "hours": {"type": "integer"}},
    "required": ["title"],
    "additionalProperties": False,
}
SCHEMA = {
    "type": "object",
    "properties": {
        "amount": {"type": "number", "minimum": 1},
        "note": {"type": "string", "maxLength": 9},
        "lines": {"type": "array", "items": LINE},
    },
    "required": ["amount"],
}
PAYLOAD = {"amount": 1, "note": "old", "lines": [{"title": "a", "hours": 1}], "total": 1, "reference": "R-1"}


def complete(payload):
    """Reckon what follows from the edits."""
    return payload | {"total": payload["amount"] * len(payload["lines"])}


@pytest.fixture
def checkpoint(alice, reviewers) -> Checkpoint:
    """A pending checkpoint that can be amended."""
    review_form("test.form", schema=SCHEMA, complete=complete)
    job, _ = run(
        lambda job: (
            job.approval("review", title="Fine?", payload=PAYLOAD, form="test.form", reviewers="Reviewer").payload
        ),
        requested_by=alice,
    )
    return job.checkpoints.get()


def test_it_makes_a_new_version_with_all_that_follows(checkpoint, bob):
    revision = amend(checkpoint.pk, actor=bob, version=1, edits={"amount": 5}, comment=" Five. ")

    expected = PAYLOAD | {"amount": 5, "total": 5}
    checkpoint.refresh_from_db()
    assert (checkpoint.payload, checkpoint.payload_version, checkpoint.payload_digest) == (
        expected,
        2,
        digest(expected),
    )
    assert (checkpoint.last_editor, checkpoint.last_editor_label, checkpoint.status) == (bob, "bob", "pending")
    assert (revision.version, revision.payload, revision.digest) == (2, expected, digest(expected))
    assert (revision.editor, revision.editor_label, revision.comment) == (bob, "bob", "Five.")
    assert revision.diff == [
        {"path": "/amount", "before": 1, "after": 5},
        {"path": "/total", "before": 1, "after": 5},
    ]


def test_it_keeps_every_version(checkpoint, bob, carol):
    amend(checkpoint.pk, actor=bob, version=1, edits={"amount": 2})
    amend(checkpoint.pk, actor=carol, version=2, edits={"amount": 3})

    assert [
        (revision.version, revision.payload["amount"], revision.editor_label)
        for revision in CheckpointRevision.objects.order_by("version")
    ] == [(1, 1, ""), (2, 2, "bob"), (3, 3, "carol")]


def test_it_stands_in_the_history_of_the_job(checkpoint, bob):
    amend(checkpoint.pk, actor=bob, version=1, edits={"amount": 2})

    event = last_event(checkpoint.job)
    assert (event.from_status, event.to_status, event.why, event.actor) == ("waiting", "waiting", "amended", "bob")
    assert event.detail == {"checkpoint": str(checkpoint.pk), "version": 2}


def test_what_goes_on_is_what_was_approved(checkpoint, bob, carol):
    amend(checkpoint.pk, actor=bob, version=1, edits={"amount": 2})
    decision = decide(checkpoint.pk, actor=carol, verdict="approve", version=2)
    run_jobs()

    result = again(checkpoint.job).result or {}
    assert result["amount"] == 2
    assert decision.payload_digest == digest(result)
    with pytest.raises(DecisionRefused):
        amend(checkpoint.pk, actor=bob, version=2, edits={"amount": 9})


@pytest.mark.parametrize(
    ("edits", "errors"),
    [
        ({"amount": "much"}, {"amount": "'much' is not of type 'number'"}),
        ({"amount": 0}, {"amount": "0 is less than the minimum of 1"}),
        ({"amount": float("nan")}, {"amount": "None is not of type 'number'"}),
        ({"note": "x" * 10}, {"note": f"'{'x' * 10}' is too long"}),
        ({"total": 9}, {"total": "This field cannot be edited."}),
        ({"reference": "R-2", "colour": "red"}, dict.fromkeys(("colour", "reference"), "This field cannot be edited.")),
        ({"lines": [{"title": ""}]}, {"lines/0/title": "'' should be non-empty"}),
        ({"lines": [{"hours": 3}, {"title": "b"}]}, {"lines/0/title": "This field is needed."}),
        (
            {"amount": None, "lines": [{"title": "a", "hours": "1"}]},
            {"amount": "None is not of type 'number'", "lines/0/hours": "'1' is not of type 'integer'"},
        ),
    ],
)
def test_it_refuses_edits_that_do_not_fit_and_says_so_by_field(checkpoint, bob, edits, errors):
    with pytest.raises(FormInvalid) as refused:
        amend(checkpoint.pk, actor=bob, version=1, edits=edits)

    assert refused.value.errors == errors
    assert Checkpoint.objects.get(pk=checkpoint.pk).payload_version == 1
    assert CheckpointRevision.objects.count() == 1


def test_it_refuses_edits_that_change_nothing(checkpoint, bob):
    with pytest.raises(FormInvalid, match="Nothing was changed"):
        amend(checkpoint.pk, actor=bob, version=1, edits={"amount": 1})


def test_it_refuses_to_amend_what_has_no_form(alice, bob):
    job, _ = run(
        lambda job: job.approval("review", title="Fine?", payload={}, reviewers="Reviewer"), requested_by=alice
    )

    with pytest.raises(FormInvalid, match="cannot be amended"):
        amend(job.checkpoints.get().pk, actor=bob, version=1, edits={"a": 1})


def test_it_passes_on_what_the_form_itself_refuses(alice, bob):
    def refuse(payload):
        raise FormInvalid(errors={"amount": "The document cannot print it."})

    review_form("test.strict", schema=SCHEMA, complete=refuse)
    job, _ = run(
        lambda job: job.approval("review", title="Fine?", payload=PAYLOAD, form="test.strict", reviewers="Reviewer"),
        requested_by=alice,
    )

    with pytest.raises(FormInvalid) as refused:
        amend(job.checkpoints.get().pk, actor=bob, version=1, edits={"amount": 2})

    assert refused.value.errors == {"amount": "The document cannot print it."}
    assert CheckpointRevision.objects.count() == 1


def test_it_may_be_edited_by_who_asked_for_it_and_again_by_who_edited_it(checkpoint, alice, bob):
    amend(checkpoint.pk, actor=alice, version=1, edits={"amount": 2})
    amend(checkpoint.pk, actor=bob, version=2, edits={"amount": 3})
    amend(checkpoint.pk, actor=bob, version=3, edits={"amount": 4})

    assert Checkpoint.objects.get(pk=checkpoint.pk).payload_version == 4


@pytest.mark.parametrize("code", ["not_allowed", "already_decided", "stale_version", "expired"])
def test_it_refuses_as_a_decision_would(checkpoint, bob, carol, stranger, code):
    actor = stranger if code == "not_allowed" else bob
    if code == "already_decided":
        decide(checkpoint.pk, actor=carol, verdict="approve", version=1)

    with clock.moved(timedelta(days=7 if code == "expired" else 0)), pytest.raises(DecisionRefused) as refused:
        amend(checkpoint.pk, actor=actor, version=9 if code == "stale_version" else 1, edits={"amount": 2})

    assert refused.value.code == code


def test_it_refuses_when_somebody_was_first_while_the_form_was_completed(alice, bob, carol):
    """The document is rendered without a lock; what counts is how the checkpoint stands afterwards."""
    deeds = [lambda checkpoint: amend(checkpoint.pk, actor=carol, version=1, edits={"amount": 7})]

    def overtaken(payload):
        if deeds:
            deeds.pop()(Checkpoint.objects.get())
        return payload

    review_form("test.slow", schema=SCHEMA, complete=overtaken)
    job, _ = run(
        lambda job: job.approval("review", title="Fine?", payload=PAYLOAD, form="test.slow", reviewers="Reviewer"),
        requested_by=alice,
    )

    with pytest.raises(DecisionRefused) as refused:
        amend(job.checkpoints.get().pk, actor=bob, version=1, edits={"amount": 2})

    assert refused.value.code == "stale_version"
    assert Checkpoint.objects.get().payload["amount"] == 7


def test_it_stores_edits_that_no_database_holds(checkpoint, bob):
    amend(checkpoint.pk, actor=bob, version=1, edits={"note": "a\0b\ud800"}, comment="\0")

    assert Checkpoint.objects.get(pk=checkpoint.pk).payload["note"] == "a\ufffdb\ufffd"
    assert CheckpointRevision.objects.get(version=2).comment == "\ufffd"


# --- what changed -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after", "rows"),
    [
        ({"a": 1}, {"a": 1}, []),
        ({"a": 1}, {"a": "1"}, [("/a", 1, "1")]),
        ({"a": {"b": 1, "c": 2}}, {"a": {"b": 1, "c": 3}}, [("/a/c", 2, 3)]),
        ({"a": [1, 2]}, {"a": [1, 3, 4]}, [("/a/1", 2, 3), ("/a/2", None, 4)]),
        ({"a": [1, 2]}, {"a": [1]}, [("/a/1", 2, None)]),
        ({"a": 1}, {"b": 2}, [("/a", 1, None), ("/b", None, 2)]),
        ({"a": [{"b": 1}]}, {"a": [{"b": 2}]}, [("/a/0/b", 1, 2)]),
        ({"a": [1]}, {"a": {"b": 1}}, [("/a", [1], {"b": 1})]),
        ({"a": 0}, {"a": False}, [("/a", 0, False)]),
        ({"a": 1}, {"a": 1.0}, [("/a", 1, 1.0)]),
    ],
)
def test_it_says_what_changed_value_by_value(before, after, rows):
    assert forms.difference(before, after) == [{"path": path, "before": old, "after": new} for path, old, new in rows]


# --- what nobody may edit ---------------------------------------------------------------------------------------------

FIXED = {"type": "string", "readOnly": True}
PARTLY_FIXED = {
    "type": "object",
    "properties": {
        "ein": FIXED,
        "owner": {"type": "object", "properties": {"id": FIXED, "name": {"type": "string"}}},
        "courses": {"type": "array", "items": {"properties": {"code": FIXED, "title": {"type": "string"}}}},
    },
}
HELD = {"ein": "1", "owner": {"id": "a", "name": "Ann"}, "courses": [{"code": "x"}, {"code": "y", "title": "Y"}]}


@pytest.mark.parametrize(
    ("edits", "path"),
    [
        ({"ein": "2"}, "ein"),
        ({"ein": None}, "ein"),
        ({"owner": {"id": "b", "name": "Ann"}}, "owner/id"),
        ({"courses": [{"code": "z"}]}, "courses/0/code"),
        ({"courses": [{"code": "x"}, {"code": "y"}, {"code": "new"}]}, "courses/2/code"),
    ],
)
def test_it_refuses_to_edit_what_is_read_only(edits, path):
    with pytest.raises(FormInvalid) as refused:
        forms.merged(PARTLY_FIXED, HELD, edits)

    assert refused.value.errors == {path: "This field cannot be edited."}


@pytest.mark.parametrize(
    "edits",
    [
        {"ein": "1"},
        {"owner": {"id": "a", "name": "Bea"}},
        {"courses": [{"code": "y", "title": "New"}]},
        {"courses": [{"code": "y"}, {"code": "x"}]},
        {"courses": [{"code": "x"}, {"code": "y"}, {"title": "One more"}]},
    ],
)
def test_it_edits_what_stands_beside_it(edits):
    assert forms.merged(PARTLY_FIXED, HELD, edits) == HELD | edits
