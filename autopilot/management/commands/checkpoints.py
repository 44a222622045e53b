"""Look at checkpoints, and decide one."""

from argparse import Namespace
from typing import Any

from django.conf import settings
from django.urls import reverse

from autopilot import clock, engine
from autopilot.engine import Origin
from autopilot.management.base import (
    Verbs,
    VerbsCommand,
    an_id,
    at_least_one,
    attempted,
    misused,
    person_of,
    refusals,
    said,
)
from autopilot.models import Checkpoint, Decision
from autopilot.scrubbing import scrubbed

LISTED = ("id", "version", "kind", "status", "title", "reviewers", "due_at", "overdue", "created_at", "job")
DONE = ("id", "version", "status", "outcome", "why")


class Command(VerbsCommand):
    """What the pages of checkpoints do, without a browser: for one checkpoint, in a version that was seen."""

    help = "Lists, shows, approves and rejects checkpoints."

    def add_verbs(self, verbs: Verbs) -> None:
        """Add the four verbs."""
        listing = verbs.add("list", self.list_checkpoints, "List checkpoints, oldest first.", limit="most to list")
        statuses = [*Checkpoint.Status.values, "all"]
        listing.add_argument(
            "--status", choices=statuses, default="pending", help="where they stand (default: pending)"
        )
        listing.add_argument("--overdue", action="store_true", help="only those that were promised by now")
        listing.add_argument("--reviewers", metavar="GROUP", type=said, help="only those of a group")
        showing = verbs.add("show", self.show_checkpoint, "Show one checkpoint, and the address of its page.")
        showing.add_argument("id", type=an_id, metavar="ID", help="its id")
        approve = verbs.add_deed("approve", self.approve, "Approve one version of a checkpoint.", reason=False)
        approve.add_argument("--comment", default="", help="a remark beside it")
        reject = verbs.add_deed("reject", self.reject, "Reject one version of a checkpoint; the reason is told.")
        for parser in (approve, reject):
            parser.add_argument("id", type=an_id, metavar="ID", help="its id")
            seen = "the version you have seen; another one is not decided"
            parser.add_argument("--version", dest="seen", type=at_least_one, required=True, metavar="N", help=seen)

    def list_checkpoints(self, options: Namespace) -> None:
        """Print the checkpoints that fit."""
        found = Checkpoint.objects.defer("payload", "form_schema").prefetch_related("reviewers")
        if options.status != "all":
            found = found.filter(status=options.status)
        if options.overdue:
            found = found.filter(due_at__lte=clock.now())
        if options.reviewers:
            found = found.filter(reviewers__name=options.reviewers)
        rows = [_listed(each) for each in found.order_by("created_at", "id")[: options.limit]]
        self.print_rows(rows, LISTED)

    def show_checkpoint(self, options: Namespace) -> None:
        """Print one checkpoint, without what is asked about: that may be people's data, and stands on its page."""
        self.print_one(_shown(_found(options)))

    def approve(self, options: Namespace) -> str | None:
        """Approve."""
        return self._decide(options, Decision.Verdict.APPROVE, options.comment)

    def reject(self, options: Namespace) -> str | None:
        """Reject."""
        return self._decide(options, Decision.Verdict.REJECT, options.reason)

    def _decide(self, options: Namespace, verdict: str, comment: str) -> str | None:
        person, checkpoint = person_of(options), _found(options)

        def decide() -> str:
            origin = Origin(channel="command")
            engine.decide(
                checkpoint.pk, actor=person, verdict=verdict, version=options.seen, comment=comment, origin=origin
            )
            checkpoint.refresh_from_db(fields=["status"])
            return "one of several votes" if checkpoint.is_pending else checkpoint.status

        outcome, why = attempted(decide, dry_run=options.dry_run)
        checkpoint.refresh_from_db()
        row = {"id": checkpoint.pk, "version": checkpoint.payload_version, "status": checkpoint.status}
        rows = [{**row, "outcome": outcome, "why": why}]
        self.print_rows(rows, DONE)
        return refusals(rows)


def _found(options: Namespace) -> Checkpoint:
    checkpoint = Checkpoint.objects.prefetch_related("reviewers").filter(pk=options.id).first()
    if checkpoint is None:
        raise misused(f"There is no checkpoint {options.id}. List them: manage.py checkpoints list")
    return checkpoint


def _listed(checkpoint: Checkpoint) -> dict[str, Any]:
    overdue = checkpoint.is_pending and checkpoint.due_at is not None and checkpoint.due_at <= clock.now()
    return {
        "id": checkpoint.pk,
        "version": checkpoint.payload_version,
        "kind": checkpoint.kind,
        "status": checkpoint.status,
        "title": scrubbed(checkpoint.title),
        "reviewers": ", ".join(group.name for group in checkpoint.reviewers.all()),
        "due_at": checkpoint.due_at,
        "overdue": overdue,
        "created_at": checkpoint.created_at,
        "job": checkpoint.job_id,
    }


def _shown(checkpoint: Checkpoint) -> dict[str, Any]:
    names = ("quorum", "expires_at", "on_expiry", "decided_at", "requester_label", "last_editor_label")
    decisions = checkpoint.decisions.values("verdict", "payload_version", "actor_label", "channel")
    page = reverse("admin:autopilot_checkpoint_change", args=[checkpoint.pk])
    return {
        **_listed(checkpoint),
        **{name: getattr(checkpoint, name) for name in names},
        "asks_about": sorted(checkpoint.payload),
        "digest": checkpoint.payload_digest,
        "decisions": list(decisions),
        "page": f"{settings.BASE_URL}{page}",
    }
