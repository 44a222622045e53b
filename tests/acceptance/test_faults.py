"""Real processes come to real harm, and no job is lost, done twice or left waiting unseen."""

import logging
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.db import connection
from django.db.models import Count
from pytest_django import DjangoDbBlocker

from autopilot.models.clusters import ClusterRestart
from autopilot.models.jobs import Attempt, Job, Step
from tests.faults import ledger
from tests.faults.cluster import KINDS, Cluster, eventually
from tests.faults.databases import Databases, PostgresDatabases, SqliteDatabases
from tests.faults.office import Office, installed_handlers, open_office
from tests.faults.panel import Panel
from tests.faults.postgres import PostgresServer
from tests.faults.storm import Storm
from tests.portal import SECRET, SLUG, RunningPortal, running_portal

logger = logging.getLogger(__name__)

pytestmark = pytest.mark.alone
SEED = 1
RECOVERY = 60  # seconds
PATIENCE = 180  # seconds for a slow machine to finish what came in
MOST_CONNECTIONS = 6  # two a worker, one of the supervisor, one of ours


@pytest.fixture(scope="module")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    with installed_handlers():
        if connection.vendor == "postgresql":
            with PostgresServer() as server:
                yield PostgresDatabases(server)
        else:
            yield SqliteDatabases(tmp_path_factory.mktemp("databases"))


@pytest.fixture
def office(databases: Databases, tmp_path: Path, django_db_blocker: DjangoDbBlocker) -> Iterator[Office]:
    with django_db_blocker.unblock(), open_office(databases, tmp_path) as opened:
        yield opened


@contextmanager
def ending(*clusters: Cluster) -> Iterator[None]:
    """Leave no process of a cluster behind, and show its log if the test fails."""
    try:
        yield
    finally:
        for cluster in clusters:
            cluster.end()
            logger.info("the log of %s:\n%s", cluster.folder.name, cluster.log.read_text())


@pytest.mark.once
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_when_asked_and_leaves_nothing_behind(office, number):
    cluster = office.cluster()
    with ending(cluster):
        cluster.start()
        cluster.settled()

        status = cluster.stop(number)

        assert status == 0
        assert cluster.processes() == []


def test_it_stops_in_time_and_gives_back_what_it_runs(office):
    cluster = office.cluster()
    with ending(cluster):
        cluster.start()
        in_steps = office.enqueue("faults.dawdle", seconds=1, steps=100)
        in_one = office.enqueue("faults.dawdle", seconds=100)
        eventually(lambda: len(cluster.busy()) == 2, 30, "both jobs run")
        asked = time.monotonic()

        status = cluster.stop()

        assert status == 0
        assert time.monotonic() - asked < 30
        assert cluster.processes() == []
        for job in Job.objects.filter(pk__in=[in_steps.pk, in_one.pk]):
            assert (job.status, job.attempt, job.crashes) == ("pending", 0, 0)
            assert [attempt.outcome for attempt in job.attempts.all()] == ["released"]


@pytest.mark.once
def test_it_stops_in_time_after_its_monitor_was_killed(office):
    cluster = office.cluster()
    with ending(cluster):
        cluster.start()
        monitor = cluster.settled()["monitor"][0]
        monitor.kill()
        eventually(lambda: cluster.settled()["monitor"] != [monitor], 30, "there is another monitor")
        asked = time.monotonic()

        assert cluster.stop() == 0
        assert time.monotonic() - asked < 30
        assert cluster.processes() == []


@pytest.mark.timeout(300)
def test_it_outlives_the_death_of_any_idle_process(office):
    cluster = office.cluster()
    with ending(cluster):
        cluster.start()
        for kind in [*KINDS, *KINDS]:
            for number in range(len(cluster.settled()[kind])):
                victim = cluster.settled()[kind][number]

                victim.kill()

                victim.wait()
                cluster.restart_if_gone()
                office.completes(office.enqueue("faults.ping"), RECOVERY)
        assert cluster.stop() == 0
        eventually(lambda: not cluster.processes(), 30, "no process is left")


@pytest.mark.once
def test_it_is_gone_when_supervisor_and_main_process_are_killed_together(office):
    cluster = office.cluster()
    with ending(cluster):
        cluster.start()
        family = cluster.settled()

        family["supervisor"][0].kill()
        family["main"][0].kill()

        eventually(lambda: not cluster.processes(), 35, "no process is left")


def test_its_watchdog_frees_workers_that_wait_for_the_lock_of_a_dead_one(office):
    cluster = office.cluster(AUTOPILOT_PUMP_SLICE_SECONDS="1")
    with ending(cluster):
        cluster.start()
        cluster.settled()
        office.enqueue("faults.wedge")
        eventually(ClusterRestart.objects.exists, RECOVERY, "the cluster is started again")

        office.completes(office.enqueue("faults.ping"), RECOVERY)

        assert "of 2 workers gave no sign of life" in ClusterRestart.objects.get().reason
        assert cluster.stop() == 0


def test_it_ends_what_hangs_and_sets_aside_what_kills_while_others_flow(office):
    cluster = office.cluster()
    with ending(cluster):
        cluster.start()
        hanging, poisonous = office.enqueue("faults.hang"), office.enqueue("faults.poison")
        for _ in range(10):
            office.completes(office.enqueue("faults.ping"), RECOVERY)
            time.sleep(1)

        poisonous, hanging = office.ends(poisonous, RECOVERY), office.ends(hanging, RECOVERY)

        assert (poisonous.status, poisonous.reason, poisonous.crashes) == ("failed", "crash_loop", 3)
        assert (hanging.status, hanging.result) == ("completed", {"attempt": 2})
        assert [attempt.outcome for attempt in hanging.attempts.all()] == ["timed_out", "completed"]
        assert cluster.stop() == 0


def test_it_works_beside_a_second_cluster_and_goes_on_without_it(office):
    first, second = office.cluster("first", workers=1), office.cluster("second", workers=1)
    with ending(first, second):
        first.start()
        second.start()
        both = [first.settled()["worker"][0].pid, second.settled()["worker"][0].pid]
        jobs = [office.enqueue("faults.dawdle", seconds=1) for _ in range(4)]
        for job in jobs:
            office.completes(job, 30)
        workers = set(Attempt.objects.values_list("process", flat=True))

        first.settled()["supervisor"][0].kill()

        office.completes(office.enqueue("faults.ping"), RECOVERY)
        eventually(lambda: not first.processes(), 30, "no process of the first is left")
        assert {int(name.rpartition(":")[2]) for name in workers} == set(both)
        assert second.stop() == 0


def test_it_brings_a_hundred_approvals_at_once_to_the_end_that_was_decided(office):
    jobs = [office.enqueue("faults.review").pk for _ in range(100)]
    cluster, panel = office.cluster(), Panel(jobs)
    with ending(cluster):
        cluster.start()
        panel.decide_all(PATIENCE)
        for job in jobs:
            office.ends(Job.objects.get(pk=job), RECOVERY)

        done = {job.pk: (job.status, job.result) for job in Job.objects.filter(kind="faults.review")}
        assert done == {job: panel.ending(job) for job in jobs}
        assert ledger.effects() == panel.effects()
        assert ledger.broken_chains() == []
        assert set(Attempt.objects.values_list("outcome", flat=True)) == {"suspended", "completed", "failed"}


def test_it_frees_what_a_process_froze_in_the_middle_of_a_transaction(office):
    cluster = office.cluster()
    with ending(cluster):
        cluster.start()
        cluster.settled()

        frozen = office.enqueue("faults.freeze")

        office.completes(frozen, RECOVERY)
        assert [attempt.outcome for attempt in frozen.attempts.all()] == ["lost", "completed"]
        office.completes(office.enqueue("faults.ping"), RECOVERY)
        assert cluster.stop() == 0
        assert cluster.processes() == []


@pytest.mark.postgresql_only
def test_it_waits_for_a_database_that_is_away_and_returns_its_connections(office, databases):
    cluster = office.cluster(AUTOPILOT_LEASE_SECONDS="30", AUTOPILOT_WATCHDOG_SECONDS="30")
    with ending(cluster):
        cluster.start()
        pids = pids_of(cluster)
        running = office.enqueue("faults.dawdle", seconds=1, steps=5)
        eventually(cluster.busy, 30, "the job runs")

        databases.server.stop()
        connection.close()
        time.sleep(4)
        databases.server.start()

        office.completes(office.enqueue("faults.ping"), 15)
        office.completes(running, 30)
        assert [attempt.outcome for attempt in running.attempts.all()] == ["retried", "completed"]
        assert pids_of(cluster) == pids
        assert databases.server.connections(office.name) <= MOST_CONNECTIONS
        assert cluster.stop() == 0
        connection.close()
        eventually(lambda: databases.server.connections(office.name) == 0, 5, "no connection is left")


def test_it_rests_while_nothing_is_to_be_done(office):
    cluster = office.cluster(AUTOPILOT_WATCHDOG_SECONDS="30", AUTOPILOT_SWEEP_SECONDS="60")
    with ending(cluster):
        cluster.start()
        cluster.settled()
        time.sleep(2)
        before, began = cluster.cpu_seconds(), time.monotonic()
        time.sleep(10)

        share = (cluster.cpu_seconds() - before) / (time.monotonic() - began)
        assert share < 0.03
        assert cluster.stop() == 0


def test_it_works_in_the_foreground(office):
    pings = [office.enqueue("faults.ping") for _ in range(3)]
    sample = office.enqueue("sample.simple", subject="a thing")

    done = office.command("work", "--until-empty", "--worker", "faults")

    assert done.stdout.splitlines()[-1] == "3 jobs run; nothing more is due."
    assert all(f"{ping.pk}  faults.ping  completed" in done.stdout for ping in pings)
    assert Job.objects.get(pk=sample.pk).status == "pending"
    assert office.command("work", "--until-empty").stdout.endswith("1 job run; nothing more is due.\n")
    assert "There is no worker 'nobody'" in office.command("work", "--worker", "nobody").stderr


def pids_of(cluster: Cluster) -> dict[str, list[int]]:
    """Return the ids of a cluster's processes by what they do."""
    return {kind: [member.pid for member in members] for kind, members in cluster.settled().items()}


def hosts_of(*portals: RunningPortal) -> dict[str, str]:
    """Return the environment in which a cluster may call the portals."""
    return {"OUTBOUND_PRIVATE_HOSTS": ",".join(portal.host for portal in portals), "PORTAL_SECRETS": f"{SLUG}={SECRET}"}


@pytest.mark.timeout(600)
def test_it_survives_a_storm(office, databases):
    with running_portal(delay_ms=30) as careful, running_portal(delay_ms=120, honors_idempotency=False) as careless:
        server = databases.server if isinstance(databases, PostgresDatabases) else None
        cluster = office.cluster(**hosts_of(careful, careless), AUTOPILOT_PUMP_SLICE_SECONDS="3")
        with ending(cluster):
            storm = Storm(office, cluster, careful, careless, seed=SEED, server=server)
            storm.rage()
            recovery = storm.recovery(RECOVERY)
            logger.info("%s faults: %s; recovery %.1f s", storm.done.total(), dict(storm.done), recovery)
            storm.calm(PATIENCE)
            listed = {question.job_id for question in storm.questions()}
            unfinished = set(Step.objects.filter(key="file", state=Step.State.STARTED).values_list("job_id", flat=True))
            sent = careless.counts()["packets"]
            logger.info("%s questions for a person", len(listed))
            storm.answer_questions()
            storm.calm(PATIENCE)
            status = cluster.stop()

            assert listed == unfinished
            assert len(listed) >= storm.done["kill a worker whose request is at the portal"] / 2
            assert max(packet["arrivals"] for packet in sent.values()) == 1
            for portal in (careful, careless):
                assert (portal.counts()["submissions"], portal.counts()["duplicates"]) == (storm.jobs, [])
            journeys = Job.objects.filter(kind="faults.journey")
            assert list(journeys.values_list("status").annotate(times=Count("pk"))) == [("completed", storm.jobs)]
            assert not Attempt.objects.filter(outcome=Attempt.Outcome.RUNNING).exists()
            assert (len(ledger.effects()), set(ledger.effects().values())) == (2 * storm.jobs + 1, {1})
            assert ledger.broken_chains() == []
            assert storm.unseen == set()
            assert status == 0
            eventually(lambda: not cluster.processes(), 30, "no process is left")
