"""The mails of the ground floor: to reviewers, about checkpoints; to administrators, about webhooks."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.mail import EmailMessage
from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.urls import reverse

from autopilot.documents.publication import PUBLISHED
from autopilot.engine import assignments, comments, message
from autopilot.engine.reviewers import invited_reviewers, possible_reviewers
from autopilot.models.checkpoints import Checkpoint, CheckpointComment
from autopilot.models.ledger import LedgerAnchor
from autopilot.models.webhooks import WebhookEndpoint

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


@message(assignments.ASSIGNED)
def assigned(checkpoint_id: str, assignee_id: int) -> EmailMessage:
    """Tell a person what was given to them, as long as they have it."""
    checkpoint = Checkpoint.objects.pending().get(pk=checkpoint_id)
    addresses = _addresses(_active().filter(pk=assignee_id)) if checkpoint.assignee_id == assignee_id else set()
    return _composed("assigned", checkpoint, addresses)


@message("autopilot.webhook.disabled")
def webhook_disabled(endpoint_id: str) -> EmailMessage:
    """Tell administrators that an endpoint was disabled, because it said that it is gone."""
    endpoint = WebhookEndpoint.objects.get(pk=endpoint_id)
    path = reverse("admin:autopilot_webhookendpoint_change", args=[endpoint.pk])
    return _built("webhook_disabled", {"endpoint": endpoint, "url": settings.BASE_URL + path}, administrators())


@message(PUBLISHED)
def ledger_published(day: str) -> EmailMessage:
    """Tell witnesses the ledger's head of a day, for them to keep."""
    anchor = LedgerAnchor.objects.get(pk=date.fromisoformat(day))
    return _built("ledger_published", {"anchor": anchor}, settings.LEDGER_WITNESSES or administrators())


def administrators() -> list[str]:
    """Return the addresses of the administrators, or of those who may do everything where none has one."""
    found = _addresses(_active().filter(groups__name=ESCALATED_TO))
    return sorted(found or _addresses(_active().filter(is_superuser=True)))


@message(comments.CHANGES_ASKED)
def changes_asked(comment_id: int) -> EmailMessage:
    """Tell who asked for a job, who edited its checkpoint last and who has it in hand what a reviewer wants changed."""
    said = CheckpointComment.objects.select_related("checkpoint").get(pk=comment_id)
    people = _active().filter(pk__in=comments.concerned(said.checkpoint)).exclude(pk=said.author_id or 0)
    return _composed("changes_asked", said.checkpoint, _addresses(people), said=said)


def recipients(checkpoint: Checkpoint, *, escalate: bool) -> list[str]:
    """Return the addresses of those who may decide: who has it in hand alone, else every reviewer; sorted, each once.

    Whoever has it but cannot decide it any more counts for nobody. Where no reviewer has an address, it is for those
    who may do everything.
    """
    able = possible_reviewers(checkpoint)
    holder = set() if escalate else _addresses(able.filter(pk=checkpoint.assignee_id or 0))
    addresses = holder or _addresses(invited_reviewers(checkpoint)) or _addresses(able.filter(is_superuser=True))
    if escalate:
        addresses |= _addresses(_active().filter(groups__name=ESCALATED_TO))
    return sorted(addresses)


def _addresses(people: QuerySet[User]) -> set[str]:
    return set(people.exclude(email="").values_list("email", flat=True))


def _active() -> QuerySet[User]:
    return User.objects.filter(is_active=True)


def _mail(name: str, checkpoint_id: str, *, escalate: bool) -> EmailMessage:
    checkpoint = Checkpoint.objects.get(pk=checkpoint_id)
    return _composed(name, checkpoint, recipients(checkpoint, escalate=escalate))


def _composed(name: str, checkpoint: Checkpoint, addresses: Iterable[str], **more: Any) -> EmailMessage:
    path = reverse("admin:autopilot_checkpoint_change", args=[checkpoint.pk])
    return _built(name, {"checkpoint": checkpoint, "url": settings.BASE_URL + path, **more}, addresses)


def _built(name: str, context: dict[str, Any], addresses: Iterable[str]) -> EmailMessage:
    subject = " ".join(render_to_string(f"autopilot/emails/{name}.subject.txt", context).split())
    body = render_to_string(f"autopilot/emails/{name}.txt", context)
    return EmailMessage(subject, body, bcc=sorted(addresses))
