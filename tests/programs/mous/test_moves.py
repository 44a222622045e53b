"""The status of an MOU: moved as the table says, once, with history, and never two executed."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import Error, IntegrityError, transaction

from autopilot.models import AuditEntry
from programs.models import Mou, MouStatus, MouStatusChange
from programs.services.mous import LEGAL_MOVES, move_mou
from tests.autopilot.admin.people import member
from tests.programs.mous.samples import file_of, mou_of, today
from tests.programs.samples import holder

pytestmark = pytest.mark.django_db
Status = MouStatus


@pytest.mark.parametrize("origin", MouStatus.values)
@pytest.mark.parametrize("target", MouStatus.values)
def test_it_moves_as_the_table_says(origin, target):
    mou = mou_of(holder(), origin)
    known: dict[str, dict[str, Any]] = {
        Status.SENT: {"document": file_of(mou.holder)},
        Status.EXECUTED: {
            "executed_document": file_of(mou.holder),
            "executed_at": mou.created_at,
            "effective_on": today(),
        },
    }
    columns = known.get(target, {})

    if target in LEGAL_MOVES[origin]:
        move_mou(mou, target, by=member("stone"), reason="As agreed.", **columns)
    else:
        with pytest.raises(ValidationError) as refusal:
            move_mou(mou, target, by=member("stone"), reason="As agreed.", **columns)
        assert refusal.value.code == "illegal_move"

    mou.refresh_from_db()
    assert mou.status == (target if target in LEGAL_MOVES[origin] else origin)


def test_the_way_to_execution_is_the_one_of_the_rules():
    ways = {(origin, target) for origin, targets in LEGAL_MOVES.items() for target in targets}

    assert {way for way in ways if way[1] == Status.SENT} == {(Status.DRAFT, Status.SENT)}
    assert {way for way in ways if way[1] == Status.SIGNED_BY_HOLDER} == {(Status.SENT, Status.SIGNED_BY_HOLDER)}
    assert {way for way in ways if way[1] == Status.EXECUTED} == {(Status.SIGNED_BY_HOLDER, Status.EXECUTED)}
    assert not any(LEGAL_MOVES[ended] for ended in (Status.DECLINED, Status.EXPIRED, Status.TERMINATED))


def test_it_keeps_who_moved_it_and_why():
    mou = mou_of(holder(), Status.EXECUTED)

    move_mou(mou, Status.TERMINATED, by=member("stone"), reason="The school has closed.")

    change = MouStatusChange.objects.get(mou=mou)
    assert (change.from_status, change.to_status, change.reason) == ("executed", "terminated", "The school has closed.")
    assert change.actor_label == "stone"
    assert AuditEntry.objects.filter(name="programs.mou.terminated", subject_id=mou.pk).count() == 1


@pytest.mark.parametrize("target", [Status.DECLINED, Status.TERMINATED])
def test_it_ends_only_with_a_reason(target):
    mou = mou_of(holder(), Status.SENT)

    with pytest.raises(ValidationError) as refusal:
        move_mou(mou, target, by=member("stone"), reason=" ")

    assert refusal.value.code == "no_reason"
    assert Mou.objects.get().status == Status.SENT


def test_it_is_moved_by_the_first_of_two():
    first = mou_of(holder(), Status.SENT)
    second = Mou.objects.get()
    move_mou(first, Status.SIGNED_BY_HOLDER, by=member("stone"))

    with pytest.raises(ValidationError) as refusal:
        move_mou(second, Status.DECLINED, by=member("reed"), reason="Too little.")

    assert refusal.value.code == "moved_meanwhile"
    assert Mou.objects.get().status == Status.SIGNED_BY_HOLDER


def test_its_history_stays_as_it_is():
    move_mou(mou_of(holder(), Status.SENT), Status.EXPIRED, by=None)

    for write in (
        lambda: MouStatusChange.objects.update(reason="Else."),
        lambda: MouStatusChange.objects.all().delete(),
    ):
        with pytest.raises(Error), transaction.atomic():
            write()


def test_a_holder_has_one_executed_mou():
    school = holder()
    mou_of(school, Status.EXECUTED)

    with pytest.raises(IntegrityError, match=r"mou_one_executed|holder_id"), transaction.atomic():
        mou_of(school, Status.EXECUTED)


@pytest.mark.parametrize("status", [Status.DRAFT, Status.SENT, Status.SIGNED_BY_HOLDER])
def test_a_holder_has_one_open_mou(status):
    school = holder()
    mou_of(school, status)

    with pytest.raises(IntegrityError, match=r"mou_one_open|holder_id"), transaction.atomic():
        mou_of(school, Status.DRAFT)
