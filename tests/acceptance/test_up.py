"""`python3 dev.py up`, as a newcomer runs it: a copy of the project without a database comes up with the demo in it."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest

import dev

pytestmark = [pytest.mark.alone, pytest.mark.once]
LEFT_BEHIND = shutil.ignore_patterns(
    ".git", ".venv", ".env", "var", ".*_cache", ".hypothesis", "__pycache__", "*.sqlite3*"
)
PAGES = ("/", "/programs/", "/apply/", "/accounts/login/", "/api/v1/docs", "/healthz")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the project whose packages are installed already."""
    copy = Path(shutil.copytree(dev.ROOT, tmp_path / "project", ignore=LEFT_BEHIND))
    (copy / ".venv").symlink_to(dev.VENV)
    return copy


@pytest.fixture
def running(project: Path) -> Iterator[subprocess.Popen[str]]:
    """Provost, coming up at a free port; ended afterwards, whatever happened."""
    command = [sys.executable, "dev.py", "up", "--port", str(_free_port())]
    variables = {"PATH": os.environ["PATH"], "HOME": str(project)}
    process = subprocess.Popen(
        command, cwd=project, encoding="utf-8", env=variables, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    yield process
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)


@pytest.mark.timeout(280)
def test_it_comes_up_with_the_demo_and_leaves_at_once(running):
    printed = []
    for line in running.stdout:
        printed.append(line)
        if "Ctrl-C stops everything" in line:
            break
    told = "".join(printed)
    ready = re.search(r"Provost is ready at (http://127\.0\.0\.1:\d+)/", told)

    assert ready, told
    assert {page: _status(f"{ready[1]}{page}") for page in PAGES} == dict.fromkeys(PAGES, 200)
    assert "/portal/" in told
    running.send_signal(signal.SIGINT)
    assert running.wait(timeout=60) == 0


def _status(address: str) -> int:
    with urlopen(address) as answer:
        answer.read()
        return int(answer.status)


def _free_port() -> int:
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return int(asked.getsockname()[1])
