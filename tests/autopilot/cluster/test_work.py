"""`manage.py work`: the pump in the foreground."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from autopilot.cluster import process
from autopilot.engine import JobContext, enqueue, handler
from autopilot.models.jobs import Job

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def kinds():
    @handler("test.work")
    def work(job: JobContext) -> None:
        """Do nothing."""


def test_it_says_what_it_ran_and_that_nothing_is_left(tenant):
    job = enqueue("test.work", tenant_id=tenant)
    said = StringIO()

    call_command("work", "--until-empty", stdout=said)

    assert said.getvalue() == f"{job.pk}  test.work  completed\n1 job run; nothing more is due.\n"


def test_it_runs_one_workers_jobs(tenant):
    enqueue("test.work", tenant_id=tenant)
    sample = enqueue("sample.simple", tenant_id=tenant, subject="a thing")

    call_command("work", "--until-empty", "--worker", "sample", stdout=(said := StringIO()))

    assert "1 job run" in said.getvalue()
    assert set(Job.objects.values_list("kind", "status")) == {("test.work", "pending"), (sample.kind, "completed")}


def test_it_names_the_workers_there_are():
    with pytest.raises(CommandError, match=r"There is no worker 'nobody'\. Known: .*test"):
        call_command("work", "--worker", "nobody")


def test_it_ends_when_asked_to_stop(tenant):
    enqueue("test.work", tenant_id=tenant)
    process.ask_to_stop()

    call_command("work", stdout=(said := StringIO()))
    call_command("work", "--until-empty", stdout=said)

    assert said.getvalue() == "0 jobs run; asked to stop.\n"
