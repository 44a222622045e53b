"""The demonstration: safe to load again, refused in production, and a journey that really happens."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.core.management.base import OutputWrapper
from django.core.management.color import color_style, no_style
from django.db import connection

from autopilot import workers
from autopilot.documents import archive, seals
from autopilot.engine import decide
from autopilot.models import Document, Job, Portal, Schedule, Worker
from autopilot.sandbox_portal.behavior import Behavior
from autopilot.sandbox_portal.store import Store
from config import demo
from config.demo import journey
from config.demo.teller import Teller
from config.env import ROOT
from programs.models import (
    Application,
    Charge,
    Cohort,
    Earning,
    Enquiry,
    Holder,
    Invoice,
    Mou,
    Payment,
    Payout,
    Program,
    Requirement,
    RequirementUpload,
    Session,
    Signature,
)
from programs.services.requirements import asked
from students.models import Attendance, Enrollment, WeeklyReport
from tests.autopilot.admin.people import ensure_groups, member
from tests.portal import SECRET, running_portal

WORDS_OF_A_JOURNEY = (
    "reference PA-",
    "application.process pending   Enqueued",
    "application.process waiting   Put down to wait",
    "rivera              amends it, which makes version 2",
    "rivera              refused   her own approval",
    "okafor              approved  version 2",
    "the very bytes that were approved",
    "application.track   completed Completed",
    "state               Approved by the state",
    "sent      “We have your application",
    "sent      “For your review",
    "sent      “The state has approved your application",
    "/admin/programs/application/",
    "with the password provost-demo",
)


@pytest.fixture
def groups(db):
    """The groups of staff, whatever a test before has emptied."""
    ensure_groups()


# --- Loading --------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_it_loads_people_portal_schedule_and_applications_and_says_who_signs_in(groups):
    said = StringIO()

    call_command("load_demo", stdout=said)

    assert Application.objects.exclude(status="state_approved").count() == 5
    assert Job.objects.filter(kind="application.process", status="pending").count() == 5
    assert Portal.objects.get().base_url == demo.PORTAL_URL
    assert {"document.archive_check", "autopilot.doctor"} <= set(Schedule.objects.values_list("kind", flat=True))
    for line in ("admin      Avery Stone (may do everything)", "rivera     Lucia Rivera (Reviewer)"):
        assert line in said.getvalue()
    assert User.objects.get(username="rivera").check_password(demo.PASSWORD)
    assert not User.objects.get(username="rivera").is_superuser


def life():
    """Return how much has happened to the holder."""
    rows = (Requirement, RequirementUpload, Mou, Signature, Program, Cohort, Session, Enrollment, Attendance,
            WeeklyReport, Charge, Invoice, Payment, Earning, Payout, Enquiry, Document, Job, Schedule)  # fmt: skip
    return {model.__name__: model.objects.count() for model in rows}


@pytest.mark.django_db
def test_it_shows_a_holder_with_a_whole_life(groups):
    said = StringIO()

    call_command("load_demo", stdout=said)

    holder, mou = Holder.objects.get(), Mou.objects.get(status="executed")
    owner = holder.members.get(role="owner").user
    assert (holder.status, owner.check_password(demo.PASSWORD)) == ("active", True)
    assert f"  {owner.username} (owner of {holder.legal_name})" in said.getvalue()
    standing = {row.status for row in asked(holder)}
    assert standing == {"accepted", "submitted", "rejected", "missing"}
    assert mou.executed_document is not None
    assert seals.inspect(archive.read(mou.executed_document)).whole
    assert list(holder.programs.filter(listed=True).values_list("status", flat=True)) == ["approved"]
    assert set(Cohort.objects.values_list("status", flat=True)) == {"running", "open"}
    assert Enrollment.objects.filter(status="active").count() == 10
    assert Attendance.objects.filter(presence="absent").exists()
    assert set(holder.invoices.values_list("status", flat=True)) == {"paid", "sent"}
    assert Payout.objects.get().amount == Earning.objects.get().amount == Decimal("6300.00")
    assert (WeeklyReport.objects.count(), Enquiry.objects.count()) == (1, 1)


@pytest.mark.django_db
def test_it_leaves_what_exists_as_it_is(groups):
    call_command("load_demo", stdout=StringIO())
    User.objects.filter(username="rivera").update(is_active=False, password="changed")
    Portal.objects.update(name="Changed")

    lived = life()

    call_command("load_demo", stdout=StringIO())

    assert life() == lived
    rivera = User.objects.get(username="rivera")
    assert (rivera.is_active, rivera.password) == (False, "changed")
    assert Portal.objects.get().name == "Changed"
    assert (User.objects.count(), Application.objects.count()) == (7, 6)


@pytest.mark.django_db
@pytest.mark.parametrize("command", ["load_demo", "demo_journey"])
def test_it_refuses_production(settings, command):
    settings.ENVIRONMENT = "production"

    with pytest.raises(CommandError, match="refused in production"):
        call_command(command, stdout=StringIO())

    assert not User.objects.exists()


# --- Telling --------------------------------------------------------------------------------------------------------


def told(*lines, style=None, columns="80"):
    """Return what a teller writes."""
    out = StringIO()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COLUMNS", columns)
        teller = Teller(OutputWrapper(out), style or no_style())
        for who, what, status in lines:
            teller.line(who, what, status=status)
    return out.getvalue().splitlines()


def test_it_writes_in_columns():
    lines = told(("rivera", "amends it", ""), ("application.process", "Started", "running"))

    assert [re.sub(r"[0-9]\.[0-9]", "0.0", line) for line in lines] == [
        "  0.0 s  rivera              amends it",
        "  0.0 s  application.process running   Started",
    ]


def test_it_folds_long_lines_and_leaves_paths_whole():
    path = "/var/archive/" + "a" * 90

    lines = told(("packet", "many words " * 6 + path, "waiting"))

    assert all(len(line) <= 80 for line in lines[:-1])
    assert lines[1].startswith(" " * 39 + "words") or lines[1].startswith(" " * 39 + "many")
    assert lines[-1].strip() == path


def test_it_colors_what_a_status_means_only_where_colors_are_shown():
    plain = told(("job", "Completed", "completed"))
    colored = told(("job", "Completed", "completed"), style=color_style(force_color=True))

    assert "\x1b" not in plain[0]
    assert re.sub(r"\x1b\[[0-9;]*m", "", colored[0])[9:] == plain[0][9:]
    assert "\x1b[32;1mcompleted" in colored[0]


# --- The journey in this process ------------------------------------------------------------------------------------


@pytest.fixture
def sandbox(groups, settings):
    """A running portal that behaves oddly, and its row."""
    odd: dict[str, Any] = {"fail_times": 3, "decision": "denied", "decision_reasons": ["Odd."], "delay_ms": 1}
    with running_portal(**odd) as running:
        for name, value in running.settings.items():
            setattr(settings, name, value)
        demo.create_portal(running.url)
        yield running


def walk(**options):
    """Walk the journey and return what it says."""
    said = StringIO()
    call_command("demo_journey", stdout=said, **options)
    return said.getvalue()


@pytest.fixture(autouse=True)
def wide_terminal(monkeypatch):
    """Text wraps at the terminal's width, and a test that runs beside others is told of a narrow one."""
    monkeypatch.setenv("COLUMNS", "110")


@pytest.mark.django_db
def test_it_walks_with_the_portal_that_answers_and_leaves_it_as_it_was(sandbox):
    before = sandbox.json("GET", "/behavior")

    said = walk()

    assert "Sandbox state portal answers at" in said
    assert [words for words in WORDS_OF_A_JOURNEY if words not in said and not words.startswith("sent")] == []
    assert sandbox.json("GET", "/behavior") == before
    assert sandbox.counts()["submissions"] == 1
    assert Application.objects.get().status == "state_approved"


@pytest.mark.django_db
def test_it_can_be_walked_again_and_says_what_the_checks_found_then(sandbox):
    walk()

    said = walk()

    assert "passed    14 of 15" in said
    assert "warning   EIN used once: 1 other application on file with this EIN." in said
    assert sandbox.counts()["duplicates"] == []


@pytest.mark.django_db
def test_it_says_why_it_stops_and_leaves_the_portal_as_it_was(sandbox, lindqvist, monkeypatch):
    monkeypatch.setattr(journey, "PATIENCE_SECONDS", 0.5)
    before = sandbox.json("GET", "/behavior")
    workers.pause(Worker.objects.get_or_create(name="application")[0], by=lindqvist, reason="New disk.")

    with pytest.raises(CommandError, match=r"the packet did not come.*is paused by lindqvist: New disk"):
        walk()

    assert sandbox.json("GET", "/behavior") == before


@pytest.mark.django_db
def test_it_says_which_job_ended_before_its_time(sandbox, monkeypatch):
    monkeypatch.setattr(journey.Journey, "_review", lambda self, checkpoint: reject(checkpoint, self.people["okafor"]))

    with pytest.raises(CommandError, match=r"application.process ended before the portal’s receipt came. Rejected: No"):
        walk()


def reject(checkpoint, by):
    """Reject in place of approving."""
    decide(checkpoint.pk, actor=by, verdict="reject", version=1, comment="No.")


@pytest.fixture
def lindqvist(groups):
    """An operator."""
    return member("lindqvist", "Operator")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"OUTBOUND_PRIVATE_HOSTS": []}, "Provost may not call 127.0.0.1:.*OUTBOUND_PRIVATE_HOSTS="),
        ({"PORTAL_SECRETS": {}}, "PORTAL_SECRETS holds no usable secret for sandbox"),
    ],
)
def test_it_says_what_to_set(sandbox, settings, change, reason):
    for name, value in change.items():
        setattr(settings, name, value)

    with pytest.raises(CommandError, match=reason):
        walk()

    assert not Application.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"delivery": "https", "base_url": "https://state.example"}, "is no sandbox on this machine"),
        ({"base_url": "http://state.example:80"}, "is no sandbox on this machine"),
        ({"active": False}, "is inactive. Make it active"),
    ],
)
def test_it_sends_an_invented_application_to_no_other_portal(sandbox, fields, reason):
    Portal.objects.create(slug="first", name="A real one", delivery="manual", instructions="x")
    Portal.objects.filter(slug="sandbox").update(**fields)

    with pytest.raises(CommandError, match=reason):
        walk()

    assert not Application.objects.exists()


@pytest.mark.django_db
def test_it_stops_where_the_state_has_a_portal_of_its_own(sandbox):
    Portal.objects.create(slug="in", name="INTraining", delivery="manual", instructions="x")

    with pytest.raises(CommandError, match="Applications from IN go to “INTraining” here"):
        walk()

    assert not Application.objects.exists()


@pytest.mark.django_db
def test_it_says_when_something_else_listens_where_the_portal_should(groups, settings):
    with socket.create_server(("127.0.0.1", 0)) as other:
        place = f"127.0.0.1:{other.getsockname()[1]}"
        settings.OUTBOUND_PRIVATE_HOSTS, settings.PORTAL_SECRETS = [place], {"sandbox": SECRET}
        demo.create_portal(f"http://{place}")

        with pytest.raises(CommandError, match="The sandbox portal did not start at"):
            walk()


# --- The journey as a process, on a database of its own --------------------------------------------------------------


def free_port():
    """Return a port nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


class House:
    """An installation with nothing in it yet, and commands that run in it as processes."""

    def __init__(self, folder, database_url):
        self.folder = folder
        self.port = free_port()
        self.variables = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "PROVOST_ENVIRONMENT": "test",
            "SECRET_KEY": "key-of-a-house",
            "DATABASE_URL": database_url,
            "PORTAL_SECRETS": f"sandbox={SECRET}",
            "OUTBOUND_PRIVATE_HOSTS": f"127.0.0.1:{self.port}",
            "ARCHIVE_ROOT": str(folder / "archive"),
            "SEAL_FILE": str(folder / "seal.p12"),
            "AUTOPILOT_RUN_DIRECTORY": str(folder / "run"),
            "EMAIL_FILE_PATH": str(folder / "mail"),
        }

    def start(self, *arguments):
        """Start a command."""
        command = [sys.executable, "manage.py", *arguments]
        return subprocess.Popen(
            command, cwd=ROOT, env=self.variables, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )

    def run(self, *arguments):
        """Run a command and return its status and what it said."""
        process = self.start(*arguments)
        said, _ = process.communicate(timeout=120)
        return process.returncode, said

    def walk(self):
        """Run the journey."""
        return self.run("demo_journey", *self.at)

    @property
    def at(self):
        """The option that names the portal's place."""
        return ("--portal", f"http://127.0.0.1:{self.port}")

    def portal(self):
        """Return what the sandbox portal remembers."""
        return Store(self.folder / "run" / "sandbox_portal.sqlite3")


@contextmanager
def empty_database(folder):
    """Give the address of an empty database on the kind of database the tests run on."""
    if connection.vendor == "sqlite":
        yield f"sqlite:///{folder / 'house.sqlite3'}"
        return
    settings, name = connection.settings_dict, f"house_{os.getpid()}_{time.monotonic_ns()}"
    login = {
        "host": settings["HOST"],
        "port": settings["PORT"],
        "user": settings["USER"],
        "password": settings["PASSWORD"],
    }
    with psycopg.connect(dbname="postgres", autocommit=True, **login) as server:
        server.execute(f'CREATE DATABASE "{name}"')
        try:
            password = f":{settings['PASSWORD']}" if settings["PASSWORD"] else ""
            yield f"postgres://{settings['USER']}{password}@{settings['HOST']}:{settings['PORT']}/{name}"
        finally:
            server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """An installation that the tests below share, so that it is set up once."""
    folder = tmp_path_factory.mktemp("house")
    with empty_database(folder) as url:
        yield House(folder, url)


def is_open(port):
    """Return whether anybody listens on a port."""
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


@pytest.mark.alone
def test_it_walks_an_empty_database_in_under_a_minute(house):
    began = time.monotonic()

    status, said = house.walk()

    assert status == 0, said
    assert time.monotonic() - began < 60
    assert "brought up to date" in said
    assert "Sandbox state portal started at" in said
    assert [words for words in WORDS_OF_A_JOURNEY if words not in said] == []
    assert "\x1b" not in said
    written = re.findall(r"^ +(/.*)$", said, re.MULTILINE)
    assert len(written) == 5
    assert all(Path(path).is_file() for path in written)
    assert not is_open(house.port)
    assert house.portal().behavior() == Behavior()
    assert house.portal().counts()["submissions"] == 1


@pytest.mark.alone
def test_it_loads_twice_beside_what_was_walked(house):
    house.walk()
    counted = "from programs.models import *; from autopilot.models import *; print(Portal.objects.count(), Holder.objects.count())"
    counts = []
    for _ in range(2):
        status, said = house.run("load_demo", *house.at)
        assert status == 0, said
        assert "with the password provost-demo" in said
        counts.append(house.run("shell", "-v0", "-c", counted)[1].split())

    assert counts[0] == counts[1]
    assert counts[0][0] == "1"


@pytest.mark.alone
def test_it_walks_beside_a_cluster_on_the_same_database(house):
    cluster = house.start("autopilot")
    try:
        status, said = house.walk()
    finally:
        cluster.send_signal(signal.SIGTERM)
        cluster.communicate(timeout=60)

    assert status == 0, said
    assert [words for words in WORDS_OF_A_JOURNEY if words not in said] == []
    assert house.portal().counts()["duplicates"] == []


@pytest.mark.alone
def test_it_takes_its_portal_with_it_when_it_is_ended(house):
    walking = house.start("demo_journey", *house.at)
    lines = iter(walking.stdout.readline, "")
    assert any("Sandbox state portal started at" in line for line in lines)

    walking.send_signal(signal.SIGTERM)
    walking.communicate(timeout=30)

    assert walking.returncode == 128 + signal.SIGTERM
    assert not is_open(house.port)
    assert house.portal().behavior() == Behavior()


@pytest.mark.alone
def test_it_ends_with_status_1_and_one_line_when_it_cannot_go_on(house):
    kept, house.variables["PORTAL_SECRETS"] = house.variables["PORTAL_SECRETS"], ""

    status, said = house.walk()

    house.variables["PORTAL_SECRETS"] = kept
    assert status == 1
    assert said.splitlines()[-1].startswith("CommandError: PORTAL_SECRETS holds no usable secret for sandbox.")
    assert "Traceback" not in said
