"""The database is away: the web says so, everybody waits for it, and nobody is started again."""

import time
from collections import Counter

from django.db import connection

from autopilot import clock
from benchmarks.support.faults.phase import RECOVERY, Findings
from benchmarks.support.faults.scene import Scene
from tests.faults.cluster import Cluster, eventually

AWAY, SHORT = 60.0, 2.0  # seconds
SAYS_SO, HEALS = 2.0, 15.0  # seconds
UNAVAILABLE = 503


def outlast(scene: Scene) -> Findings:
    """Take the database away for a minute, and look at the web and at the cluster meanwhile and afterwards."""
    findings, server = Findings(), scene.ground.databases.server
    before = _pids(scene)
    jobs = [scene.office.enqueue("faults.dawdle", seconds=1, steps=2) for _ in range(4)]
    eventually(scene.cluster.busy, 30, "jobs run")
    connection.close()
    server.stop()
    gone, start = clock.now(), time.monotonic()
    away = SHORT if scene.ground.quick else AWAY
    scene.ground.tell(f"the database is away for {away:.0f} seconds")
    time.sleep(away)
    over = clock.now()
    server.start()
    back, back_at = clock.now(), time.monotonic()
    scene.office.completes(scene.office.enqueue("faults.ping", priority=10), RECOVERY)
    recovered = time.monotonic() - back_at
    for job in jobs:
        scene.office.completes(job, RECOVERY)
    healed = eventually(
        lambda: scene.prober.healed(back) < HEALS * 2 and scene.prober.healed(back), 60, "the web heals"
    )
    meanwhile = scene.prober.between(gone, over)
    others = Counter(answer.status for answer in meanwhile if answer.status != UNAVAILABLE)
    findings.figures |= {
        "seconds away": round(back_at - start, 1),
        "answers meanwhile": len(meanwhile),
        "other answers than 503 meanwhile": dict(others),
    }
    findings.expect("answers that were not 503 while it was away", others.total())
    findings.expect("slowest answer while it was away, s", max(answer.seconds for answer in meanwhile), SAYS_SO)
    findings.expect("seconds until the web was whole again", healed, HEALS)
    findings.expect("seconds until a new job was done", recovered, HEALS)
    findings.expect("processes that were started anew", len(before - _pids(scene)))
    return findings


def _pids(scene: Scene) -> set[int]:
    families = [cluster.settled() for cluster in scene.clusters if isinstance(cluster, Cluster)]
    members = [member for family in [*families, scene.web.family()] for kind in family.values() for member in kind]
    return {member.pid for member in members}
