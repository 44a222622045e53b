"""Holders: opened once for an approved application, and moved only where the rules allow."""

import pytest
from django.core.exceptions import ValidationError
from django.db import Error, transaction

from autopilot.models import AuditEntry, OutboxMessage
from programs.models import (
    Application,
    Holder,
    HolderStatus,
    HolderStatusChange,
    Invitation,
    Member,
    MemberRole,
    Program,
)
from programs.services.holders import LEGAL_MOVES, move_holder, open_holder, unused_slug
from tests.autopilot.admin.people import member
from tests.programs.samples import holder, program, submitted

pytestmark = pytest.mark.django_db


def test_it_becomes_what_its_application_said():
    opened = holder(programs=(program(), program(title="Pipe Fitting")))

    assert opened.pk == opened.application.tenant_id
    assert (opened.legal_name, opened.ein, opened.status) == (opened.application.legal_name, "35-1234567", "onboarding")
    assert [site.city for site in opened.sites.all()] == ["Gary"]
    assert sorted(opened.programs.values_list("title", "status")) == [
        ("Pipe Fitting", "draft"),
        ("Welding Technology", "draft"),
    ]


def test_it_is_opened_once():
    opened = holder()

    again = open_holder(Application.objects.get())

    assert again.pk == opened.pk
    assert (Holder.objects.count(), Invitation.objects.count()) == (1, 1)


def test_it_invites_its_contact_and_raises_nobody():
    opened = holder()

    invitation = Invitation.objects.get()

    assert (invitation.email, invitation.role) == (opened.contact_email, MemberRole.OWNER)
    assert OutboxMessage.objects.filter(topic="programs.member.invited").count() == 1
    assert not Member.objects.exists()


def test_it_is_not_opened_for_an_application_that_waits():
    with pytest.raises(ValidationError, match="approved"):
        open_holder(submitted())

    assert not Holder.objects.exists()


@pytest.mark.parametrize("origin", HolderStatus.values)
@pytest.mark.parametrize("target", HolderStatus.values)
def test_it_moves_as_the_table_says(origin, target):
    opened = holder()
    Holder.objects.filter(pk=opened.pk).update(status=origin)
    opened.refresh_from_db()

    if target in LEGAL_MOVES[origin]:
        move_holder(opened, target, by=member("stone"), reason="As agreed.")
    else:
        with pytest.raises(ValidationError):
            move_holder(opened, target, by=member("stone"), reason="As agreed.")

    opened.refresh_from_db()
    assert opened.status == (target if target in LEGAL_MOVES[origin] else origin)


def test_it_keeps_who_moved_it_and_why():
    opened = holder()

    move_holder(opened, HolderStatus.ACTIVE, by=member("stone"), reason="All is there.")

    change = opened.status_changes.last()
    assert (change.from_status, change.to_status, change.reason) == ("onboarding", "active", "All is there.")
    assert change.actor_label == "stone"
    assert AuditEntry.objects.filter(name="programs.holder.active").count() == 1


def test_it_does_not_move_without_a_reason():
    opened = holder()

    with pytest.raises(ValidationError, match="reason"):
        move_holder(opened, HolderStatus.ACTIVE, by=member("stone"), reason=" ")


def test_it_is_moved_by_the_first_of_two():
    first = holder()
    second = Holder.objects.get(pk=first.pk)
    move_holder(first, HolderStatus.ACTIVE, by=member("stone"), reason="Complete.")

    with pytest.raises(ValidationError, match="meanwhile"):
        move_holder(second, HolderStatus.TERMINATED, by=member("reed"), reason="Withdrawn.")


def test_its_history_stays_as_it_is():
    holder()

    for write in (
        lambda: HolderStatusChange.objects.update(reason="Something else."),
        lambda: HolderStatusChange.objects.all().delete(),
    ):
        with pytest.raises(Error), transaction.atomic():
            write()


def test_its_programs_have_addresses_of_their_own():
    opened = holder()
    taken = Program.objects.get(holder=opened).slug

    assert taken == "welding-technology"
    assert unused_slug("Welding Technology") != taken
    assert unused_slug("!!!") == "program"
