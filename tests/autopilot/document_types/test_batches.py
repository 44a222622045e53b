"""The job that makes documents: one by one, with progress, refusing what can never be made."""

from dataclasses import replace
from uuid import UUID, uuid4

import psutil
import pytest
from django.urls import reverse

from autopilot import document_types
from autopilot.document_types import batches, samples, types
from autopilot.documents import process
from autopilot.documents.limits import Limits
from autopilot.documents.process import Renderer
from autopilot.exceptions import Invalid
from autopilot.models import Document, Job
from autopilot.testing import run_jobs
from tests.autopilot.admin.people import member
from tests.autopilot.document_types.conftest import CREATED, SAMPLE

pytestmark = pytest.mark.django_db
TENANT = uuid4()
BAD = UUID(int=7)


@pytest.fixture
def made(kind):
    """Slips are made by ids: one of a name that cannot be printed for the id BAD."""

    def make(subject: UUID) -> Document:
        name = "李" if subject == BAD else f"Person {subject}"
        context = SAMPLE | {"name": name}
        return document_types.produce("slip", context, title=f"Slip {subject}", tenant_id=TENANT, created=CREATED)

    types._declared["slip"] = replace(kind, make=make)


def job_of(subjects: list[UUID]) -> Job:
    """Ask for slips, run the job, and return it."""
    job = batches.request("slip", subjects, tenant_id=TENANT)
    run_jobs()
    job.refresh_from_db()
    return job


@pytest.mark.usefixtures("made")
def test_it_makes_a_document_for_each_subject():
    subjects = [uuid4(), uuid4(), uuid4()]

    job = job_of(subjects)

    assert job.status == "completed"
    assert set(job.result["documents"]) == set(map(str, subjects))
    assert set(job.result["documents"].values()) == {str(pk) for pk in Document.objects.values_list("pk", flat=True)}


@pytest.mark.usefixtures("made")
def test_it_goes_on_when_one_is_refused_and_says_why():
    job = job_of([BAD, uuid4()])

    assert job.status == "completed"
    assert job.result["refused"][str(BAD)].startswith("Name: Our fonts do not have these characters")
    assert len(job.result["documents"]) == 1


@pytest.mark.usefixtures("made")
def test_it_fails_when_all_are_refused():
    job = job_of([BAD])

    assert job.status == "failed"
    assert "No document could be made: Name" in job.error


@pytest.mark.usefixtures("made")
def test_it_shows_progress_and_leads_to_the_documents(client):
    client.force_login(member("stone", is_superuser=True))
    waiting = batches.request("slip", [uuid4(), uuid4()], tenant_id=TENANT)
    address = reverse("admin:autopilot_job_change", args=[waiting.pk])

    before = client.get(address).content.decode()
    run_jobs()
    after = client.get(address).content.decode()

    assert "0 of 2 documents" in before
    assert "2 of 2 documents" in after
    assert "Slip " in after.partition('id="documents"')[2].partition("What happened")[0]


def test_it_refuses_what_no_job_can_make(kind):
    with pytest.raises(Invalid, match="not made by ids"):
        batches.request("slip", [uuid4()], tenant_id=TENANT)


@pytest.mark.usefixtures("made")
@pytest.mark.parametrize("count", [0, 1001])
def test_it_refuses_none_and_too_many(count):
    with pytest.raises(Invalid, match=f"{count} documents are asked for"):
        batches.request("slip", [uuid4()] * count, tenant_id=TENANT)


@pytest.mark.once
def test_memory_stays_flat(kind, monkeypatch):
    renderer = Renderer(Limits())
    monkeypatch.setattr(process, "shared", renderer)
    sizes = []
    for number in range(60):
        samples.sample_pdf(kind, created=CREATED, context=SAMPLE | {"name": f"Person {number}"})
        sizes.append(psutil.Process(renderer._child.process.pid).memory_info().rss)
    renderer.close()

    assert sizes[-1] - sizes[20] < 2 * 2**20  # a font configuration for each would take 12 MiB
