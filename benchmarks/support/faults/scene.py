"""A whole installation on loopback: an office, its clusters, its web, two portals and a mail server."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TypeVar

from autopilot.models.portals import Portal
from benchmarks.support.faults.phase import Ground
from benchmarks.support.faults.web import Prober, Web
from tests.autopilot.mailserver import WELL, MailServer
from tests.faults.cluster import Cluster, Together, eventually
from tests.faults.office import Office, open_office
from tests.faults.storm import Storm
from tests.portal import SECRET, SLUG, RunningPortal, running_portal

# What tests have in QUICK, and what an installation has that sets nothing.
DEFAULTS = {"AUTOPILOT_LEASE_SECONDS": "30", "AUTOPILOT_WATCHDOG_SECONDS": "30", "AUTOPILOT_SWEEP_SECONDS": "60"}
CARELESS = "careless"
Thing = TypeVar("Thing")
NEVER_TIRED = {"AUTOPILOT_PUMP_SLICE_SECONDS": "5"}


@dataclass
class Scene:
    """What a phase may harm."""

    ground: Ground
    office: Office
    clusters: list[Cluster]
    careful: RunningPortal
    careless: RunningPortal
    mail: MailServer
    web: Web
    prober: Prober

    @property
    def cluster(self) -> Cluster | Together:
        """Its one cluster, or all of them as one."""
        return self.clusters[0] if len(self.clusters) == 1 else Together(*self.clusters)

    def know_portals(self) -> None:
        """Have the office know the portals as those it submits to: they are left alone when they fail again and again."""
        self.careful.row()
        Portal.objects.create(
            slug=CARELESS,
            name="Careless portal",
            delivery="sandbox",
            base_url=self.careless.url,
            honors_idempotency=False,
        )

    def storm(self, jobs: int, faults: dict[str, int], **choices: object) -> Storm:
        """Return a storm over this scene, which has not begun."""
        ground, office = self.ground, self.office
        return Storm(
            office, self.cluster, self.careful, self.careless,
            seed=ground.seed, server=ground.databases.server, jobs=jobs, faults=faults,
            web=self.web, tell=ground.tell, canary="faults.letter", **choices,
        )  # fmt: skip


@contextmanager
def set_scene(ground: Ground, name: str, *environments: dict[str, str], workers: int = 2) -> Iterator[Scene]:
    """Start an installation with a cluster for each environment, and take it away."""
    folder = ground.folder / name
    folder.mkdir()
    with ExitStack() as stack:
        careful = stack.enter_context(running_portal(delay_ms=30))
        careless = stack.enter_context(running_portal(delay_ms=120, honors_idempotency=False))
        mail = _ended(stack, MailServer(WELL), MailServer.close)
        office = stack.enter_context(open_office(ground.databases, folder))
        reach = _reach(careful, careless) | _mailing(mail) | {"AUTOPILOT_JOB_RETENTION_DAYS": "365"}
        clusters = [
            _ended(stack, office.cluster(f"cluster-{number}", workers, **reach, **environment), Cluster.end)
            for number, environment in enumerate(environments, start=1)
        ]
        web = _ended(stack, Web(office.url, folder), Web.end)
        for service in (*clusters, web):
            service.start()
        prober = _ended(stack, Prober(web.port), Prober.stop)
        for cluster in clusters:
            cluster.settled()
        eventually(lambda: prober.statuses()[200], 60, "the web answers")
        yield Scene(ground, office, clusters, careful, careless, mail, web, prober)


def _ended(stack: ExitStack, thing: Thing, end: Callable[[Thing], None]) -> Thing:
    stack.callback(end, thing)
    return thing


def _reach(*portals: RunningPortal) -> dict[str, str]:
    return {
        "OUTBOUND_PRIVATE_HOSTS": ",".join(portal.host for portal in portals),
        "PORTAL_SECRETS": ",".join(f"{slug}={SECRET}" for slug in (SLUG, CARELESS)),
    }


def _mailing(mail: MailServer) -> dict[str, str]:
    chosen = mail.settings
    return {name: str(chosen[name]) for name in ("EMAIL_BACKEND", "EMAIL_HOST", "EMAIL_PORT")}
