"""The probes, asked as a load balancer asks them."""

import os
import subprocess
import sys

import pytest

ASK_WITHOUT_DATABASE = """
import django
django.setup()
from django.test import Client
answer = Client(headers={"host": "localhost"}).get("/readyz")
print(answer.status_code, answer.content.decode())
"""


def test_it_is_alive_without_a_database(client):
    answer = client.get("/healthz")

    assert (answer.status_code, answer.content) == (200, b"ok\n")


@pytest.mark.django_db
def test_it_is_ready_when_every_migration_is_applied(client):
    answer = client.get("/readyz")

    assert (answer.status_code, answer.content) == (200, b"ok\n")


@pytest.mark.django_db
def test_it_is_not_ready_while_a_migration_waits(client, settings):
    settings.MIGRATION_MODULES = {"students": "tests.config.waiting_migrations"}

    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert b"run manage.py migrate" in answer.content


@pytest.mark.once
def test_it_is_not_ready_without_its_database():
    nowhere = {"DATABASE_URL": "postgres://nobody@127.0.0.1:1/nothing", "DJANGO_SETTINGS_MODULE": "tests.settings"}

    answer = subprocess.run(
        [sys.executable, "-c", ASK_WITHOUT_DATABASE],
        env=os.environ | nowhere,
        capture_output=True,
        text=True,
        check=True,
    )

    assert answer.stdout.startswith("503 the database does not answer")


@pytest.mark.parametrize("page", ["/healthz", "/readyz"])
@pytest.mark.django_db
def test_it_tells_caches_to_keep_nothing_and_sets_no_cookie(client, page):
    answer = client.get(page)

    assert "no-store" in answer["Cache-Control"]
    assert not answer.cookies


@pytest.mark.parametrize("page", ["/healthz", "/readyz"])
def test_it_takes_no_posts(client, page):
    assert client.post(page).status_code == 405
