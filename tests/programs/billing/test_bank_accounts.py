"""Bank details: the owner's to enter, encrypted, masked, held back after a change, revealed with a record."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection

from autopilot import clock
from autopilot.models import AuditEntry, OutboxMessage
from autopilot.outbox import build
from programs.models import BankAccount, Holder, MemberRole
from programs.services.bank_accounts import account_of, enter_bank_account, is_held, reveal_bank_account
from tests.programs.billing.samples import banked
from tests.programs.conftest import staff_member
from tests.programs.samples import member_of

pytestmark = pytest.mark.django_db
NUMBER = "000123456789"


def enter(school, by, **changes):
    facts = {"account_holder": "Harbor Trades", "routing_number": "021000021", "account_number": NUMBER}
    return enter_bank_account(school, **facts | changes, by=by)


def test_it_stands_encrypted(school):
    banked(school, NUMBER)

    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM programs_bankaccount")
        stored = str(cursor.fetchall())

    assert NUMBER not in stored
    assert "021000021" not in stored
    assert account_of(school).account_number == NUMBER
    assert account_of(school).last_four == "6789"


def test_the_first_account_is_not_held(school):
    assert not is_held(banked(school))
    assert not OutboxMessage.objects.filter(topic="programs.bank_account.changed").exists()


def test_a_change_holds_payouts_and_tells_the_old_contact(school, settings):
    settings.BANK_HOLD_DAYS = 5
    banked(school)
    Holder.objects.filter(pk=school.pk).update(contact_email="thief@elsewhere.example")
    school.refresh_from_db()

    account = banked(school, "987654321")

    assert is_held(account)
    letter = build(OutboxMessage.objects.get(topic="programs.bank_account.changed"))
    assert {"imani@harbortrades.example", "thief@elsewhere.example"} <= set(letter.bcc)
    assert "987654321" not in letter.body
    with clock.moved(timedelta(days=5, seconds=1)):
        assert not is_held(account)
    assert BankAccount.objects.filter(holder=school, replaced_at=None).count() == 1


def test_the_same_details_again_change_nothing(school):
    assert banked(school) == banked(school)


@pytest.mark.parametrize("role", [MemberRole.COORDINATOR, MemberRole.READ_ONLY])
def test_only_an_owner_enters_it(school, role):
    with pytest.raises(PermissionDenied):
        enter(school, member_of(school, role))


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"routing_number": "021000022"}, "routing_number"),
        ({"routing_number": "000000000"}, "routing_number"),
        ({"routing_number": "12345"}, "routing_number"),
        ({"routing_number": "٠٢١٠٠٠٠٢١"}, "routing_number"),
        ({"account_number": "123"}, "account_number"),
        ({"account_number": "1" * 18}, "account_number"),
        ({"account_number": "12x45"}, "account_number"),
        ({"account_holder": " "}, "account_holder"),
    ],
)
def test_it_says_what_is_wrong(school, changes, code):
    with pytest.raises(ValidationError) as refusal:
        enter(school, member_of(school), **changes)

    assert refusal.value.code == code
    assert not any(value in str(refusal.value) for value in changes.values() if value.strip())


def test_each_reveal_is_recorded_with_its_reason(school, finance):
    account = banked(school)

    assert reveal_bank_account(account, reason="The bank asks.", by=finance) == ("021000021", NUMBER)

    entry = AuditEntry.objects.get(name="programs.bank_account.revealed")
    assert (entry.actor, entry.data["reason"]) == (finance, "The bank asks.")
    assert NUMBER not in str(entry.data)


def test_it_is_revealed_to_nobody_without_the_permission_or_a_reason(school, finance):
    account = banked(school)

    with pytest.raises(PermissionDenied):
        reveal_bank_account(account, reason="x", by=staff_member("stranger"))
    with pytest.raises(ValidationError):
        reveal_bank_account(account, reason=" ", by=finance)
    assert not AuditEntry.objects.filter(name="programs.bank_account.revealed").exists()
