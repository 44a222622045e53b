"""Open checkpoints on behalf of a running job, and read what became of them."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import Group
from django.db.models import QuerySet

from autopilot import clock
from autopilot.engine import messages, records, registry, waits
from autopilot.engine.steps import Memo
from autopilot.engine.waits import Suspend
from autopilot.exceptions import ApprovalExpired, HandlerMistake, Rejected
from autopilot.models.checkpoints import Checkpoint, CheckpointRevision
from autopilot.models.jobs import Job, WaitReason
from autopilot.models.workers import Worker
from autopilot.storable import digest, to_storable

OPENED = "autopilot.checkpoint.opened"
CHECKPOINT = "checkpoint"
LONGEST_TITLE = 200
Status = Checkpoint.Status


@dataclass(frozen=True)
class Request:
    """What a handler asks of its reviewers."""

    title: str
    payload: dict[str, Any]
    form: str = ""
    reviewers: tuple[str, ...] = ()
    summary: str = ""
    due: timedelta | None = None
    expires: timedelta | None = None
    quorum: int = 1
    on_expiry: str = Checkpoint.OnExpiry.FAIL

    def __post_init__(self) -> None:
        """Raise HandlerMistake for what no reviewer could answer."""
        if self.quorum < 1:
            raise HandlerMistake(f"A quorum of {self.quorum} people decides nothing: it must be at least 1.")
        if self.on_expiry not in Checkpoint.OnExpiry.values:
            raise HandlerMistake(
                f"on_expiry is {self.on_expiry!r}; it must be {', '.join(Checkpoint.OnExpiry.values)}."
            )


@dataclass(frozen=True)
class Review:
    """What the reviewers approved: this payload, of this version, with this digest."""

    checkpoint_id: str
    payload: dict[str, Any]
    digest: str
    version: int
    decided_by_id: int | None
    decided_by: str
    comment: str


def inform(memo: Memo, name: str, *, title: str, payload: dict[str, Any], summary: str) -> None:
    """Open a checkpoint that is for information and blocks nobody."""
    key = memo.key(name, CHECKPOINT)
    if _find(memo, key) is None:
        with memo.fenced():
            _open(memo.job, key, Checkpoint.Kind.INFO, Request(title, payload, summary=summary))


def require_approval(memo: Memo, suspend_for: Suspend, name: str, request: Request) -> Review:
    """Return the approved review, or put the job down until there is one."""
    key = memo.key(name, CHECKPOINT)
    return review_of(_decided(memo, suspend_for, key, Checkpoint.Kind.APPROVAL_REQUIRED, request))


def reconcile(memo: Memo, suspend_for: Suspend, key: str, request: Request) -> Checkpoint:
    """Return the checkpoint at which a person said whether it happened, or put the job down until one has."""
    return _decided(memo, suspend_for, key, Checkpoint.Kind.RECONCILE, request)


def ask(job: Job, key: str, request: Request) -> bool:
    """Ask what happened on behalf of a job that nobody runs; returns whether it had not been asked before."""
    if _of(job).filter(key=key).exists():
        return False
    _open(job, key, Checkpoint.Kind.RECONCILE, request)
    return True


def count(memo: Memo, prefix: str) -> int:
    """Return how many checkpoints that earlier runs opened have a key that begins so."""
    return 0 if memo.is_first_run else _of(memo.job).filter(key__startswith=prefix).count()


def _decided(memo: Memo, suspend_for: Suspend, key: str, kind: str, request: Request) -> Checkpoint:
    """Return a decided checkpoint, or put the job down until it is decided.

    What is decided stays so, and is read without a lock. Else the job row is locked first, as `decide` locks it: a
    decision is either seen here or finds the job waiting.
    """
    found = _find(memo, key)
    if found is not None and not found.is_pending:
        return found
    with memo.fenced():
        checkpoint = (found and _find(memo, key)) or _open(memo.job, key, kind, request)
        if checkpoint.is_pending:
            suspend_for(WaitReason.CHECKPOINT)
    if checkpoint.is_pending:
        waits.end_run(memo)
    return checkpoint


def _find(memo: Memo, key: str) -> Checkpoint | None:
    """Return the checkpoint that an earlier run opened; no other key than that run's own comes by twice in one run."""
    if memo.is_first_run:
        return None
    asked = (records.key_of(Job, memo.job.pk), memo.job.generation, key)
    return next(iter(records.find(Checkpoint, "job_id = %s AND generation = %s AND key = %s", asked)), None)


def _of(job: Job) -> QuerySet[Checkpoint]:
    return Checkpoint.objects.filter(job=job, generation=job.generation)


def _open(job: Job, key: str, kind: str, request: Request) -> Checkpoint:
    now = clock.now()
    payload = to_storable(request.payload)
    informs = kind == Checkpoint.Kind.INFO
    quorum, due = (request.quorum, request.due) if informs else _policy(job, kind, request)
    checkpoint = Checkpoint(
        job=job,
        tenant_id=job.tenant_id,
        generation=job.generation,
        key=key,
        kind=kind,
        status=Status.NOTED if informs else Status.PENDING,
        decided_at=now if informs else None,
        title=to_storable(request.title)[:LONGEST_TITLE],
        summary=to_storable(request.summary),
        payload=payload,
        payload_digest=digest(payload),
        form=request.form,
        form_schema=registry.find_form(request.form).schema if request.form else {},
        quorum=quorum,
        requester_id=job.requested_by_id,
        requester_label=job.requester_label,
        due_at=now + due if due else None,
        expires_at=now + request.expires if request.expires else None,
        on_expiry=request.on_expiry,
        created_at=now,
    )
    records.insert(checkpoint)
    records.insert(
        CheckpointRevision(checkpoint=checkpoint, version=1, payload=payload, digest=checkpoint.payload_digest, at=now)
    )
    if not informs:
        _invite(checkpoint, request.reviewers)
        messages.emit(OPENED, tenant_id=job.tenant_id, job_id=job.pk, checkpoint_id=checkpoint.pk)
    return checkpoint


def _policy(job: Job, kind: str, request: Request) -> tuple[int, timedelta | None]:
    """Return how many must approve, and within which time a decision is promised: as the worker's row says, if it does.

    A worker may ask for more people than its handler, never for fewer. What happened is told by one person.
    """
    worker = next(iter(records.find(Worker, "name = %s", [job.worker])), Worker())
    fewest, hours = worker.review_quorum, worker.review_due_hours
    quorum = max(request.quorum, fewest or 1) if kind == Checkpoint.Kind.APPROVAL_REQUIRED else request.quorum
    return quorum, timedelta(hours=hours) if hours else request.due


def _invite(checkpoint: Checkpoint, names: tuple[str, ...]) -> None:
    """Name the groups of a new checkpoint, which has none yet that would have to be read first."""
    named = f"name IN ({', '.join(['%s'] * len(names))})"
    groups = records.find(Group, named, names) if names else []
    if missing := set(names) - {group.name for group in groups}:
        raise HandlerMistake(f"There is no group of reviewers named {', '.join(sorted(missing))}.")
    for group in groups:
        records.insert(Checkpoint.reviewers.through(checkpoint=checkpoint, group=group))


def review_of(checkpoint: Checkpoint) -> Review:
    """Return what was approved at a decided checkpoint; raises Rejected or ApprovalExpired when nothing was."""
    outcome = checkpoint.outcome or {}
    if checkpoint.status == Status.REJECTED:
        raise Rejected(outcome.get("comment", ""))
    if checkpoint.status != Status.APPROVED:
        raise ApprovalExpired
    return Review(
        checkpoint_id=str(checkpoint.pk),
        payload=checkpoint.payload,
        digest=checkpoint.payload_digest,
        version=checkpoint.payload_version,
        decided_by_id=outcome.get("by"),
        decided_by=outcome.get("by_label", ""),
        comment=outcome.get("comment", ""),
    )
