"""How long documents are kept, legal holds, and disposal by two people."""

from datetime import date, timedelta

import pytest
from django.contrib.auth.models import Permission, User
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, connection, transaction

from autopilot import clock
from autopilot.documents import archive, disposal, ledger_check, retention, vault
from autopilot.documents.errors import DocumentDisposed
from autopilot.identifiers import uuid7
from autopilot.models import AuditEntry, Award, Disposal, Document, LegalHold, RetentionRule

pytestmark = pytest.mark.django_db
TENANT = uuid7()
YEAR = timedelta(days=366)


@pytest.fixture(autouse=True)
def _own_archive(settings, tmp_path) -> None:
    settings.ARCHIVE_ROOT = tmp_path / "archive"
    RetentionRule.objects.all().delete()


@pytest.fixture
def keeper() -> User:
    return person("keeper")


@pytest.fixture
def second() -> User:
    return person("second")


def person(name: str) -> User:
    """Return somebody who may do everything with archived documents."""
    user = User.objects.create_user(name)
    names = ["hold_document", "propose_disposal", "approve_disposal", "record_final_report"]
    user.user_permissions.set(Permission.objects.filter(codename__in=names))
    return user


def stored(text: str = "a packet", **facts) -> Document:
    return archive.store(text.encode(), media_type="text/plain", title="Packet", tenant_id=TENANT, **facts)


def rule(**changes) -> RetentionRule:
    """Make a rule, the federal one unless told otherwise."""
    facts = {"years": 3, "start": "final_report", "source": "2 CFR 200.334", "effective_from": date(2014, 12, 26)}
    return RetentionRule.objects.create(**(facts | changes))


def award(**changes) -> Award:
    """Make an award that covers today."""
    today = clock.today()
    return Award.objects.create(**({"number": "A-1", "begins_on": today - YEAR, "ends_on": today + YEAR} | changes))


def due() -> Document:
    """Return a document that nothing keeps beyond the day it was archived on."""
    rule(years=0, start="archived", source="Contract")
    return stored()


@pytest.fixture
def approve(django_capture_on_commit_callbacks):
    """Approve a disposal, and let what follows a commit follow."""

    def decide(proposed: Disposal, by: User) -> None:
        with django_capture_on_commit_callbacks(execute=True):
            disposal.approve(proposed, by=by, reason="Checked.")

    return decide


@pytest.fixture
def tomorrow(monkeypatch):
    """Let two days pass for those who ask what day it is."""
    later = clock.today() + timedelta(days=2)
    monkeypatch.setattr(clock, "today", lambda: later)


def test_without_a_rule_a_document_is_kept():
    assert retention.last_day(stored()) is None


def test_no_day_is_known_before_the_final_report_is_recorded():
    rule()
    award()

    (term,) = retention.terms_of(stored())

    assert (term.source, term.until) == ("2 CFR 200.334", None)
    assert "not recorded yet" in term.reason


def test_three_years_run_from_the_final_report(keeper):
    rule()
    given = award()
    document = stored()

    retention.record_final_report(given, submitted_on=clock.today(), by=keeper, reason="Sent by mail.")

    today = clock.today()
    assert retention.last_day(document) == today.replace(year=today.year + 3)
    assert AuditEntry.objects.filter(name="autopilot.award.final_report_recorded").exists()


def test_one_award_without_a_report_keeps_what_two_share(keeper):
    rule()
    retention.record_final_report(award(), submitted_on=clock.today(), by=keeper, reason="Sent.")
    award(number="A-2")

    assert retention.last_day(stored()) is None


def test_the_longer_term_of_a_state_or_contract_counts(keeper):
    rule()
    rule(years=7, start="archived", source="State contract, section 9")
    retention.record_final_report(award(), submitted_on=clock.today(), by=keeper, reason="Sent.")

    last_day = retention.last_day(stored())

    assert last_day is not None
    assert last_day.year == clock.today().year + 7


def test_a_rule_counts_for_its_kind_and_in_its_time():
    rule(years=5, start="archived", kind="mou", source="MOU")
    rule(years=5, start="archived", source="Old", effective_from=date(2010, 1, 1), effective_until=date(2015, 1, 1))
    rule(years=5, start="archived", source="To come", effective_from=clock.today() + YEAR)

    assert [term.source for term in retention.terms_of(stored())] == ["No rule"]


def test_a_day_given_at_storing_counts_too():
    rule(years=1, start="archived", source="Contract")
    far = clock.today() + 10 * YEAR

    assert retention.last_day(stored(retain_until=far)) == far


def test_two_people_dispose_of_a_document_and_its_row_stays(keeper, second, tomorrow, approve):
    document = due()

    proposed = disposal.propose(document, by=keeper, reason="Over.")
    approve(proposed, second)

    assert not vault.has(document.sha256)
    assert Document.objects.filter(pk=document.pk).exists()
    assert [entry.deed for entry in document.ledger.order_by("position")] == ["archived", "disposed"]
    assert not archive.verify_all()
    assert not list(ledger_check.flaws())
    with pytest.raises(DocumentDisposed):
        archive.read(document)
    with pytest.raises(DocumentDisposed):
        stored()


def test_who_proposed_it_cannot_approve_it(keeper, tomorrow):
    proposed = disposal.propose(due(), by=keeper, reason="Over.")

    with pytest.raises(ValidationError) as refusal:
        disposal.approve(proposed, by=keeper, reason="Checked.")

    assert refusal.value.code == "four_eyes"
    with pytest.raises(DatabaseError), transaction.atomic():
        Disposal.objects.update(decided_by=keeper, decided_at=clock.now(), approved=True)


def test_it_refuses_what_is_not_due(keeper):
    with pytest.raises(ValidationError) as refusal:
        disposal.propose(stored(), by=keeper, reason="Over.")

    assert refusal.value.code == "not_due"


def test_it_refuses_what_is_held(keeper, tomorrow):
    document = due()
    retention.set_hold(document, by=keeper, reason="Lawsuit.")

    with pytest.raises(ValidationError) as refusal:
        disposal.propose(document, by=keeper, reason="Over.")

    assert refusal.value.code == "held"


def test_a_hold_that_comes_after_the_proposal_keeps_the_document(keeper, second, tomorrow):
    document = due()
    proposed = disposal.propose(document, by=keeper, reason="Over.")
    retention.set_hold(document, by=keeper, reason="Lawsuit.")

    with pytest.raises(ValidationError) as refusal:
        disposal.approve(proposed, by=second, reason="Checked.")

    assert refusal.value.code == "held"
    assert vault.has(document.sha256)
    assert Disposal.objects.open().count() == 1


def test_a_refused_disposal_may_be_proposed_again(keeper, second, tomorrow):
    document = due()
    disposal.refuse(disposal.propose(document, by=keeper, reason="Over."), by=second, reason="Wait.")

    disposal.propose(document, by=keeper, reason="Really over.")

    assert vault.has(document.sha256)


def test_a_file_that_another_document_needs_stays(keeper, second, tomorrow, approve):
    document = due()
    other = archive.store(b"a packet", media_type="text/plain", title="Same bytes", tenant_id=TENANT)

    approve(disposal.propose(document, by=keeper, reason="Over."), second)

    assert archive.read(other) == b"a packet"


def test_what_a_crash_left_is_destroyed_later(keeper, second, tomorrow, approve):
    document = due()
    approve(disposal.propose(document, by=keeper, reason="Over."), second)
    vault.keep(b"a packet")

    assert disposal.destroy_left_over() == 1
    assert not vault.has(document.sha256)


def test_a_hold_is_set_once_and_lifted_with_a_reason(keeper):
    document = stored()
    retention.set_hold(document, by=keeper, reason="Lawsuit.")

    with pytest.raises(ValidationError) as refusal:
        retention.set_hold(document, by=keeper, reason="Again.")
    retention.lift_hold(document, by=keeper, reason="Settled.")

    assert refusal.value.code == "held"
    assert LegalHold.objects.get().lifted_because == "Settled."
    assert retention.open_hold(document) is None
    assert AuditEntry.objects.filter(name__startswith="autopilot.document.h").count() == 2


@pytest.mark.parametrize(
    "deed",
    [
        lambda document, by: retention.set_hold(document, by=by, reason="x"),
        lambda document, by: retention.lift_hold(document, by=by, reason="x"),
        lambda document, by: disposal.propose(document, by=by, reason="x"),
    ],
)
def test_only_who_is_permitted_does_any_of_it(deed):
    with pytest.raises(PermissionDenied):
        deed(stored(), User.objects.create_user("stranger"))


def test_every_deed_needs_a_reason(keeper):
    with pytest.raises(ValidationError) as refusal:
        retention.set_hold(stored(), by=keeper, reason=" ")

    assert refusal.value.code == "no_reason"


def test_the_database_keeps_what_was_decided(keeper):
    retention.set_hold(stored(), by=keeper, reason="Lawsuit.")

    for statement in ("DELETE FROM autopilot_legalhold", "UPDATE autopilot_legalhold SET reason = 'x'"):
        with pytest.raises(DatabaseError, match="never"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
