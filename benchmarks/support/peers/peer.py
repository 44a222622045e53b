"""What the measuring knows of a queue: how it is set up, its worker processes, and the module that sends its jobs."""

import os
import shutil
import sys
from dataclasses import dataclass, field
from importlib.util import find_spec

FOLDER = "benchmarks.support.peers"
PYTHON = (sys.executable, "-m")
MANAGE = (*PYTHON, "django")

Command = tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Peer:
    """One queue in one configuration.

    `package` is its folder, whose module `tasks` sends its jobs: `send_many(number)`, `send()`, and `unfinished()`, how
    many have not yet succeeded by the queue's own records. `prepare` are the commands that make its tables, `workers`
    those that start its two worker processes. `rate` is about how many jobs a second to expect. `configuration` says how
    it was made fast. `needs` is a Python package that may be missing. One that does not `wait` ends when its queue is
    empty.
    """

    name: str
    package: str
    store: str
    configuration: str
    workers: tuple[Command, ...]
    rate: int
    prepare: tuple[Command, ...] = ()
    variables: dict[str, str] = field(default_factory=dict)
    needs: str = "django"
    waits: bool = True

    @property
    def title(self) -> str:
        """Its name and where it keeps its jobs."""
        return f"{self.name} ({self.store})"

    @property
    def tasks(self) -> str:
        """The module that sends its jobs."""
        return f"{FOLDER}.{self.package}.tasks"

    @property
    def missing(self) -> str:
        """What it needs and this machine does not have; nothing if it can be measured."""
        if find_spec(self.needs) is None:
            return f"the Python package {self.needs} is not installed"
        if self.store == "Redis" and shutil.which("redis-server") is None:
            return "redis-server is not installed"
        return ""

    def environment(self, store: str) -> dict[str, str]:
        """Return the environment of all its processes; `store` is the address of its own database, or of Redis."""
        settings = f"{FOLDER}.{self.package}.settings"
        django = {"DJANGO_SETTINGS_MODULE": settings} if find_spec(settings) else {}
        return os.environ | {"DATABASE_URL": store} | django | self.variables


def twice(*command: str) -> tuple[Command, ...]:
    """Return a command for each of two worker processes, with the number in place of {}."""
    return tuple(tuple(word.replace("{}", number) for word in command) for number in "12")
