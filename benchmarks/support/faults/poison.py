"""Jobs that take their process down with them."""

from autopilot.models.jobs import Job
from benchmarks.support.faults.phase import PATIENCE, RECOVERY, Findings
from benchmarks.support.faults.scene import Scene

MOST = 3


def swallow(scene: Scene) -> Findings:
    """Put in poisonous jobs, and others among them, and see all of them end."""
    return judge(scene, *put_in(scene))


def put_in(scene: Scene) -> tuple[list[Job], list[Job]]:
    """Put in poisonous jobs, and others behind them; returns both."""
    poison = [scene.office.enqueue("faults.poison", priority=5) for _ in range(1 if scene.ground.quick else 3)]
    others = [scene.office.enqueue("faults.ping") for _ in range(20)]
    scene.ground.tell(f"{len(poison)} poisonous jobs among {len(others)} others")
    return poison, others


def judge(scene: Scene, poison: list[Job], others: list[Job]) -> Findings:
    """Wait until all of them have ended, and see how."""
    ended = [scene.office.ends(job, PATIENCE) for job in poison]
    return _judge(ended, [scene.office.ends(job, RECOVERY) for job in others], Findings())


def _judge(poison: list[Job], others: list[Job], findings: Findings) -> Findings:
    quarantined = [job for job in poison if (job.status, job.reason) == ("failed", "crash_loop")]
    waited = [(job.finished_at - job.created_at).total_seconds() for job in others if job.finished_at]
    findings.figures["seconds until set aside"] = [
        round((job.finished_at - job.created_at).total_seconds(), 1) for job in quarantined if job.finished_at
    ]
    findings.expect("poisonous jobs that were not set aside", len(poison) - len(quarantined))
    findings.expect("crashes of one poisonous job", max(job.crashes for job in poison), MOST)
    findings.expect("other jobs that did not complete", sum(job.status != "completed" for job in others))
    findings.expect("seconds that another job took meanwhile", max(waited), RECOVERY)
    return findings
