"""The archive's pages for staff: how a document is kept, legal holds, disposal by two people, awards."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from autopilot import clock
from autopilot.documents import archive, disposal, ledger, retention, vault
from autopilot.models import AuditEntry, Award, Disposal, LegalHold, RetentionRule
from tests.autopilot.admin import rows
from tests.autopilot.admin.addresses import deed, listed, page
from tests.autopilot.admin.people import member

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_archive(settings, tmp_path) -> None:
    settings.ARCHIVE_ROOT = tmp_path / "archive"
    RetentionRule.objects.all().delete()


@pytest.fixture
def keeper(groups):
    return member("keeper", "Compliance officer")


def act(client, row, action, **answers):
    """Choose an action for a row, and answer what it asks."""
    chosen = {"action": action, "_selected_action": str(row.pk), "confirmed": "yes"} | answers
    return client.post(listed(row._meta.model_name), chosen, follow=True)


def test_the_page_of_a_document_says_how_it_is_kept(as_person, keeper):
    document = rows.document("a packet")
    ledger.enter([document.pk])
    RetentionRule.objects.create(
        years=3, start="final_report", source="2 CFR 200.334", effective_from=date(2014, 12, 26)
    )

    text = as_person(keeper).get(page(document)).text

    assert "Entry 1" in text
    assert "2 CFR 200.334" in text
    assert "Nobody knows yet" in text
    assert "Set legal hold" in text


def test_a_hold_is_set_and_lifted_with_reasons(as_person, keeper):
    document = rows.document("a packet")
    client = as_person(keeper)

    act(client, document, "set_hold", reason="Lawsuit.")
    held = client.get(page(document)).text
    act(client, document, "lift_hold", reason="Settled.")

    assert "Lawsuit." in held
    assert "Lift legal hold" in held
    assert LegalHold.objects.get().lifted_because == "Settled."


def test_a_disposal_that_is_not_due_is_refused_on_the_page(as_person, keeper):
    answer = act(as_person(keeper), rows.document("a packet"), "propose_disposal", reason="Over.")

    assert "nobody knows until when" in answer.text
    assert not Disposal.objects.exists()


def test_another_person_destroys_the_file(as_person, keeper, groups, monkeypatch, django_capture_on_commit_callbacks):
    RetentionRule.objects.create(years=0, start="archived", source="Contract", effective_from=date(2020, 1, 1))
    document = rows.document("a packet")
    later = clock.today() + timedelta(days=2)
    monkeypatch.setattr(clock, "today", lambda: later)
    proposed = disposal.propose(document, by=keeper, reason="Over.")

    refused = act(as_person(keeper), proposed, "approve", reason="Mine.")
    with django_capture_on_commit_callbacks(execute=True):
        act(as_person(member("second", "Administrator")), proposed, "approve", reason="Checked.")

    assert "another person must" in refused.text
    assert not vault.has(document.sha256)
    assert archive.is_disposed(document)
    assert "Disposed of" in as_person(keeper).get(page(document)).text


def test_looking_ahead_destroys_nothing(as_person, keeper, monkeypatch):
    RetentionRule.objects.create(years=0, start="archived", source="Contract", effective_from=date(2020, 1, 1))
    document = rows.document("a packet")
    later = clock.today() + timedelta(days=2)
    monkeypatch.setattr(clock, "today", lambda: later)
    proposed = disposal.propose(document, by=keeper, reason="Over.")

    asked = as_person(member("second", "Administrator")).post(
        listed("disposal"), {"action": "approve", "_selected_action": str(proposed.pk)}
    )

    assert "Its file is destroyed for good." in asked.text
    assert vault.has(document.sha256)


def test_a_final_report_is_recorded_with_its_day(as_person, keeper):
    today = clock.today()
    award = Award.objects.create(number="A-1", begins_on=today - timedelta(days=9), ends_on=today)

    act(as_person(keeper), award, "record_report", submitted_on=today.isoformat(), reason="Sent.")

    award.refresh_from_db()
    assert award.final_report_on == today


def test_a_reader_is_offered_nothing(as_person, rivera):
    document = rows.document("a packet")

    text = as_person(rivera).get(page(document)).text
    act(as_person(rivera), document, "set_hold", reason="Mine.")

    assert "Set legal hold" not in text
    assert retention.open_hold(document) is None


def test_every_download_is_audited(as_person, rivera):
    document = rows.document("a packet")

    as_person(rivera).get(deed(document, "file"))

    entry = AuditEntry.objects.get(name="autopilot.document.downloaded")
    assert (entry.actor, entry.subject_id) == (rivera, str(document.pk))


@pytest.mark.parametrize("model", ["retentionrule", "award", "disposal"])
def test_the_lists_open(as_person, keeper, model):
    assert as_person(keeper).get(reverse(f"admin:autopilot_{model}_changelist")).status_code == 200
