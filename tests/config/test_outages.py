"""A database that is away: what people, programs and probes are told, how soon, and how soon it is over."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection, HTTPResponse

import pytest
from django.db import InterfaceError, OperationalError, connection, transaction
from django.http import HttpRequest, HttpResponse
from django.urls import path

from config import urls
from config.env import ROOT
from tests.config.gate import Gate

WITHIN, HEALED_WITHIN = 2.0, 15.0
THREADS = 8
GUNICORN = ["gunicorn", "config.wsgi", "-c", "docs/deploy/gunicorn.conf.py", "-w", "1"]
PAGES = ["/", "/apply/", "/admin/", "/accounts/login/", "/api/v1/jobs/", "/metrics", "/no-such-page"]


class Web:
    """The web server of a deployment, with one process, whose database is behind a gate."""

    def __init__(self, gate: Gate, port: int) -> None:
        self.gate, self.port = gate, port

    def ask(self, path: str) -> tuple[HTTPResponse, bytes, float]:
        """Return what a page answers, and after how many seconds."""
        begun = time.monotonic()
        line = HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            line.request("GET", path, headers={"Cookie": "sessionid=somebody"})
            answer = line.getresponse()
            return answer, answer.read(), time.monotonic() - begun
        finally:
            line.close()

    def ask_at_once(self, paths: list[str]) -> list[tuple[int, float]]:
        """Return the status and the seconds of several pages asked at the same time."""
        with ThreadPoolExecutor(len(paths)) as crowd:
            return [(answer.status, seconds) for answer, _, seconds in crowd.map(self.ask, paths)]

    def wait_for(self, status: int, path: str = "/readyz") -> float:
        """Wait until a page answers with a status; returns after how many seconds it did."""
        begun = time.monotonic()
        while time.monotonic() < begun + HEALED_WITHIN:
            try:
                if self.ask(path)[0].status == status:
                    return time.monotonic() - begun
            except ConnectionRefusedError:
                pass
            time.sleep(0.1)
        raise AssertionError(f"{path} never answered {status}")


@pytest.fixture(scope="module")
def web(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """A web server whose threads all hold a connection to the database."""
    server = connection.get_connection_params()
    login = f"{server.get('user', '')}:{server.get('password', '')}"
    log = (tmp_path_factory.mktemp("web") / "log").open("wb")
    with Gate(server.get("host", "127.0.0.1"), int(server.get("port", 5432))) as gate, log:
        url = f"postgres://{login}@127.0.0.1:{gate.port}/{server['dbname']}"
        served = Web(gate, _free_port())
        process = subprocess.Popen(
            [sys.executable, "-m", *GUNICORN, "-b", f"127.0.0.1:{served.port}"],
            cwd=ROOT,
            env=os.environ | {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "tests.settings"},
            stderr=log,
        )
        try:
            served.wait_for(200)
            served.ask_at_once(["/"] * THREADS)
            yield served
        finally:
            process.terminate()
            process.wait()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


@pytest.mark.alone
@pytest.mark.postgresql_only
@pytest.mark.parametrize(("leave", "come_back"), [(Gate.hang, Gate.release), (Gate.shut, Gate.open)])
def test_it_answers_503_while_the_database_is_away_and_heals_by_itself(web, leave, come_back):
    leave(web.gate)

    first, later = web.ask_at_once(PAGES), web.ask_at_once(PAGES)
    alive, ready = web.ask("/healthz"), web.ask("/readyz")
    page, problem = web.ask("/apply/"), web.ask("/api/v1/jobs/")
    come_back(web.gate)
    healed = web.wait_for(200), web.wait_for(200, "/")

    assert [status for status, _ in first + later] == [503] * len(first + later)
    assert max(seconds for _, seconds in first) < WITHIN
    assert max(seconds for _, seconds in later) < WITHIN / 4
    assert (alive[0].status, ready[0].status) == (200, 503)
    assert max(alive[2], ready[2]) < WITHIN / 4
    assert page[0].headers["Content-Type"].startswith("text/html")
    assert b"Provost is away for a moment" in page[1]
    assert problem[0].headers["Content-Type"] == "application/problem+json"
    assert {page[0].headers["Retry-After"], problem[0].headers["Retry-After"]} == {"5"}
    assert sum(healed) < HEALED_WITHIN


@pytest.mark.alone
@pytest.mark.postgresql_only
@pytest.mark.django_db(transaction=True)
def test_it_waits_for_a_healthy_database_that_merely_takes_long(web):
    with ThreadPoolExecutor(1) as crowd:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("LOCK TABLE django_session IN ACCESS EXCLUSIVE MODE")
            waiting = crowd.submit(web.ask, "/")
            time.sleep(WITHIN)
        answer, _, seconds = waiting.result()

    assert (answer.status, seconds > WITHIN) == (200, True)


@pytest.mark.postgresql_only
@pytest.mark.django_db
def test_it_has_the_kernel_give_up_a_database_host_that_vanished():
    connection.ensure_connection()
    asked = [socket.TCP_USER_TIMEOUT, socket.TCP_KEEPIDLE, socket.TCP_KEEPINTVL, socket.TCP_KEEPCNT]

    with socket.socket(fileno=os.dup(connection.connection.pgconn.socket)) as line:
        told = [line.getsockopt(socket.IPPROTO_TCP, option) for option in asked]
        alive = line.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)

    assert (alive, told) == (1, [10_000, 10, 5, 3])


def fail(*arguments: object) -> HttpResponse:
    """A view for which the database is locked."""
    raise OperationalError("database is locked")


def fail_on_the_way_out(respond: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: lose the database after the view, as where a session is saved."""

    def failing(request: HttpRequest) -> HttpResponse:
        respond(request)
        raise InterfaceError("the connection is closed")

    return failing


class WithFailingPages:
    """The routes of the project and two more."""

    urlpatterns = (path("failing", fail), path("api/failing", fail), *urls.urlpatterns)
    handler500 = urls.handler500


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["get", "post"])
def test_it_says_that_what_was_sent_may_not_be_saved(client, settings, method):
    settings.ROOT_URLCONF = WithFailingPages

    answer = getattr(client, method)("/failing?page=2")

    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert "no-store" in answer["Cache-Control"]
    assert (b'href="/failing?page=2"' in answer.content) is (method == "get")
    assert (b"may not have been saved" in answer.content) is (method == "post")
    assert "default-src 'none'" in answer["Content-Security-Policy"]


@pytest.mark.django_db
def test_it_answers_programs_in_a_problem(client, settings):
    settings.ROOT_URLCONF = WithFailingPages

    answer = client.get("/api/failing")

    assert (answer.status_code, answer["Content-Type"]) == (503, "application/problem+json")
    assert (answer["Retry-After"], answer.json()["type"]) == ("5", "urn:provost:problem:unavailable")


@pytest.mark.django_db
def test_it_is_no_error_of_ours_when_the_middleware_loses_the_database(client, settings):
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, f"{__name__}.fail_on_the_way_out"]
    client.raise_request_exception = False

    answer = client.get("/")

    assert (answer.status_code, answer["Retry-After"]) == (503, "5")


@pytest.mark.django_db
def test_it_leaves_errors_of_ours_what_they_are(client, settings, monkeypatch):
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, f"{__name__}.fail_on_the_way_out"]
    monkeypatch.setattr(f"{__name__}.InterfaceError", ValueError)
    client.raise_request_exception = False

    answer = client.get("/")

    assert answer.status_code == 500
    assert b"Something went wrong on our side" in answer.content
