"""Portals and the mail server refuse, and then take what comes and never answer."""

import time
from dataclasses import dataclass

from autopilot import clock
from autopilot.models.jobs import Job
from benchmarks.support.faults import books
from benchmarks.support.faults.phase import PATIENCE, RECOVERY, Findings
from benchmarks.support.faults.scene import Scene
from tests.autopilot.mailserver import BUSY, SILENT, WELL
from tests.faults.storm import Storm

REFUSING, HANGING = 60, 120  # seconds


@dataclass(frozen=True)
class Plan:
    """For how many seconds everything outside refuses and hangs, how many journeys meet it, and a letter's interval."""

    refusing: float
    hanging: float
    journeys: int
    every: float


def hang(scene: Scene) -> Findings:
    """Let everything outside refuse and hang for minutes, and see that what needs none of it flows."""
    findings = Findings()
    plan = Plan(1, 2, 6, 0.5) if scene.ground.quick else Plan(REFUSING, HANGING, 30, 2.0)
    if not scene.ground.quick:  # the pause after failures is a minute long
        scene.know_portals()
    storm = scene.storm(plan.journeys, {}, name="hanging")
    others = _endure(scene, storm, plan)
    well_at = clock.now()
    waited = [(scene.office.ends(job, PATIENCE).finished_at - job.created_at).total_seconds() for job in others]
    findings.figures |= {
        "seconds of refusing and of hanging": [plan.refusing, plan.hanging],
        "median seconds that a job took meanwhile": round(sorted(waited)[len(waited) // 2], 2),
    }
    findings.expect("seconds that a job took meanwhile", max(waited), RECOVERY)
    if not scene.ground.quick:  # what is left of a quick one goes through the storm with the rest
        books.settle(scene, storm, findings, books.MAIL_WITHIN)
        findings.expect(
            "seconds until the last letter was sent afterwards", books.mail_delay(well_at), books.MAIL_WITHIN
        )
    return findings


def _endure(scene: Scene, storm: Storm, plan: Plan) -> list[Job]:
    """Go through both times; returns the jobs that need nothing from outside."""
    portals = (scene.careful, scene.careless)
    scene.mail.behavior = BUSY
    for portal in portals:
        portal.set(fail_times=1_000_000, fail_status=503)
    scene.ground.tell(f"portals and mail refuse for {plan.refusing:.0f} s")
    others = _work(scene, storm, plan.refusing, plan.journeys // 3, plan.every)
    scene.mail.behavior = SILENT
    for portal in portals:
        portal.set(fail_times=0, hang=True)
    scene.ground.tell(f"portals and mail hang for {plan.hanging:.0f} s")
    others += _work(scene, storm, plan.hanging, plan.journeys, plan.every)
    scene.mail.behavior = WELL
    for portal in portals:
        portal.set(hang=False)
    return others


def _work(scene: Scene, storm: Storm, seconds: float, journeys: int, every: float) -> list[Job]:
    jobs, end = [], time.monotonic() + seconds
    while time.monotonic() < end:
        jobs.append(scene.office.enqueue("faults.letter"))
        storm.tend_for(every, journeys)
    return jobs
