"""Every example of docs/commands.md is run, and the page names no option that does not exist."""

import argparse
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.management import get_commands, load_command_class
from openpyxl import Workbook

from autopilot import doctor
from autopilot.engine import registry
from autopilot.models import ClusterHeartbeat
from config import demo, setup
from config.env import ROOT
from students.wioa.pirl.schema import development_schema
from students.wioa.pirl.writing import lines
from tests.autopilot.engine.standing import standing
from tests.autopilot.fillable_forms.paper import Paper
from tests.autopilot.management.calls import run
from tests.autopilot.sweep.asking import asked
from tests.students.wioa.participants import participants

PAGE = (ROOT / "docs/commands.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^\$ python3 manage\.py (.+)$", PAGE, re.MULTILINE)
OTHERS = re.findall(r"^\| `manage\.py ([^`]+)`", PAGE, re.MULTILINE)
READ = {"FORM.pdf", "VALUES.json", "PIRL.csv", "SCHEMA.xlsx"}
WRITTEN = {"OUT.pdf", "PROGRAMS.xlsx", "AUDIT.csv"}
SCHEMA = [
    ["DATA ELEMENT NO.", "DATA ELEMENT NAME", "DATA TYPE/FIELD LENGTH", "CODE VALUE"],
    ["OBS", "Observation Number", "IN 9", ""],
    ["100", "Unique Individual Identifier (WIOA)", "AN 12", ""],
]
NAMES = sorted({example.split()[0] for example in EXAMPLES})


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    """A form with one field and a value for it, a PIRL and a schema of it, and places for what is written."""
    paper = Paper()
    paper.add("name", TU="Your name")
    given = {name: tmp_path / name for name in READ | WRITTEN}
    given["FORM.pdf"].write_bytes(paper.content())
    given["VALUES.json"].write_text('{"name": "Imani Brooks"}')
    given["PIRL.csv"].write_bytes(b"".join(lines(participants(20), development_schema())))
    book = Workbook()
    for row in SCHEMA:
        book.active.append(row)
    book.save(given["SCHEMA.xlsx"])
    return given


@pytest.fixture
def words(db, files) -> Any:
    """A house in which all examples make sense, and what their placeholders stand for."""
    with registry.registered_for_test():
        demo.create_people()
        ClusterHeartbeat.objects.create(process="host:1", cluster="host", role="pump")
        asking, other = asked(), asked(reviewers="Reviewer")
        failed = standing("failed", error_fingerprint="0123456789abcdef", reason="attempts_exhausted")
        placeholders = {
            "JOB": asking.job_id,
            "CHECKPOINT": asking.pk,
            "OTHER": other.pk,
            "FAILED": failed.pk,
            "FINGERPRINT": failed.error_fingerprint,
            **files,
        }
        yield lambda example: [str(placeholders.get(word, word)) for word in shlex.split(example)]


def prepare(example: str) -> None:
    """Bring about what an example takes for granted."""
    if example.startswith("workers resume"):
        run("workers", "pause", "document", "--as", "lindqvist", "--reason", "Before.")
    if example.startswith("check_setup"):
        run("make_seal")
        run("make_certificate_key")


@pytest.mark.django_db
@pytest.mark.parametrize("example", EXAMPLES)
def test_every_example_does_what_the_page_says(example, words):
    prepare(example)

    given = words(example)
    ran = run(*given)

    answer = Path(given[given.index("--output") + 1]).read_bytes() if "--output" in given else ran.out
    assert (ran.code, bool(answer)) == (0, True), ran.err


def options_of(name: str) -> dict[str, set[str]]:
    """Return the options of a command, by its verb; "" where it has none."""
    parser = load_command_class(get_commands()[name], name).create_parser("manage.py", name)
    verbs = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    parsers = verbs[0].choices if verbs else {"": parser}
    return {
        verb: {text for action in each._actions for text in action.option_strings} for verb, each in parsers.items()
    }


@pytest.mark.once
def test_the_page_shows_every_verb_of_its_commands():
    shown = {tuple(example.split()[:2]) for example in EXAMPLES}

    missing = [(name, verb) for name in NAMES for verb in options_of(name) if verb and (name, verb) not in shown]

    assert missing == []


@pytest.mark.once
@pytest.mark.parametrize("example", OTHERS)
def test_the_other_commands_take_what_the_page_writes(example):
    name, *words = shlex.split(example)

    parser = load_command_class(get_commands()[name], name).create_parser("manage.py", name)

    assert parser.parse_args(words)


@pytest.mark.once
def test_the_page_names_every_command_of_ours():
    ours = {name for name, app in get_commands().items() if app in ("autopilot", "config", "programs", "students")}

    assert ours == {*NAMES, *(example.split()[0] for example in OTHERS)}


@pytest.mark.once
def test_the_page_names_only_options_that_exist():
    names = [*NAMES, *(example.split()[0] for example in OTHERS)]
    known = {option for name in names for options in options_of(name).values() for option in options}
    named = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", PAGE))

    assert named <= known


@pytest.mark.once
def test_the_page_names_the_checks_as_they_are():
    about_the_doctor = PAGE.partition("## See whether all is well")[2].partition("\n## ")[0]
    table = re.findall(r"^\| `(\w+)` \|", about_the_doctor, re.MULTILINE)

    assert sorted(table) == sorted(doctor.CHECKS)
    assert {"doctor", "jobs", "checkpoints", "workers", "queue_stats", "verify_events", "replay_check"} <= set(NAMES)
    assert set(re.findall(r"check_setup --check (\w+)", PAGE)) <= set(setup.CHECKS)


@pytest.mark.once
def test_a_shell_gets_the_exit_code_and_the_message_apart_from_the_answer(tmp_path):
    variables = {"PROVOST_ENVIRONMENT": "test", "DATABASE_URL": f"sqlite:///{tmp_path}/nowhere/x.sqlite3"}
    words = [sys.executable, "manage.py", "queue_stats", "--format", "json"]

    ended = subprocess.run(words, cwd=ROOT, env=variables, capture_output=True, text=True, check=False)

    assert (ended.returncode, ended.stdout) == (2, "")
    assert "Run: manage.py check_setup" in ended.stderr
