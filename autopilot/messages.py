"""The mails of the ground floor: to reviewers, about checkpoints."""

from django.conf import settings
from django.contrib.auth.models import User
from django.core.mail import EmailMessage
from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.urls import reverse

from autopilot.engine import message
from autopilot.models.checkpoints import Checkpoint

ESCALATED_TO = "Administrator"


@message("autopilot.checkpoint.opened")
def opened(checkpoint_id: str) -> EmailMessage:
    """Tell the reviewers that something waits for them."""
    return _mail("opened", checkpoint_id, escalate=False)


@message("autopilot.checkpoint.reminder")
def reminder(checkpoint_id: str) -> EmailMessage:
    """Remind the reviewers that it is due soon."""
    return _mail("reminder", checkpoint_id, escalate=False)


@message("autopilot.checkpoint.escalated")
def escalated(checkpoint_id: str) -> EmailMessage:
    """Tell reviewers and administrators that it is overdue."""
    return _mail("escalated", checkpoint_id, escalate=True)


def recipients(checkpoint: Checkpoint, *, escalate: bool) -> list[str]:
    """Return the addresses of those who may decide: the assignee alone, else every reviewer; sorted, each once.

    Where none of them has an address, it is for those who may do everything.
    """
    able = _active().exclude(pk__in=[checkpoint.requester_id or 0, checkpoint.last_editor_id or 0])
    people = able.filter(groups__in=checkpoint.reviewers.all())
    if checkpoint.assignee is not None and not escalate:
        people = able.filter(pk=checkpoint.assignee.pk)
    addresses = _addresses(people) or _addresses(able.filter(is_superuser=True))
    if escalate:
        addresses |= _addresses(_active().filter(groups__name=ESCALATED_TO))
    return sorted(addresses)


def _addresses(people: QuerySet[User]) -> set[str]:
    return set(people.values_list("email", flat=True))


def _active() -> QuerySet[User]:
    return User.objects.filter(is_active=True).exclude(email="")


def _mail(name: str, checkpoint_id: str, *, escalate: bool) -> EmailMessage:
    checkpoint = Checkpoint.objects.get(pk=checkpoint_id)
    path = reverse("admin:autopilot_checkpoint_change", args=[checkpoint.pk])
    context = {"checkpoint": checkpoint, "url": settings.BASE_URL + path}
    subject = " ".join(render_to_string(f"autopilot/emails/{name}.subject.txt", context).split())
    body = render_to_string(f"autopilot/emails/{name}.txt", context)
    return EmailMessage(subject, body, bcc=recipients(checkpoint, escalate=escalate))
