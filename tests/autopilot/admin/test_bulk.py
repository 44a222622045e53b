"""Deeds to jobs by a link and to all that match: what they foresee, how far a batch comes, and who may."""

import re

import pytest
from django.urls import reverse

from autopilot import engine
from autopilot.admin import deeds
from autopilot.models import AuditEntry, Job
from autopilot.testing import run_jobs
from tests.autopilot.admin import packets, rows
from tests.autopilot.admin.addresses import listed, page
from tests.autopilot.admin.people import member
from tests.autopilot.admin.test_review_page import words

pytestmark = pytest.mark.django_db
JOBS = listed("job")
FAILED = "status__exact=failed"
BACK = "_changelist_filters"


def one(job, name, filters=None):
    """Return the address of a deed to one job."""
    address = reverse("admin:job_deed", args=[job.pk, name])
    return address if filters is None else f"{address}?{BACK}={filters}"


def every(name, filters=FAILED):
    """Return the address of a deed to all that match."""
    return f"{reverse('admin:job_deed_all', args=[name])}?{filters}"


def confirm(client, address, **fields):
    """Confirm a deed with a reason, as its form does."""
    return client.post(address, {"confirmed": "yes", "reason": "The portal is back."} | fields)


def hidden(answer):
    """Return what the form of a page carries along unseen."""
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', answer.text))


def statuses():
    """Return how many jobs stand where."""
    found = list(Job.objects.values_list("status", flat=True))
    return {status: found.count(status) for status in set(found)}


# --- One job ----------------------------------------------------------------------------------------------------------


def test_each_row_leads_to_what_can_be_done_to_it(as_person, lindqvist, waiting):
    failed, done = rows.failed_job(), rows.job()
    run_jobs()

    shown = as_person(lindqvist).get(JOBS, {"worker": "sample"}).text

    assert f'href="{one(failed, "retry")}?{BACK}=worker%3Dsample"' in shown
    assert f'href="{one(failed, "requeue")}' in shown
    assert one(failed, "hold") not in shown
    assert str(done.pk)[-8:] in shown
    assert f"/{done.pk}/do/" not in shown


def test_it_foresees_by_a_link_and_does_nothing(as_person, lindqvist):
    checkpoint = packets.waiting("trial.once")
    engine.cancel(checkpoint.job_id, actor=lindqvist, reason="x")

    said = words(as_person(lindqvist).get(one(checkpoint.job, "requeue")))
    checked = words(as_person(lindqvist).get(one(rows.failed_job(), "retry")))

    assert "It has already done, or begun, outside: “submit”." in said
    assert "It is back in the queue." in checked
    assert statuses() == {"cancelled": 1, "failed": 1}


@pytest.mark.parametrize(
    ("filters", "back"), [(None, None), ("", f"{JOBS}?"), (FAILED.replace("=", "%3D"), f"{JOBS}?{FAILED}")]
)
def test_it_retries_in_one_step_and_leads_back(as_person, lindqvist, filters, back):
    failed = rows.failed_job()

    answer = confirm(as_person(lindqvist), one(failed, "retry", filters))

    assert answer.url == (back or page(failed))
    assert statuses() == {"pending": 1}
    assert AuditEntry.objects.get(name="autopilot.job.requeued").data == {
        "reason": "The portal is back.",
        "mode": "resume",
    }


def test_it_asks_for_the_reason_of_one(as_person, lindqvist):
    failed = rows.failed_job()

    assert confirm(as_person(lindqvist), one(failed, "retry"), reason=" ").status_code == 422
    assert statuses() == {"failed": 1}


def test_it_says_why_a_job_refuses(as_person, lindqvist):
    done = rows.job()
    run_jobs()

    shown = as_person(lindqvist).get(one(done, "cancel"))
    answer = confirm(as_person(lindqvist), one(done, "cancel"))

    assert "Refused It is completed already." in words(shown)
    assert "It is completed already." in as_person(lindqvist).get(answer.url).text


# --- All that match ---------------------------------------------------------------------------------------------------


def test_it_offers_all_that_match_only_where_something_is_left_out(as_person, lindqvist, okafor):
    rows.failed_job()

    assert "that match" not in as_person(lindqvist).get(JOBS).text
    assert "All 1 that match" in as_person(lindqvist).get(f"{JOBS}?{FAILED}").text
    assert "that match" not in as_person(okafor).get(f"{JOBS}?{FAILED}").text


def test_it_counts_and_foresees_all_that_match_and_does_nothing(as_person, lindqvist):
    for _ in range(25):
        rows.failed_job()
    rows.job()

    said = words(as_person(lindqvist).get(every("retry")))

    assert "25 jobs match." in said
    assert "foreseen for 20 of them" in said
    assert "Retry 25 jobs" in said
    assert statuses() == {"failed": 25, "pending": 1}


def test_it_goes_through_all_that_match_batch_by_batch(as_person, lindqvist, monkeypatch):
    monkeypatch.setattr(deeds, "MOST_AT_ONCE", 4)
    for _ in range(10):
        rows.failed_job()
    client, address = as_person(lindqvist), every("retry")
    asked = hidden(client.get(address))
    late = rows.failed_job()

    left = []
    answer = confirm(client, address, until=asked["until"])
    while "Go on with the rest" in answer.text:
        left.append(re.search(r"Not reached yet: (\d+)", words(answer)).group(1))
        answer = client.post(address, hidden(answer))

    assert left == ["6", "2"]
    assert "Retried: 2 jobs. Refused: 0. Not reached yet: 0." in words(answer)
    assert statuses() == {"pending": 10, "failed": 1}
    assert Job.objects.get(status="failed") == late
    assert set(AuditEntry.objects.values_list("data__reason", flat=True)) == {"The portal is back."}


def test_it_goes_past_those_that_refuse(as_person, lindqvist, monkeypatch):
    monkeypatch.setattr(deeds, "MOST_AT_ONCE", 2)
    running = [rows.job() for _ in range(3)]
    for job in running:
        Job.objects.filter(pk=job.pk).update(status="running", lease_owner="here:1", lease_until=job.created_at)
    ready = rows.job()
    client, address = as_person(lindqvist), every("hold", "worker=sample")

    first = confirm(client, address)
    second = client.post(address, hidden(first))

    assert "Held: 0 jobs. Refused: 2. Not reached yet: 2." in words(first)
    assert "A running job cannot be held." in first.text
    assert "Held: 1 job. Refused: 1. Not reached yet: 0." in words(second)
    assert list(Job.objects.filter(held_at__isnull=False)) == [ready]


def test_it_ends_a_batch_when_its_time_is_up(as_person, lindqvist, monkeypatch):
    monkeypatch.setattr(deeds, "LONGEST_BATCH", 0.0)
    for _ in range(3):
        rows.failed_job()

    assert "Retried: 1 job. Refused: 0. Not reached yet: 2." in words(confirm(as_person(lindqvist), every("retry")))


def test_it_follows_the_search_too(as_person, lindqvist):
    wanted, other = rows.failed_job(error="OSError: unreachable"), rows.failed_job(error="ValueError: odd")

    confirm(as_person(lindqvist), every("retry", "q=unreachable"))

    assert Job.objects.get(status="pending") == wanted
    assert Job.objects.get(status="failed") == other


@pytest.mark.parametrize("filters", ["", "q=", "p=2"])
def test_it_never_acts_on_every_job(as_person, lindqvist, filters):
    rows.job()

    answer = confirm(as_person(lindqvist), every("cancel", filters))

    assert answer.url == JOBS
    assert "Filter or search first" in as_person(lindqvist).get(JOBS).text
    assert statuses() == {"pending": 1}


def test_it_asks_for_the_reason_of_all(as_person, lindqvist):
    rows.failed_job()

    assert confirm(as_person(lindqvist), every("retry"), reason="").status_code == 422
    assert statuses() == {"failed": 1}


@pytest.mark.parametrize("carried", [{"until": "x", "after": "y"}, {"after": "f" * 32}, {"until": "0" * 32}])
def test_it_stands_whatever_the_form_carries(as_person, lindqvist, carried):
    rows.failed_job()

    assert confirm(as_person(lindqvist), every("retry"), **carried).status_code == 200


def test_it_says_when_nothing_matches(as_person, lindqvist):
    assert "0 jobs match." in words(as_person(lindqvist).get(every("retry")))
    assert "Retried: 0 jobs." in words(confirm(as_person(lindqvist), every("retry")))


# --- Who may ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("group", ["Auditor", "Reviewer"])
@pytest.mark.parametrize("name", ["retry", "requeue", "cancel", "hold", "release"])
def test_it_is_refused_to_who_does_not_control_jobs(as_person, groups, group, name):
    failed = rows.failed_job()
    client = as_person(member("somebody", group))

    asked = [
        client.get(one(failed, name)),
        confirm(client, one(failed, name)),
        client.get(every(name)),
        confirm(client, every(name)),
    ]

    assert [answer.status_code for answer in asked] == [403] * 4
    assert statuses() == {"failed": 1}
    assert "/do/" not in client.get(f"{JOBS}?{FAILED}").text


def test_it_knows_no_other_deeds(as_person, lindqvist):
    failed = rows.failed_job()
    client = as_person(lindqvist)

    assert client.get(one(failed, "delete")).status_code == 404
    assert client.get(every("delete")).status_code == 404
    assert client.put(every("retry")).status_code == 405
