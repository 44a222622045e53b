"""What must be true of an office once everything is over, as figures."""

import time
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import F, Max

from autopilot import clock
from autopilot.models.checkpoints import Checkpoint
from autopilot.models.jobs import Attempt, Job, JobStatus, Step
from autopilot.models.outbox import OutboxMessage
from benchmarks.support.faults.phase import RECOVERY, Findings
from benchmarks.support.faults.scene import Scene
from tests.faults import ledger
from tests.faults.storm import Harm, Storm

LISTED, MAIL_WITHIN = 300.0, 300.0  # seconds


def settle(scene: Scene, storm: Storm, findings: Findings, patience: float) -> None:
    """Let everything end, have a person answer what is asked, and audit the portals, the jobs and the letters."""
    storm.calm(patience)
    _audit_questions(scene, storm, findings)
    storm.answer_questions()
    storm.calm(patience)
    _await_mail(scene.ground.quick)
    _audit_journeys(scene, storm, findings)
    _audit_mail(scene, findings)
    _audit_recovery(storm, findings)


def _audit_questions(scene: Scene, storm: Storm, findings: Findings) -> None:
    asked = {question.job_id for question in storm.questions()}
    open_steps = Step.objects.filter(key="file", state=Step.State.STARTED)
    ambiguous = set(open_steps.values_list("job_id", flat=True))
    packets = scene.careless.counts()["packets"].values()
    findings.figures["ambiguous outcomes"] = len(ambiguous)
    findings.expect("ambiguous outcomes that nobody was asked about", len(ambiguous - asked))
    findings.expect("questions about what was not ambiguous", len(asked - ambiguous))
    findings.expect("seconds until an ambiguous outcome was listed", _listed_after(), LISTED)
    findings.expect("requests sent again by itself", sum(packet["arrivals"] - 1 for packet in packets))


def _listed_after() -> float:
    begun = dict(Step.objects.filter(key="file").values_list("job_id", "created_at"))
    asked = Checkpoint.objects.filter(kind=Checkpoint.Kind.RECONCILE).values_list("job_id", "created_at")
    return max(((at - begun[job]).total_seconds() for job, at in asked), default=0.0)


def _audit_journeys(scene: Scene, storm: Storm, findings: Findings) -> None:
    journeys = Job.objects.filter(kind="faults.journey")
    total, done = journeys.count(), journeys.filter(status=JobStatus.COMPLETED).count()
    missing = storm.jobs - journeys.filter(unique_key__startswith=f"{storm.name} ").count()
    effects, ids = ledger.effects(), set(journeys.values_list("pk", flat=True))
    of_journeys = [name for job, name in effects if job in ids]
    careful, careless = scene.careful.counts(), scene.careless.counts()
    findings.figures |= {"jobs": Job.objects.count(), "journeys": storm.jobs, "attempts": Attempt.objects.count()}
    findings.expect("jobs lost", missing + total - done)
    findings.expect("duplicates at the portal with keys", len(careful["duplicates"]))
    findings.expect("duplicates at the portal without", len(careless["duplicates"]))
    findings.expect("submissions missing", 2 * total - careful["submissions"] - careless["submissions"])
    findings.expect("local effects missing", 2 * total - len(of_journeys))
    findings.expect("local effects done twice", sum(times - 1 for times in effects.values()))
    findings.expect("broken chains of events", len(ledger.broken_chains()))
    findings.expect("jobs that waited for nothing", len(storm.unseen))
    running = Attempt.objects.filter(outcome=Attempt.Outcome.RUNNING)
    findings.expect("attempts without an end", running.count())


def _await_mail(hurried: bool) -> None:
    """Give the outbox the time that it is promised to need at most; what is left then is missing.

    `hurried`: whether letters are made due at once, that would wait minutes after a failure or a death.
    """
    pending = OutboxMessage.objects.filter(status=OutboxMessage.Status.PENDING)
    end = time.monotonic() + MAIL_WITHIN
    while pending.exists() and time.monotonic() < end:
        if hurried:
            pending.filter(next_attempt_at__gt=clock.now()).update(next_attempt_at=clock.now())
        time.sleep(1)


def _audit_mail(scene: Scene, findings: Findings) -> None:
    written = dict(OutboxMessage.objects.values_list("pk", "topic"))
    received = [str(letter["Message-ID"]) for letter in scene.mail.received]
    known = {f"<{pk}@provost>" for pk in written}
    letters = {f"<{pk}@provost>" for pk, topic in written.items() if topic == "faults.letter"}
    findings.figures |= {
        "letters": len(letters),
        "letters that came again, under their id": len(received) - len(set(received)),
    }
    findings.expect("letters missing", len(letters - set(received)))
    findings.expect("letters under an unknown id", len(set(received) - known))


def _audit_recovery(storm: Storm, findings: Findings) -> None:
    worst: dict[str, float] = {}
    for name, seconds in storm.recoveries:
        worst[name] = round(max(seconds, worst.get(name, 0.0)), 1)
    orphans = orphaned(storm.harms)
    kills = sum(times for name, times in storm.done.items() if name.startswith("kill"))
    findings.figures |= {
        "faults": dict(storm.done),
        "kills": kills,
        "slowest new job after": worst,
        "orphans": len(orphans),
    }
    findings.expect("seconds until a new job was done after a fault", max(worst.values(), default=0.0), RECOVERY)
    findings.expect("seconds until an orphan was taken up again", max(orphans, default=0.0), RECOVERY)


def orphaned(harms: Iterable[Harm]) -> list[float]:
    """Return for each attempt that a fault cost the seconds from the fault until its job was taken up again."""
    lost = list(Attempt.objects.filter(outcome=Attempt.Outcome.LOST))
    found = [(attempt, harm) for attempt in lost if (harm := _harm_of(attempt, harms))]
    return [seconds for attempt, harm in found if (seconds := _taken_up(attempt, harm.at)) is not None]


def _harm_of(attempt: Attempt, harms: Iterable[Harm]) -> Harm | None:
    pid = int(attempt.process.rpartition(":")[2])
    fits = [harm for harm in harms if pid in harm.pids and attempt.started_at <= harm.at <= attempt.finished_at]
    return fits[-1] if fits else None


def _taken_up(attempt: Attempt, since: datetime) -> float | None:
    later = Attempt.objects.filter(job=attempt.job_id, epoch__gt=attempt.epoch).order_by("epoch").first()
    return (later.started_at - since).total_seconds() if later else None


def mail_delay(since: datetime) -> float:
    """Return the seconds from a moment until the last letter that waited for it was sent."""
    waiting = OutboxMessage.objects.filter(created_at__lt=since, sent_at__gt=since)
    last: dict[str, Any] = waiting.aggregate(at=Max(F("sent_at")))
    return (last["at"] - since).total_seconds() if last["at"] else 0.0
