"""`manage.py verify_events`: whose history was altered."""

import pytest

from autopilot.identifiers import uuid7
from tests.autopilot.doctor import wards
from tests.autopilot.engine.standing import new
from tests.autopilot.management.calls import run, run_json
from tests.autopilot.management.tables import contents

pytestmark = pytest.mark.django_db


def test_it_is_content_with_whole_histories():
    wards.sound()
    before = contents()

    ran = run("verify_events")

    assert (ran.code, ran.out, ran.err) == (0, "job  problem\n", "1 histories read, 0 broken.\n")
    assert contents() == before


@pytest.mark.parametrize(
    "change",
    [
        {"why": "done"},
        {"actor": "somebody"},
        {"detail": {"a": 1}},
        {"epoch": 9},
        {"from_status": "waiting"},
        {"to_status": "failed"},
        {"previous_hash": "0" * 64},
        {"hash": "0" * 64},
    ],
)
def test_it_names_a_job_whose_history_was_altered(change):
    job = wards.altered_event(**change)
    wards.sound()

    ran = run_json("verify_events", "--all")

    assert (ran.code, [row["job"] for row in ran.json]) == (1, [str(job.pk)])
    assert "compare it with a backup" in ran.err


def test_it_reads_the_newest_or_those_it_is_told():
    broken = wards.altered_event()
    newest = new()

    assert run("verify_events", "--limit", 1).code == 0
    assert run("verify_events", "--job", newest.pk).code == 0
    assert run("verify_events", "--job", broken.pk, "--job", newest.pk).code == 1


def test_it_says_what_to_write(capsys):
    assert run("verify_events", "--job", uuid7()).code == 2
    assert run("verify_events", "--job", uuid7(), "--all").code == 2
    assert "not allowed with argument" in capsys.readouterr().err
