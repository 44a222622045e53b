"""Fresh databases for an installation, and this process's way into them."""

import os
import shutil
import subprocess
import sys
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import connections
from environ import Env

from config.env import ROOT
from tests.faults.postgres import PostgresServer

SETTINGS = {"DJANGO_SETTINGS_MODULE": "tests.faults.settings", "PROVOST_ENVIRONMENT": "test"}
TEMPLATE = "template_provost"


class Databases(ABC):
    """Makes databases that have the schema of the project and of the test handlers."""

    def __init__(self) -> None:
        self._count = 0

    def fresh(self) -> str:
        """Return the DATABASE_URL of a new one."""
        if self._count == 0:
            self._create(TEMPLATE)
            _migrate(self.url(TEMPLATE))
        self._count += 1
        name = f"office_{self._count}"
        self._copy(TEMPLATE, name)
        return self.url(name)

    def empty(self, name: str) -> str:
        """Return the DATABASE_URL of a new one without any table."""
        self._create(name)
        return self.url(name)

    @abstractmethod
    def url(self, name: str) -> str:
        """Return the DATABASE_URL of a database."""

    @abstractmethod
    def _create(self, name: str) -> None: ...

    @abstractmethod
    def _copy(self, template: str, name: str) -> None: ...


class SqliteDatabases(Databases):
    """Files in a folder."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder

    def url(self, name: str) -> str:
        """Return the URL of a file."""
        return f"sqlite:///{self._folder / name}.sqlite3"

    def _create(self, name: str) -> None:
        """Do nothing: the file comes with the first table."""

    def _copy(self, template: str, name: str) -> None:
        shutil.copy(self._folder / f"{template}.sqlite3", self._folder / f"{name}.sqlite3")


class PostgresDatabases(Databases):
    """Databases on a server of our own."""

    def __init__(self, server: PostgresServer) -> None:
        super().__init__()
        self.server = server

    def url(self, name: str) -> str:
        """Return the URL of a database on the server."""
        return self.server.url(name)

    def _create(self, name: str) -> None:
        self.server.create(name)

    def _copy(self, template: str, name: str) -> None:
        self.server.create(name, template)


@contextmanager
def connected_to(url: str) -> Iterator[None]:
    """Let every thread of this process work on another database of the same kind for the length of a block."""
    configured, kept = connections.settings["default"], connections["default"]
    connections.settings["default"] = configured | Env.db_url_config(url)
    connections["default"] = connections.create_connection("default")
    try:
        yield
    finally:
        connections["default"].close()
        connections.settings["default"], connections["default"] = configured, kept


def _migrate(url: str) -> None:
    environment = os.environ | SETTINGS | {"DATABASE_URL": url}
    command = [sys.executable, "manage.py", "migrate", "--run-syncdb", "-v0"]
    subprocess.run(command, cwd=ROOT, env=environment, check=True)
