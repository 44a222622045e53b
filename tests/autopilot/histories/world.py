"""The outside as the handler under test meets it, and all that it ever saw."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from autopilot import audit
from autopilot.engine import answer_arrived
from autopilot.exceptions import Retryable, Snooze
from autopilot.models import Checkpoint, Decision, Job, JobStatus
from autopilot.storable import digest

Payload = dict[str, Any]
PLACES = ("register", "portal")
TROUBLES = ("refused", "later", "unreachable", "lost")
RECEIPT = "R-1"


@dataclass(frozen=True)
class Effect:
    """Something that has happened out there, and who made it happen."""

    job_id: UUID
    generation: int
    epoch: int
    late: bool  # the run did not own its job any more


class World:
    """A register that honors idempotency keys, a portal that knows none, and an office that answers one day."""

    def __init__(self) -> None:
        self.running: list[Job] = []
        self.register: dict[str, tuple[Effect, str]] = {}
        self.portal: list[Effect] = []
        self.answered: set[UUID] = set()
        self.answering: set[UUID] = set()
        self.trouble: list[tuple[str, str]] = []
        self.wrongs: list[str] = []

    def book(self, entry: str) -> int:
        """Write to the local ledger; returns the generation for which it did."""
        job = self.running[-1]
        audit.record(None, f"histories.packet.{entry}", job, generation=job.generation)
        return job.generation

    def notify(self, key: str, payload: Payload) -> Payload:
        """Tell the register, which takes each key once and answers a repetition as it did the first time."""
        effect = self._effect(payload)

        def happen() -> None:
            _, known = self.register.setdefault(key, (effect, digest(payload)))
            self._demand(known == digest(payload), f"the key {key} came back with another payload")

        return self._amid_trouble("register", happen, {"key": key})

    def submit(self, payload: Payload) -> Payload:
        """Tell the portal, which takes every call for a new one."""
        effect = self._effect(payload)
        return self._amid_trouble("portal", lambda: self.portal.append(effect), {"number": RECEIPT})

    def holds(self, job_id: UUID, generation: int) -> bool:
        """Return whether the portal shows a submission: what an honest person sees who looks there."""
        return any((effect.job_id, effect.generation) == (job_id, generation) for effect in self.portal)

    def find(self) -> Payload | None:
        """Return the receipt of the job that runs, if the portal shows one."""
        job = self.running[-1]
        return {"number": RECEIPT} if self.holds(job.pk, job.generation) else None

    def ask(self, job_id: UUID) -> Payload | None:
        """Return the office's decision, if there is one; it may arrive just after the question was answered with no."""
        decided = job_id in self.answered
        if not decided and job_id in self.answering:
            self.answer(job_id)
        return {"decision": "accepted"} if decided else None

    def answer(self, job_id: UUID) -> None:
        """Decide, and ring."""
        self.answered.add(job_id)
        self.answering.discard(job_id)
        answer_arrived(job_id)

    def _effect(self, payload: Payload) -> Effect:
        job = self.running[-1]
        owned = Job.objects.filter(pk=job.pk, epoch=job.epoch, status=JobStatus.RUNNING)
        self._demand(approved(job, payload), f"{job} acted on what nobody had approved")
        return Effect(job.pk, job.generation, job.epoch, late=not owned.exists())

    def _amid_trouble(self, place: str, happen: Callable[[], object], answer: Payload) -> Payload:
        trouble = next((trouble for where, trouble in self.trouble if where == place), "")
        if trouble:
            self.trouble.remove((place, trouble))
        if trouble == "refused":
            raise Retryable
        if trouble == "later":
            raise Snooze(timedelta(seconds=10))
        if trouble == "unreachable":
            raise ConnectionError
        happen()
        if trouble == "lost":
            raise ConnectionResetError
        return answer

    def _demand(self, kept: bool, wrong: str) -> None:
        # An exception raised here would be taken for the outside's, and become an outcome of the job.
        if not kept:
            self.wrongs.append(wrong)


def approved(job: Job, payload: Payload) -> bool:
    """Return whether enough other people had approved exactly this payload for this generation of a job."""
    checkpoint = Checkpoint.objects.filter(
        job=job, generation=job.generation, key="review", status="approved", payload_digest=digest(payload)
    ).first()
    if checkpoint is None:
        return False
    origin = checkpoint
    while origin.inherited_from is not None:
        origin = origin.inherited_from
    votes = Decision.objects.filter(
        checkpoint=origin, verdict="approve", payload_digest=digest(payload), payload_version=checkpoint.payload_version
    )
    barred = {checkpoint.requester_id, checkpoint.last_editor_id}
    return len(set(votes.values_list("actor", flat=True)) - barred) >= checkpoint.quorum
