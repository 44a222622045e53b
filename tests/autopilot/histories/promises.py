"""What holds at every moment of every history, whoever died, froze or changed their mind."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta

from autopilot import clock
from autopilot.engine.transitions import chain_hash
from autopilot.models import FINAL, Attempt, Checkpoint, JobStatus, Step
from autopilot.storable import digest
from tests.autopilot.histories.packet import STEPS, TOPIC
from tests.autopilot.histories.rows import Rows, read
from tests.autopilot.histories.world import World

Promise = Callable[[Rows], None]
A_MOMENT = timedelta(seconds=1)
NOTHING_MOVES = {"hold", "release", "amended"}


def keep(world: World) -> list[Rows]:
    """Fail unless every promise is kept, for every job; returns what was looked at."""
    everything = read()
    for rows in everything:
        for promise in PROMISES:
            promise(rows)
        outside_effects_happen_once(rows, world)
    assert not world.wrongs, world.wrongs
    one_live_job_per_unique_key(everything)
    return everything


def history_is_unbroken(rows: Rows) -> None:
    """Every event follows from the one before it, by status and by hash, and the job stands where the last one ends."""
    status, number, known = "", 0, ""
    for event in rows.events:
        assert (event.from_status, event.seq, event.previous_hash) == (status, number + 1, known), rows.events
        assert event.from_status != event.to_status or event.why in NOTHING_MOVES, rows.events
        assert event.hash == chain_hash(event), f"forged: {event}"
        status, number, known = event.to_status, event.seq, event.hash
    assert (rows.job.status, rows.job.event_seq, rows.job.event_hash) == (status, number, known), rows.events


def waits_for_one_thing(rows: Rows) -> None:
    """A job that is not final waits for exactly one thing, and a final one for none."""
    awaited = awaits(rows)
    if rows.job.status in FINAL:
        assert not awaited, f"ended, but waits for {awaited}"
    else:
        assert len(awaited) == 1, f"{rows.job.status}, and waits for {awaited or 'nothing'}"


def awaits(rows: Rows) -> list[str]:
    """Return what will move a job on."""
    job = rows.job
    awaited = [f"a decision on {checkpoint.key}" for checkpoint in rows.open]
    awaited += ["a time"] if job.wake_at is not None else []
    awaited += ["the end of a lease"] if job.lease_until is not None else []
    awaited += ["its turn"] if job.status == JobStatus.PENDING else []
    # A hold stands before whatever else the job waits for.
    return ["a release"] if job.held_at is not None and len(awaited) == 1 else awaited


def attempts_are_accounted(rows: Rows) -> None:
    """Every claim is an attempt; none is left open but the one that runs; limits are limits."""
    job = rows.job
    assert [attempt.epoch for attempt in rows.attempts] == list(range(1, job.epoch + 1))
    unfinished = [attempt.epoch for attempt in rows.attempts if attempt.outcome == Attempt.Outcome.RUNNING]
    assert unfinished == ([job.epoch] if job.status == JobStatus.RUNNING else []), f"{job.status}: {unfinished}"
    assert job.attempt <= job.max_attempts
    assert job.crashes <= job.max_crashes


def late_jobs_never_start(rows: Rows) -> None:
    """A job that was to start by a time started before it, or never."""
    started, latest = rows.job.first_started_at, rows.job.start_by
    assert started is None or latest is None or started < latest


def only_owners_write(rows: Rows) -> None:
    """No step was finished by a run after another one had claimed the job."""
    claims = {event.epoch: event.at for event in rows.events if event.why == "claim"}
    for step in rows.steps:
        written = step.finished_at or step.created_at
        overtaken = claims.get(step.epoch + 1)
        assert overtaken is None or step.inherited or written <= overtaken, f"{step.key}: written by run {step.epoch}"


def local_effects_happen_once(rows: Rows) -> None:
    """What the handler wrote in this database is there once a generation, and its memo with it."""
    written = Counter((entry.name.rpartition(".")[2], entry.data["generation"]) for entry in rows.entries)
    done = {(step.key, step.generation) for step in rows.steps if not step.inherited}
    assert set(written.values()) <= {1}, written
    assert set(written) == {
        (entry, generation)
        for key, entry in (("book", "booked"), ("close", "closed"))
        for step_key, generation in done
        if step_key == key
    }


def messages_are_sent_once(rows: Rows) -> None:
    """There is one message for every step that left one, and one for every question that was put to a person."""
    left = {step.output for step in rows.steps if step.effect == Step.Effect.EMIT}
    assert {str(message.pk) for message in rows.messages if message.topic == TOPIC} == left
    asked = [
        str(checkpoint.pk)
        for checkpoint in rows.checkpoints
        if checkpoint.kind != Checkpoint.Kind.INFO and checkpoint.inherited_from_id is None
    ]
    told = [m.references["checkpoint_id"] for m in rows.messages if m.topic == "autopilot.checkpoint.opened"]
    assert sorted(told) == sorted(asked)


def others_decided(rows: Rows) -> None:
    """Nobody decided what they had asked for, or had edited last, and every vote is about the version it names."""
    revisions = {(revision.checkpoint_id, revision.version): revision for revision in rows.revisions}
    for decision in rows.decisions:
        revision = revisions[decision.checkpoint_id, decision.payload_version]
        assert decision.actor_id != rows.job.requested_by_id, "who asked for it decided it"
        assert decision.actor_id != revision.editor_id, "who edited it decided it"
        assert decision.payload_digest == revision.digest == digest(revision.payload)


def first_decision_counts(rows: Rows) -> None:
    """A checkpoint's outcome is the decision that decided it: the last one taken, which no later one replaced."""
    for checkpoint in rows.checkpoints:
        votes = [vote for vote in rows.decisions if vote.checkpoint_id == checkpoint.pk]
        current = [vote for vote in votes if vote.payload_version == checkpoint.payload_version]
        approvals = [vote for vote in current if vote.verdict == "approve"]
        others = [vote for vote in votes if vote.verdict != "approve"]
        assert len(approvals) <= checkpoint.quorum, "decided, and decided again"
        assert len(others) <= 1, "decided, and decided again"
        if checkpoint.inherited_from_id is None:
            decided = bool(others) or len(approvals) == checkpoint.quorum
            assert not (others and len(approvals) == checkpoint.quorum), "approved, and something else"
            assert decided == (checkpoint.status in ("approved", "rejected", "happened", "not_happened"))


def completed_jobs_are_done(rows: Rows) -> None:
    """A job that completed has every step of its handler behind it, and says so."""
    if rows.job.status == JobStatus.COMPLETED:
        assert rows.job.result == {"receipt": "R-1", "decision": "accepted"}
        assert [key for key in STEPS if rows.stored(key) is None] == []


def outside_effects_happen_once(rows: Rows, world: World) -> None:
    """One effect a key where keys are honored; elsewhere one a generation, but for the one limit that nobody can lift."""
    for generation in range(1, rows.job.generation + 1):
        prefix = f"{rows.job.pk}:{generation}:"
        assert len([key for key in world.register if key.startswith(prefix)]) <= 1, "another key for the same effect"
        effects = [effect for effect in world.portal if (effect.job_id, effect.generation) == (rows.job.pk, generation)]
        assert len(effects) <= 1 or limit_was_reached(rows, generation, world), f"submitted {len(effects)} times"
        submitted = [s for s in rows.steps if (s.key, s.generation, s.state) == ("submit", generation, "done")]
        assert effects or not submitted or submitted[0].inherited, "stored a submission that never happened"


def limit_was_reached(rows: Rows, generation: int, world: World) -> bool:
    """Return whether processes paused just before the call, beyond their leases, and a person saw nothing meanwhile.

    A process that has passed its last fence cannot be held back by a database, and a portal that knows no keys takes
    its call. All but one of the effects must be such late ones, each after a person's honest “it did not happen”.
    """
    effects = [effect for effect in world.portal if (effect.job_id, effect.generation) == (rows.job.pk, generation)]
    late = [effect for effect in effects if effect.late]
    denied = [c for c in rows.checkpoints if (c.generation, c.status) == (generation, Checkpoint.Status.NOT_HAPPENED)]
    return len(effects) - len(late) <= 1 and len(denied) >= len(effects) - 1


def one_live_job_per_unique_key(everything: list[Rows]) -> None:
    """Of the jobs that share a key, one at most is alive."""
    live = Counter(rows.job.unique_key for rows in everything if rows.job.unique_key and not rows.job.is_final)
    assert set(live.values()) <= {1}, live


def until_next_moment() -> timedelta:
    """Return how long it is until the next thing is due by itself, of all that any job waits for."""
    moments = [
        moment
        for rows in read()
        if rows.job.status not in FINAL
        for moment in (
            rows.job.scheduled_for if rows.job.status == JobStatus.PENDING else None,
            rows.job.lease_until,
            rows.job.wake_at,
            *(checkpoint.expires_at for checkpoint in rows.open),
        )
        if moment is not None
    ]
    now = clock.now()
    return max(min(moments, default=now) - now, timedelta(0)) + A_MOMENT


PROMISES: tuple[Promise, ...] = (
    history_is_unbroken,
    waits_for_one_thing,
    attempts_are_accounted,
    late_jobs_never_start,
    only_owners_write,
    local_effects_happen_once,
    messages_are_sent_once,
    others_decided,
    first_decision_counts,
    completed_jobs_are_done,
)
