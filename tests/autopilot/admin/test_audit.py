"""The audit: every deed can be found by each of its sides, and taken along in a file that no spreadsheet runs."""

import csv
import io
from datetime import timedelta

import pytest
from django.urls import reverse

from autopilot import audit, clock
from autopilot.admin import audit as pages
from autopilot.models import AuditEntry
from autopilot.reports import deeds
from tests.autopilot.admin import rows
from tests.autopilot.admin.addresses import listed, page
from tests.autopilot.admin.people import member
from tests.autopilot.admin.test_review_page import words

pytestmark = pytest.mark.django_db
EXPORT = "admin:auditentry_export"


@pytest.fixture
def audrey(groups):
    """An auditor."""
    return member("audrey", "Auditor")


@pytest.fixture
def held(lindqvist):
    """A job that an operator held, from an address, for a reason."""
    job = rows.job()
    audit.record(lindqvist, "autopilot.job.held", job, reason="The portal moves on Friday.", ip="203.0.113.7")
    return job


def found(client, **asked):
    """Return what the page says about a search."""
    return words(client.get(listed("auditentry"), asked))


def test_it_finds_a_deed_by_each_of_its_sides(as_person, audrey, lindqvist, held):
    audit.record(None, "autopilot.worker.paused", rows.schedule().worker, reason="Night.", ip="203.0.113.8")
    client, today = as_person(audrey), clock.today().isoformat()

    assert "2 deeds" in found(client)
    for asked in (
        {"actor": "lindqvist"},
        {"deed": "autopilot.job."},
        {"subject_type": "autopilot.Job"},
        {"subject_id": str(held.pk)},
        {"ip": "203.0.113.7"},
        {"reason": "PORTAL moves"},
        {"actor": "lindqvist", "deed": "autopilot.job.held", "since": today, "until": today, "reason": "friday"},
    ):
        said = found(client, **asked)
        assert "1 deed Take along" in said, asked
        assert "autopilot.job.held lindqvist autopilot.Job" in said, asked
    assert "autopilot.worker.paused Nobody signed in" in found(client, actor="nobody")
    assert "Nothing fits everything" in found(client, actor="lindqvist", deed="autopilot.worker.")


def test_it_finds_deeds_of_whole_days(as_person, audrey, held):
    client, today = as_person(audrey), clock.today()
    tomorrow, yesterday = (today + timedelta(days=each) for each in (1, -1))

    assert "1 deed" in found(client, since=today.isoformat())
    assert "No deeds" in found(client, since=tomorrow.isoformat())
    assert "No deeds" in found(client, until=yesterday.isoformat())


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"since": "yesterday"}, "Enter a valid date"),
        ({"since": "0001-01-01"}, "Choose another day"),
        ({"until": "9999-12-31"}, "Choose another day"),
        ({"since": "2026-11-20", "until": "2026-11-19"}, "It ends before it begins"),
        ({"ip": "here"}, "valid IPv4 or IPv6"),
        ({"subject_type": "x.Y"}, "not one of the available choices"),
        ({"actor": "a\0b"}, "Null characters are not allowed"),
        ({"deed": "x" * 101}, "at most 100 characters"),
    ],
)
def test_it_says_what_it_does_not_understand(asked, told, as_person, audrey, held):
    client = as_person(audrey)

    answer = client.get(listed("auditentry"), asked)

    assert answer.status_code == client.post(reverse(EXPORT), asked).status_code == 422
    assert told in words(answer)


@pytest.mark.parametrize("page_asked", ["2", "99", "-1", "x"])
def test_it_turns_pages(page_asked, as_person, audrey, monkeypatch):
    monkeypatch.setattr(pages.AuditEntryAdmin, "list_per_page", 5)
    rows.entries(12)
    client = as_person(audrey)

    answer = client.get(listed("auditentry"), {"deed": "autopilot.job.", "page": page_asked})

    assert answer.status_code == 200
    assert "of 3" in words(answer)
    assert "deed=autopilot.job." in answer.text


def test_it_looks_for_reasons_in_the_newest_alone(as_person, audrey, held, lindqvist, monkeypatch):
    monkeypatch.setattr(deeds, "MOST_READ", 1)
    audit.record(lindqvist, "autopilot.job.released", held)

    assert "No deeds" in found(as_person(audrey), reason="friday")
    assert "1 deed" in found(as_person(audrey), reason="friday", deed="autopilot.job.held")


def test_it_shows_one_deed(as_person, audrey, held):
    said = words(as_person(audrey).get(page(AuditEntry.objects.get())))

    assert "The portal moves on Friday." in said
    assert "203.0.113.7" in said


def test_it_hands_out_what_was_found_as_a_file(as_person, audrey, held, lindqvist):
    audit.record(lindqvist, "autopilot.job.held", held, reason="=HYPERLINK(1)", mode="stop")
    audit.record(lindqvist, "autopilot.job.cancelled", held)

    answer = as_person(audrey).post(reverse(EXPORT), {"deed": "autopilot.job.held"})
    text = b"".join(answer.streaming_content).decode()

    heading, second, first = csv.reader(io.StringIO(text))
    assert heading == pages.HEADING
    assert first[1:] == ["autopilot.job.held", "lindqvist", "autopilot.Job", str(held.pk), "The portal moves on Friday.",
                         "203.0.113.7", ""]  # fmt: skip
    assert (second[5], second[7]) == ("'=HYPERLINK(1)", '{"mode": "stop"}')
    assert answer["Content-Disposition"].startswith('attachment; filename="audit-')
    taken = AuditEntry.objects.get(name="autopilot.audit.exported")
    assert (taken.actor, taken.data) == (audrey, {"asked": {"deed": "autopilot.job.held"}})


def test_it_hands_out_no_more_than_it_says(as_person, audrey, monkeypatch):
    monkeypatch.setattr(pages, "MOST_EXPORTED", 3)
    rows.entries(6)

    answer = as_person(audrey).post(reverse(EXPORT))

    assert len(b"".join(answer.streaming_content).splitlines()) == 1 + 3


def test_it_opens_to_auditors_alone(as_person, lindqvist, audrey, held):
    assert as_person(lindqvist).get(listed("auditentry")).status_code == 403
    assert as_person(lindqvist).post(reverse(EXPORT)).status_code == 403
    assert as_person(audrey).get(reverse(EXPORT)).status_code == 405
    assert AuditEntry.objects.count() == 1
