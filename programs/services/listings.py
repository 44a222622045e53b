"""Listings: a program's way onto a state's list of eligible training providers, and its stay there.

Initial eligibility lasts a year at most (20 CFR 680.450(g)), continued eligibility is reviewed at least every two years
(680.460(i)).
"""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction

from autopilot import audit, clock, submissions
from autopilot.documents import archive, pdf, provenance
from autopilot.engine import cancel, emit, enqueue
from autopilot.exceptions import Invalid
from autopilot.models import Document, Portal, Submission
from autopilot.storable import digest
from programs import codes
from programs.models import HolderStatus, Listing, ListingStatus, ListingStatusChange, Program, ProgramStatus
from programs.services.listing_facts import missing_in, parts_of
from programs.services.submissions import portal_of

SUBJECT = "listing"
TEMPLATE = "programs/pdf/listing.html"
TITLE = "Application for the list of eligible training providers"
SUBMITTED = "programs.listing.submitted"
DECIDED = "programs.listing.decided"
EXPIRING = "programs.listing.expiring"
EXPIRED = "programs.listing.expired"
WITHDRAWN = "programs.listing.withdrawn"
LONGEST_REASON = 500
LIFE = {Listing.Eligibility.INITIAL: 365, Listing.Eligibility.CONTINUED: 730}  # days
REMINDERS = (90, 60, 30, 7)  # days before the end
MOST_A_NIGHT = 1000
OPEN = (ListingStatus.PREPARED, ListingStatus.IN_REVIEW, ListingStatus.SUBMITTED)
LEGAL_MOVES: dict[str, frozenset[str]] = {
    ListingStatus.PREPARED: frozenset({ListingStatus.IN_REVIEW, ListingStatus.WITHDRAWN}),
    ListingStatus.IN_REVIEW: frozenset({ListingStatus.SUBMITTED, ListingStatus.WITHDRAWN, ListingStatus.DENIED}),
    ListingStatus.SUBMITTED: frozenset({ListingStatus.LISTED, ListingStatus.DENIED, ListingStatus.WITHDRAWN}),
    ListingStatus.LISTED: frozenset({ListingStatus.EXPIRED, ListingStatus.WITHDRAWN}),
    ListingStatus.DENIED: frozenset(),
    ListingStatus.WITHDRAWN: frozenset(),
    ListingStatus.EXPIRED: frozenset(),
}
Packet = dict[str, Any]


@transaction.atomic
def begin_listing(program: Program, *, state: str, by: User) -> Listing:
    """Have an application for a program prepared for a state: continued where it was listed there, else initial.

    Raises ValidationError with the code `state`, `not_approved`, `not_active`, or `open` where one is under way.
    """
    if state not in codes.STATES:
        raise ValidationError({"state": ValidationError("Choose a state of the list.", code="state")})
    if program.status != ProgramStatus.APPROVED:
        raise ValidationError("Our reviewers must approve the program first.", code="not_approved")
    if program.holder.status != HolderStatus.ACTIVE:
        raise ValidationError("Our staff must activate your organization first.", code="not_active")
    Program.objects.select_for_update().get(pk=program.pk)
    if program.listings.filter(state=state, status__in=OPEN).exists():
        raise ValidationError("An application to this state is under way.", code="open")
    was_listed = program.listings.filter(state=state, status__in=[ListingStatus.LISTED, ListingStatus.EXPIRED]).exists()
    eligibility = Listing.Eligibility.CONTINUED if was_listed else Listing.Eligibility.INITIAL
    listing = Listing.objects.create(program=program, state=state, eligibility=eligibility)
    _record(listing, "", by=by, reason="")
    audit.record(by, "programs.listing.begun", listing, state=state)
    _enqueue(listing, "listing.process", by)
    return listing


def prepare_packet(listing_id: UUID) -> Packet:
    """Return an application as a reviewer is to see it; its document is rendered and archived.

    Safe to repeat: the same facts give the same bytes. Must not be called inside a transaction. Raises Invalid for an
    unknown listing, and what `documents.pdf.render` raises.
    """
    listing = get_listing(listing_id)
    parts = parts_of(listing.program, listing.eligibility)
    facts = {
        "listing_id": str(listing.pk),
        "tenant_id": str(listing.program.holder_id),
        "program": listing.program.title,
        "state": codes.STATES[listing.state],
        "eligibility": listing.get_eligibility_display(),
        "prepared_at": listing.created_at.isoformat(),
        "parts": parts,
        "missing": missing_in(parts),
    }
    document = _archived(facts)
    return facts | {"document": {"id": str(document.pk), "sha256": document.sha256, "title": document.title}}


@transaction.atomic
def open_review(listing_id: UUID, packet: Packet, *, job_id: UUID) -> None:
    """Keep an application as its reviewer sees it, and put it in review."""
    listing = get_listing(listing_id)
    Listing.objects.filter(pk=listing.pk).update(facts=packet, document_id=packet["document"]["id"], job_id=job_id)
    if listing.status != ListingStatus.IN_REVIEW:  # a job started over from here finds it there already
        move_listing(listing, ListingStatus.IN_REVIEW)


@transaction.atomic
def withdraw_listing(listing: Listing, *, reason: str, by: User) -> None:
    """Take an application back, or a program off a state's list, with the reason; its job ends, and the holder is told.

    What the state has is taken back with the state by a person: nothing is sent. Raises ValidationError with the code
    `no_reason`, `reason` for one that is too long, `on_its_way` between approval and receipt, and as `move_listing`.
    """
    reason = reason.strip()
    if not reason or len(reason) > LONGEST_REASON:
        text = f"Say why, in at most {LONGEST_REASON} characters; it stands in the history."
        raise ValidationError({"reason": ValidationError(text, code="reason" if reason else "no_reason")})
    locked = Listing.objects.select_for_update(of=("self",)).select_related("program").get(pk=listing.pk)
    if locked.status == ListingStatus.IN_REVIEW and locked.submission_id is not None:
        text = "It is on its way to the state. Withdraw it once the state’s receipt is here."
        raise ValidationError(text, code="on_its_way")
    move_listing(locked, ListingStatus.WITHDRAWN, reason=reason, by=by)
    if locked.job_id is not None:
        cancel(locked.job_id, actor=None, reason="The listing was withdrawn.")
    emit(WITHDRAWN, tenant_id=locked.program.holder_id, listing_id=locked.pk)
    listing.refresh_from_db()


def may_be_withdrawn(listing: Listing) -> bool:
    """Return whether a listing stands where it can be withdrawn."""
    return ListingStatus.WITHDRAWN in LEGAL_MOVES[listing.status]


def is_known_to_state(listing: Listing) -> bool:
    """Return whether the state has a listing, so that withdrawing it here does not end it there."""
    return bool(listing.state_reference)


@transaction.atomic
def reject_listing(listing_id: UUID, *, reason: str) -> None:
    """End an application that a reviewer has rejected; nothing is sent."""
    move_listing(get_listing(listing_id), ListingStatus.WITHDRAWN, reason=reason)


@transaction.atomic
def prepare_submission(listing_id: UUID, packet: Packet, *, approved_digest: str, job_id: UUID) -> dict[str, Any]:
    """Put an approved application down for the state's portal; returns how it is delivered.

    `approved_digest` is that of the packet which the reviewers voted on. Raises Invalid for any other packet, for a
    listing that was withdrawn meanwhile, and where no portal is active.
    """
    if digest(packet) != approved_digest:
        raise Invalid("The packet is not what was approved.")
    listing = get_listing(listing_id)
    if Listing.objects.select_for_update().get(pk=listing_id).status != ListingStatus.IN_REVIEW:
        raise Invalid(f"Listing {listing_id} was withdrawn, so nothing is sent.")
    portal, document = portal_of(listing.state), Document.objects.get(pk=packet["document"]["id"])
    submission = submissions.prepare(
        portal=portal,
        document=document,
        approved_digest=packet["document"]["sha256"],
        packet_id=listing.pk,
        subject=SUBJECT,
        subject_id=listing.pk,
        tenant_id=listing.program.holder_id,
    )
    Listing.objects.filter(pk=listing.pk).update(submission_id=submission.pk)
    manual = portal.delivery == Portal.Delivery.MANUAL
    if manual:
        submissions.track(submission.pk, job_id)
        submissions.await_manual(submission.pk)
    return {
        "submission_id": str(submission.pk),
        "portal": portal.name,
        "instructions": portal.instructions,
        "manual": manual,
        "files": [document.title],
        "honors_idempotency": portal.honors_idempotency,
    }


@transaction.atomic
def record_refusal(listing_id: UUID, *, reasons: list[str]) -> None:
    """End an application that the portal would not take."""
    told = " ".join(["The state’s portal would not take it.", *reasons])
    move_listing(get_listing(listing_id), ListingStatus.WITHDRAWN, reason=told)


@transaction.atomic
def record_submission(listing_id: UUID, submission_id: UUID, receipt: dict[str, Any]) -> str:
    """Keep the portal's receipt, tell the holder, and have a job follow the state's decision; returns its number."""
    listing = get_listing(listing_id)
    submissions.record_receipt(submission_id, receipt)
    move_listing(listing, ListingStatus.SUBMITTED, state_reference=receipt["number"])
    emit(SUBMITTED, tenant_id=listing.program.holder_id, listing_id=listing.pk)
    submissions.track(submission_id, _enqueue(listing, "listing.track", None))
    return str(receipt["number"])


def find_submitted(listing_id: UUID) -> dict[str, Any]:
    """Return the id of the submission whose decision a listing waits for, and how often to ask, in seconds.

    Raises Invalid for a listing that was not submitted.
    """
    listing = get_listing(listing_id)
    rows = Submission.objects.select_related("portal").filter(subject=SUBJECT, subject_id=listing.pk)
    submission = rows.exclude(receipt_number="").first()
    if submission is None or listing.status != ListingStatus.SUBMITTED:
        raise Invalid(f"Listing {listing_id} was not submitted, so there is nothing to track.")
    poll_seconds = int(submission.portal.poll_interval.total_seconds())
    return {"submission_id": str(submission.pk), "poll_seconds": poll_seconds}


@transaction.atomic
def record_state_decision(listing_id: UUID, submission_id: UUID, decision: dict[str, Any]) -> str:
    """Keep what the state decided, and until when it holds, and tell the holder; returns the new status."""
    listing = get_listing(listing_id)
    submissions.record_decision(submission_id, status=decision["status"], reasons=decision["reasons"])
    reason = " ".join(decision["reasons"])
    if decision["status"] == Submission.Status.APPROVED:
        _retire_earlier(listing)
        today = clock.today()
        ends = today + timedelta(days=LIFE[Listing.Eligibility(listing.eligibility)])
        move_listing(listing, ListingStatus.LISTED, reason=reason, listed_on=today, expires_on=ends)
    else:
        move_listing(listing, ListingStatus.DENIED, reason=reason)
    emit(DECIDED, tenant_id=listing.program.holder_id, listing_id=listing.pk)
    return listing.status


def watch(today: date) -> dict[str, int]:
    """Remind of listings that end within 90, 60, 30 and 7 days, and let expire what has ended; safe to run again.

    Returns how many were `reminded` and `expired`.
    """
    standing = Listing.objects.select_related("program__holder").filter(status=ListingStatus.LISTED)
    over = list(standing.filter(expires_on__lt=today).order_by("expires_on")[:MOST_A_NIGHT])
    soon = standing.filter(expires_on__gte=today, expires_on__lte=today + timedelta(days=REMINDERS[0]))
    reminded = sum(_remind(listing, today) for listing in soon.order_by("expires_on")[:MOST_A_NIGHT])
    return {"reminded": reminded, "expired": sum(_expire(listing) for listing in over)}


def move_listing(listing: Listing, to: str, *, reason: str = "", by: User | None = None, **values: Any) -> None:
    """Move a listing on from where this object says it stands, with history and audit; the one place that writes its status.

    `values` are columns that change with it. Raises ValidationError with the code `illegal_move`, or `moved_meanwhile`.
    """
    origin = listing.status
    if to not in LEGAL_MOVES[origin]:
        known = ListingStatus(origin).label.lower(), ListingStatus(to).label.lower()
        raise ValidationError("A listing that is {} cannot become {}.".format(*known), code="illegal_move")
    if not Listing.objects.filter(pk=listing.pk, status=origin).update(status=to, reason=reason, **values):
        raise ValidationError("Somebody else has moved this listing meanwhile.", code="moved_meanwhile")
    listing.refresh_from_db()
    _record(listing, origin, by=by, reason=reason)
    audit.record(by, f"programs.listing.moved_to_{to}", listing, reason=reason)


def get_listing(listing_id: UUID) -> Listing:
    """Return a listing with its program and holder; raises Invalid for an unknown one."""
    listing = Listing.objects.select_related("program__holder").filter(pk=listing_id).first()
    if listing is None:
        raise Invalid(f"There is no listing {listing_id}.")
    return listing


def _record(listing: Listing, origin: str, *, by: User | None, reason: str) -> None:
    label = by.get_username() if by else ""
    ListingStatusChange.objects.create(
        listing=listing, from_status=origin, to_status=listing.status, reason=reason, actor_label=label
    )


def _enqueue(listing: Listing, kind: str, by: User | None) -> UUID:
    job = enqueue(
        kind,
        tenant_id=listing.program.holder_id,
        requested_by=by,
        unique_key=f"listing:{listing.pk}",
        listing_id=listing.pk,
    )
    Listing.objects.filter(pk=listing.pk).update(job_id=job.pk)
    return job.pk


def _archived(facts: Packet) -> Document:
    created = datetime.fromisoformat(facts["prepared_at"])
    return archive.store(
        pdf.render(TEMPLATE, facts, title=TITLE, created=created),
        media_type="application/pdf",
        title=f"{TITLE}: {facts['program']}, {facts['state']}",
        tenant_id=UUID(facts["tenant_id"]),
        snapshot=facts,
        provenance=provenance.of(TEMPLATE),
    )


def _retire_earlier(listing: Listing) -> None:
    earlier = Listing.objects.filter(program=listing.program_id, state=listing.state, status=ListingStatus.LISTED)
    for each in earlier.exclude(pk=listing.pk):
        move_listing(each, ListingStatus.EXPIRED, reason="The state has listed it anew.")


def _expire(listing: Listing) -> int:
    with transaction.atomic():
        move_listing(listing, ListingStatus.EXPIRED, reason="Its last day has passed.")
        emit(EXPIRED, tenant_id=listing.program.holder_id, listing_id=listing.pk)
    return 1


def _remind(listing: Listing, today: date) -> int:
    if listing.expires_on is None:
        return 0
    left = (listing.expires_on - today).days
    due = min(days for days in REMINDERS if left <= days)
    if listing.reminded_days is not None and listing.reminded_days <= due:
        return 0
    with transaction.atomic():
        Listing.objects.filter(pk=listing.pk).update(reminded_days=due)
        emit(EXPIRING, tenant_id=listing.program.holder_id, listing_id=listing.pk)
    return 1
