"""Every variable is read in `config/`, and explained in `.env.example`."""

import ast
import re
from collections.abc import Iterator

import pytest

from config.env import ROOT
from tests.house.source import broken, lines, name_of

pytestmark = pytest.mark.once

EXAMPLE = (ROOT / ".env.example").read_text(encoding="utf-8")
MAY_TOUCH_THE_ENVIRONMENT = [
    "config/env.py",  # the door
    "config/wsgi.py",  # names the settings to Django
    "autopilot/cluster/",  # hands the cluster's name and a clean environment to its own children
    "autopilot/documents/",  # hands a clean environment to the process that makes PDFs
]


def names_read(code: str) -> set[str]:
    """Return the variables that a module asks the readers of `config.env` for."""
    return {
        node.args[0].value
        for node in ast.walk(ast.parse(code))
        if isinstance(node, ast.Call)
        and name_of(node.func).startswith("env.")
        and node.args
        and isinstance(node.args[0], ast.Constant)
        and isinstance(node.args[0].value, str)
    }


def environment_reads(tree: ast.Module) -> Iterator[int]:
    """Yield the lines that touch the environment without the door."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and name_of(node) in {"os.environ", "os.getenv", "os.putenv"}:
            yield node.lineno


def test_the_example_names_every_variable_that_the_settings_read_and_no_other():
    explained = re.findall(r"^(?:# )?([A-Z0-9_]+)=", EXAMPLE, re.MULTILINE)

    assert sorted(explained) == sorted(names_read((ROOT / "config/settings.py").read_text(encoding="utf-8")))


def test_the_example_explains_each_variable_in_the_lines_above_it():
    blocks = [
        block.splitlines() for block in EXAMPLE.split("\n\n") if re.search(r"^(# )?[A-Z0-9_]+=", block, re.MULTILINE)
    ]

    assert [block for block in blocks if not re.match(r"# [A-Z][a-z]|# sqlite", block[0])] == []


def test_it_is_read_through_its_door_alone():
    places = broken(environment_reads, allowed=MAY_TOUCH_THE_ENVIRONMENT)

    assert not places, places


def test_it_finds_planted_readers():
    assert names_read("X = env.flag('NEW', True)\nY = env.env.dict('PAIRS')") == {"NEW", "PAIRS"}
    assert lines(environment_reads, "import os\nX = os.environ.get('NEW')\nY = os.getenv('NEW')") == [2, 3]
