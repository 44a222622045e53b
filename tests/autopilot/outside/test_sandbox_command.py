"""The sandbox portal as a process of its own."""

import os
import re
import signal
import socket
import subprocess
import sys

import pytest
from django.core.management import CommandError, call_command

from config.env import ROOT
from tests.autopilot.outside.test_sandbox_portal import hand_in
from tests.portal import SECRET, SLUG, RunningPortal

pytestmark = pytest.mark.once


def start(folder):
    """Start the command on a free port; return the process and the portal it announced."""
    process = subprocess.Popen(
        [sys.executable, "manage.py", "sandbox_portal", "--port", "0", "--database", str(folder / "portal.sqlite3")],
        cwd=ROOT,
        env=os.environ | {"PORTAL_SECRETS": f"{SLUG}={SECRET}", "DATABASE_URL": "postgres://nobody@127.0.0.1:1/none"},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    announced = process.stdout.readline()
    found = re.fullmatch(r"Sandbox portal at (http://127\.0\.0\.1:\d+)/\n", announced)
    assert found, announced
    return process, RunningPortal(found[1])


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_serves_until_it_is_told_to_stop(tmp_path, number):
    process, portal = start(tmp_path)
    with process:
        status, receipt = hand_in(portal)
        process.send_signal(number)
        said = process.communicate(timeout=15)[0]

    assert (status, receipt["number"][:3]) == (201, "SB-")
    assert process.returncode == 0
    assert said == "Sandbox portal stopped.\n"


def test_it_remembers_after_it_was_killed(tmp_path):
    process, portal = start(tmp_path)
    with process:
        hand_in(portal, "packet-1")
        process.kill()

    process, portal = start(tmp_path)
    with process:
        counts = portal.counts()
        process.terminate()

    assert counts["packets"]["packet-1"]["submissions"] == 1


def test_it_refuses_to_start_without_a_secret(settings, tmp_path):
    settings.PORTAL_SECRETS = {}

    with pytest.raises(CommandError, match="PORTAL_SECRETS holds no usable secret for sandbox"):
        call_command("sandbox_portal", "--port", "0", "--database", str(tmp_path / "portal.sqlite3"))


def test_it_refuses_a_port_that_is_taken_or_none(settings, tmp_path):
    settings.PORTAL_SECRETS = {SLUG: SECRET}

    with socket.create_server(("127.0.0.1", 0)) as other:
        for port in (str(other.getsockname()[1]), "99999"):
            with pytest.raises(CommandError, match=f"cannot listen on port {port}"):
                _call(port, tmp_path)


def test_it_refuses_a_callback_address_that_is_none(settings, tmp_path):
    settings.PORTAL_SECRETS = {SLUG: SECRET}

    with pytest.raises(CommandError, match="--callback-url must start with"):
        _call("0", tmp_path, "--callback-url", "javascript:alert(1)")


def _call(port, folder, *options):
    call_command("sandbox_portal", "--port", port, "--database", str(folder / "portal.sqlite3"), *options)
