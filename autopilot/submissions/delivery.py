"""Talk with the portal about one submission: hand it in, look whether it is there, ask what was decided."""

from typing import Any
from uuid import UUID

from django.db import transaction

from autopilot import restores
from autopilot.documents import archive
from autopilot.documents.errors import ArchiveError
from autopilot.exceptions import Invalid, Retryable, Uncertain
from autopilot.models.documents import Document
from autopilot.models.portals import Portal, Submission
from autopilot.outbound import Forbidden, NeverSent
from autopilot.submissions import lines, wire
from autopilot.submissions.envelopes import File, name_of
from autopilot.submissions.readings import Receipt, speaks_of
from autopilot.submissions.records import attached_digests
from autopilot.submissions.states import DECIDED, UNDERWAY, Status, move
from autopilot.submissions.wire import NotTaken, PortalRefused, TurnedAway


def send(submission_id: UUID, key: str = "") -> Receipt:
    """Hand the approved bytes to the portal, and return its receipt: number, received_at and sha256.

    `key` is the idempotency key; the first one a submission is sent with stays its key for good, so that a job
    started over cannot make the portal take the packet twice. A second try, and any try for a submission older than a
    restore from a backup, asks the portal first and sends nothing if the packet is there. What has a receipt returns
    it. Must not be called inside a transaction.

    Raises Invalid when this can never work (the bytes are not those approved: nothing was sent; the portal refused
    them: PortalRefused), Retryable when it surely did not arrive or the portal honors keys, Uncertain when nobody
    knows: only `job.call` to a portal that honors keys may then try again. Raises Snooze, with nothing sent, while the
    portal is left alone or its lines are busy.
    """
    submission = _load(submission_id)
    if submission.receipt is not None:
        return dict(submission.receipt)
    _require_not_refused(submission)
    if submission.portal.delivery == Portal.Delivery.MANUAL:
        raise Invalid("This portal takes no requests: a person uploads the packet and records its number.")
    files = _approved_files(submission)
    with lines.talking(submission.portal, submission_id):
        if _may_be_there(submission) and (found := _look_for(submission)) is not None:
            return found
        return _deliver(submission, files, _begin(submission, key))


def find(submission_id: UUID) -> Receipt | None:
    """Return the portal's receipt if it has the packet, None if it says it has not.

    Raises Retryable or Snooze when the portal cannot be asked, PortalRefused when it has refused the packet, and Invalid when it
    holds other bytes under the packet's id.
    """
    submission = _load(submission_id)
    _require_not_refused(submission)
    if submission.receipt is not None or submission.portal.delivery == Portal.Delivery.MANUAL:
        return submission.receipt
    if lines.is_left_alone(submission.portal):
        # Not a snooze: who asks may be in doubt about what happened, and a person is to hear of it in time.
        raise Retryable(f"{submission.portal} cannot be asked: it failed again and again, and is left alone.")
    with lines.talking(submission.portal, submission_id):
        return _look_for(submission)


def ask_status(submission_id: UUID) -> dict[str, Any] | None:
    """Return the portal's decision as {"status": approved, denied or refused, "reasons": [...]}, None while it has none.

    A decision that a callback or a person has recorded is returned without asking. Raises Retryable or Snooze when the
    portal cannot be asked, Invalid for a submission that has no receipt to ask about.
    """
    submission = _load(submission_id)
    if submission.status in DECIDED:
        return {"status": submission.status, "reasons": submission.reasons}
    if submission.portal.delivery == Portal.Delivery.MANUAL:
        return None
    if not submission.receipt_number:
        raise Invalid("There is no receipt yet to ask the portal about.")
    with lines.talking(submission.portal, submission_id):
        standing = wire.ask(submission.portal, str(submission.packet_id), submission.receipt_number)
    return {"status": standing.status, "reasons": standing.reasons} if standing.status in DECIDED else None


def _look_for(submission: Submission) -> Receipt | None:
    arrivals = wire.look_up(submission.portal, str(submission.packet_id))
    return _checked(arrivals[0].receipt, submission) if arrivals else None


def _load(submission_id: UUID) -> Submission:
    return Submission.objects.select_related("portal", "document").get(pk=submission_id)


def _require_not_refused(submission: Submission) -> None:
    if submission.status == Status.REFUSED and submission.receipt is None:
        raise PortalRefused(submission.reasons)


def _may_be_there(submission: Submission) -> bool:
    """Return whether an earlier try may have arrived, be it one of the time that a restore took from our books."""
    return submission.status in UNDERWAY or restores.is_in_doubt(submission.created_at)


def _approved_files(submission: Submission) -> list[File]:
    """Return the document and the attachments, each compared with the digest that was approved."""
    attached = submission.attachments.select_related("document")
    approved = [(each.document, each.approved_digest) for each in attached]
    every = [(submission.document, submission.approved_digest), *approved]
    return [_approved_file(place, document, digest) for place, (document, digest) in enumerate(every)]


def _approved_file(place: int, document: Document, approved_digest: str) -> File:
    try:
        content = archive.read(document)
    except ArchiveError as error:
        raise Invalid(f"Nothing was sent. {error}") from error
    file = File(name_of(place, document.media_type), document.media_type, content)
    if file.sha256 != approved_digest:
        which = f"attachment {place}" if place else "the document"
        raise Invalid(f"Nothing was sent: {which} is not, byte for byte, what was approved.")
    return file


def _begin(submission: Submission, key: str) -> str:
    chosen = submission.idempotency_key or key or str(submission.pk)
    with transaction.atomic(durable=True):  # so that the network never waits inside a transaction
        moved = move(submission.pk, Status.SENDING, "sent", idempotency_key=chosen)
    if not moved:
        raise Retryable("The submission changed while it was about to be sent.")
    return chosen


def _deliver(submission: Submission, files: list[File], key: str) -> Receipt:
    try:
        receipt = wire.deliver(submission.portal, str(submission.packet_id), files, key=key)
        return _checked(receipt, submission)
    except PortalRefused as error:
        move(submission.pk, Status.REFUSED, "refused by the portal", reasons=error.reasons)
        raise
    except (Forbidden, NeverSent, TurnedAway, NotTaken):
        # An earlier try may still have arrived: only the first one can go back to the beginning.
        first = submission.status == Status.PREPARED
        move(submission.pk, Status.PREPARED if first else Status.UNKNOWN, "not taken by the portal")
        raise
    except (Retryable, Uncertain, Invalid):
        move(submission.pk, Status.UNKNOWN, "no usable answer")
        raise


def _checked(receipt: Receipt, submission: Submission) -> Receipt:
    if not speaks_of(receipt, submission.approved_digest, attached_digests(submission)):
        raise Invalid("The portal holds other bytes under this packet's id. A person must clear that with the portal.")
    return receipt
