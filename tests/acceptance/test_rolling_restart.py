"""The web server is reloaded as docs/deploy says, and nobody who asks it meanwhile notices."""

import http.client
import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import psutil
import pytest

from config.env import ROOT
from tests.faults.cluster import eventually

pytestmark = [pytest.mark.alone, pytest.mark.once]

PACE = 1 / 20
COMMAND = [sys.executable, "-m", "gunicorn", "config.wsgi", "--config", "docs/deploy/gunicorn.conf.py"]
UNIT = ROOT / "docs" / "deploy" / "systemd" / "provost-web.service"


@contextmanager
def web_server(folder):
    """Run gunicorn as its unit does, on a free port; give the main process and the port."""
    environment = {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "PROVOST_ENVIRONMENT": "test",
        "DATABASE_URL": f"sqlite:///{folder / 'web.sqlite3'}",
    }
    log = folder / "web.log"
    with log.open("wb") as out:
        started = subprocess.Popen(
            [*COMMAND, "--bind", "127.0.0.1:0"], cwd=ROOT, env=os.environ | environment, stdout=out, stderr=out
        )
    try:
        server = psutil.Process(started.pid)
        port = eventually(lambda: next(iter(listening(server)), None), 20, "the web server listens")
        eventually(lambda: ask(port) == 200, 30, "the web server answers")
        yield server, port
    finally:
        started.terminate()
        started.wait(40)


def listening(server):
    """Return the ports on which a process listens."""
    return [each.laddr.port for each in server.net_connections("tcp") if each.status == psutil.CONN_LISTEN]


def ask(port):
    """Open the front page on a connection of its own; return the status, or what went wrong."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", "/", headers={"Connection": "close"})
        response = connection.getresponse()
        response.read()
        return response.status
    except (OSError, http.client.HTTPException) as error:
        return repr(error)
    finally:
        connection.close()


@contextmanager
def steady_requests(port):
    """Let requests come in at an even pace for the length of a block; give the list of what came back."""
    over, answers = threading.Event(), []
    with ThreadPoolExecutor(40) as visitors:

        def come():
            while not over.wait(PACE):
                visitors.submit(lambda: answers.append(ask(port)))

        door = threading.Thread(target=come)
        door.start()
        yield answers
        over.set()
        door.join()


def test_a_reload_exchanges_every_worker_and_no_request_fails(tmp_path):
    assert "ExecReload=/bin/kill -HUP $MAINPID" in UNIT.read_text(encoding="utf-8")
    with web_server(tmp_path) as (server, port):
        old = set(server.children())
        with steady_requests(port) as answers:
            time.sleep(1)
            server.send_signal(signal.SIGHUP)
            eventually(lambda: len(server.children()) == 4, 20, "new workers load beside the old ones")
            eventually(lambda: not old & set(server.children()), 40, "every worker is a new one")
            time.sleep(1)

        assert len(server.children()) == len(old) == 2
        assert len(answers) > 40
        assert set(answers) == {200}
