"""Every peer in every configuration that is measured."""

from benchmarks.support.peers.peer import MANAGE, PYTHON, Peer, twice

MIGRATE = ((*MANAGE, "migrate", "--run-syncdb", "-v0"),)
SQLITE, POSTGRESQL, REDIS = "SQLite", "PostgreSQL", "Redis"


def provost(store: str, rate: int) -> Peer:
    """Return our own engine."""
    return Peer(
        name="Provost",
        package="provost",
        store=store,
        configuration="manage.py autopilot, 2 workers, settings of the project",
        prepare=MIGRATE,
        workers=((*MANAGE, "autopilot"),),
        rate=rate,
        variables={"PROVOST_ENVIRONMENT": "test", "AUTOPILOT_WORKERS": "2"},
    )


def django_q(store: str, variant: str, rate: int) -> Peer:
    """Return django-q2 with its ORM broker."""
    configurations = {
        "defaults": "workers 2, else its defaults and Django's",
        "tuned": "workers 2, persistent connections (SQLite in WAL mode), bulk 10, queue_limit 50, poll 0.05 s, all results saved",
    }
    return Peer(
        name=f"django-q2, {variant}",
        package="django_q",
        store=store,
        configuration=configurations[variant],
        prepare=MIGRATE,
        workers=((*MANAGE, "qcluster"),),
        rate=rate,
        variables={"BENCHMARK_VARIANT": variant},
    )


def django_tasks(store: str, rate: int) -> Peer:
    """Return the database backend of django-tasks."""
    worker = ("db_worker", "--no-startup-delay", "--interval", "0.05", "--worker-id", "worker-{}", "-v0")
    return Peer(
        name="django-tasks",
        package="django_tasks",
        store=store,
        configuration="2 db_worker, polling each 0.05 s, persistent connections (SQLite in WAL mode)",
        prepare=MIGRATE,
        workers=twice(*MANAGE, *worker),
        rate=rate,
        needs="django_tasks",
    )


def procrastinate(concurrency: int, rate: int) -> Peer:
    """Return procrastinate with so many jobs at once in each of two workers."""
    command = (*PYTHON, "procrastinate", "-a", "benchmarks.support.peers.procrastinate.tasks.app")
    return Peer(
        name=f"procrastinate, {concurrency} at once",
        package="procrastinate",
        store=POSTGRESQL,
        configuration=f"2 workers, concurrency {concurrency}, asynchronous task, LISTEN",
        prepare=((*command, "schema", "--apply"),),
        workers=twice(*command, "worker", "-n", "worker-{}", "-c", str(concurrency)),
        rate=rate,
        needs="procrastinate",
    )


def celery(rate: int) -> Peer:
    """Return Celery with Redis."""
    quiet = ("-l", "WARNING", "--without-gossip", "--without-mingle", "--without-heartbeat")
    app = ("-A", "benchmarks.support.peers.celery.tasks")
    return Peer(
        name="Celery",
        package="celery",
        store=REDIS,
        configuration="prefork, concurrency 2, acks_late, results in Redis (append-only file), prefetch multiplier 16",
        workers=((*PYTHON, "celery", *app, "worker", "-c", "2", *quiet),),
        rate=rate,
        needs="celery",
    )


def bare(commits: str, words: str, rate: int) -> Peer:
    """Return the loop that is the limit."""
    return Peer(
        name=f"limit, {words} a job",
        package="bare",
        store=POSTGRESQL,
        configuration=f"2 loops of psycopg, prepared statements, a log row a job, {words} a job",
        prepare=((*PYTHON, "benchmarks.support.peers.bare.tasks"),),
        workers=twice(*PYTHON, "benchmarks.support.peers.bare.loop", commits),
        rate=rate,
        waits=False,
    )


PEERS = (
    provost(POSTGRESQL, 1000),
    django_q(POSTGRESQL, "defaults", 50),
    django_q(POSTGRESQL, "tuned", 600),
    procrastinate(1, 700),
    procrastinate(10, 1000),
    celery(1200),
    django_tasks(POSTGRESQL, 800),
    bare("fused", "one commit", 3500),
    bare("strict", "two commits", 2000),
    provost(SQLITE, 700),
    django_q(SQLITE, "defaults", 100),
    django_q(SQLITE, "tuned", 1200),
    django_tasks(SQLITE, 900),
)
