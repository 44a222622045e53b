"""The storm: kills, freezes, lost answers and database crashes while journeys come in and people decide."""

from benchmarks.support.faults import books
from benchmarks.support.faults.phase import PATIENCE, Findings, Ground
from benchmarks.support.faults.scene import DEFAULTS, NEVER_TIRED, Scene, set_scene
from tests.faults.storm import CRASH, Storm

JOBS, KILLS = 1500, 150
FULL = {
    "kill a busy worker": 42,
    "kill an idle worker": 22,
    "kill a worker whose request is at the portal": 24,
    "kill the monitor": 11,
    "kill the pusher": 11,
    "kill the sentinel": 11,
    "kill the main": 11,
    "kill the supervisor": 11,
    "kill the web worker": 8,
    "kill the web main": 3,
    "freeze a busy worker": 8,
    "freeze an idle worker": 3,
    "drop an answer of the careful portal": 4,
    "drop an answer of the careless portal": 4,
    CRASH: 2,
}
QUICK = {
    "kill a busy worker": 4,
    "kill an idle worker": 2,
    "kill a worker whose request is at the portal": 2,
    "kill the monitor": 1,
    "kill the pusher": 1,
    "kill the sentinel": 1,
    "kill the main": 1,
    "kill the supervisor": 1,
    "kill the web worker": 1,
    "kill the web main": 1,
    "freeze a busy worker": 1,
    "drop an answer of the careful portal": 1,
    "drop an answer of the careless portal": 1,
}
# One of each, on the settings of an installation that sets nothing.
ORDINARY = dict.fromkeys(FULL, 1) | {"kill a busy worker": 3, "freeze a busy worker": 2}
WEB_HEALS = 15.0  # seconds


def rage(scene: Scene) -> Findings:
    """Commit 150 kills and more on short leases, or a tenth of that."""
    quick = scene.ground.quick
    storm = scene.storm(
        JOBS // 10 if quick else JOBS,
        QUICK if quick else FULL,
        pause=0.3 if quick else 1.0,
        frozen=5.0 if quick else 6.0,
    )
    findings = _through(scene, storm)
    findings.expect_least("processes killed", findings.figures["kills"], KILLS // 10 if quick else KILLS)
    return findings


def rage_by_default(ground: Ground) -> Findings:
    """Commit every fault once on the settings that an installation has by itself, its lease of 30 seconds among them."""
    with set_scene(ground, "ordinary", DEFAULTS | NEVER_TIRED) as scene:
        return _through(scene, scene.storm(150, ORDINARY, pause=4.0, frozen=40.0))


def _through(scene: Scene, storm: Storm) -> Findings:
    findings = Findings()
    storm.rage()
    books.settle(scene, storm, findings, PATIENCE)
    harmed = [harm for harm in storm.harms if "web" in harm.name]
    findings.figures["answers of the web"] = dict(scene.prober.statuses())
    healed = [scene.prober.healed(harm.at) for harm in harmed]
    findings.expect("seconds until the web answered again after a kill", max(healed, default=0.0), WEB_HEALS)
    return findings
