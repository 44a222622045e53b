"""sample.simple tells people that it started, waits for nobody, and returns its subject."""

import pytest

from autopilot.exceptions import InvalidPayload
from autopilot.models import Job, OutboxMessage
from tests.autopilot.samples.runs import WAYS, asked, now

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("run", WAYS)
def test_it_informs_and_completes_without_anybody(run):
    job = asked("sample.simple", subject="a thing")

    run(job)

    checkpoint = job.checkpoints.get()
    assert (checkpoint.kind, checkpoint.status) == ("info", "noted")
    assert (checkpoint.title, checkpoint.payload) == ("A sample job has started", {"subject": "a thing"})
    assert (now(job).status, now(job).result) == ("completed", {"done": True, "subject": "a thing"})
    assert not OutboxMessage.objects.exists()


@pytest.mark.parametrize("payload", [{}, {"subject": 1}, {"subject": "x", "color": "green"}], ids=str)
def test_it_refuses_a_payload_that_does_not_fit(payload):
    with pytest.raises(InvalidPayload):
        asked("sample.simple", **payload)

    assert not Job.objects.exists()
