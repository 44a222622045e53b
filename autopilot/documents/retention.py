"""How long a document is kept, and why: the rules in force, awards and their final reports, legal holds."""

from dataclasses import dataclass
from datetime import date

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from autopilot import audit, clock
from autopilot.documents import archive, vault
from autopilot.documents.kinds import kind_of
from autopilot.models.documents import Document
from autopilot.models.retention import Award, LegalHold, RetentionRule

HOLD, REPORT = "autopilot.hold_document", "autopilot.record_final_report"


@dataclass(frozen=True)
class Term:
    """How long one duty keeps a document: `until` is its last day, None while nobody can know it."""

    source: str
    until: date | None
    reason: str


def terms_of(document: Document) -> list[Term]:
    """Return every duty to keep a document, by the rules in force today; without any, one that says so and has no end."""
    today = clock.today()
    in_force = RetentionRule.objects.filter(Q(effective_until=None) | Q(effective_until__gte=today))
    rules = in_force.filter(effective_from__lte=today, kind__in=["", kind_of(document)])
    terms = [_term(rule, document) for rule in rules]
    if document.retain_until:
        terms.append(Term("Given when it was archived", document.retain_until, "A day was set for this document."))
    return terms or [Term("No rule", None, "No rule says how long it is kept, so it is kept.")]


def last_day(document: Document) -> date | None:
    """Return the last day on which a document must be kept; None while that is not known."""
    days = [term.until for term in terms_of(document)]
    return None if None in days else max(day for day in days if day is not None)


def open_hold(document: Document) -> LegalHold | None:
    """Return the legal hold that a document is under, if it is under one."""
    return LegalHold.objects.filter(document=document, lifted_at=None).first()


@transaction.atomic
def set_hold(document: Document, *, by: User, reason: str) -> LegalHold:
    """Keep a document whatever its retention says, until the hold is lifted.

    Raises PermissionDenied, and ValidationError (no_reason, held, disposed); ArchiveError where the storage refuses.
    """
    _require(by, HOLD)
    _require_reason(reason)
    locked = Document.objects.select_for_update().defer("snapshot").get(pk=document.pk)
    if archive.is_disposed(locked):
        raise ValidationError("Its file is destroyed already.", code="disposed")
    try:
        with transaction.atomic():
            hold = LegalHold.objects.create(document=locked, reason=reason.strip(), set_by=by)
    except IntegrityError as error:
        raise ValidationError("It is under a legal hold already.", code="held") from error
    vault.hold(locked.sha256)
    audit.record(by, "autopilot.document.held", locked, reason=reason)
    return hold


@transaction.atomic
def lift_hold(document: Document, *, by: User, reason: str) -> None:
    """Let a document's retention count again. Raises PermissionDenied, and ValidationError (no_reason, not_held)."""
    _require(by, HOLD)
    _require_reason(reason)
    locked = Document.objects.select_for_update().defer("snapshot").get(pk=document.pk)
    lifted = LegalHold.objects.filter(document=locked, lifted_at=None).update(
        lifted_by=by, lifted_at=clock.now(), lifted_because=reason.strip()
    )
    if not lifted:
        raise ValidationError("It is under no legal hold.", code="not_held")
    if not LegalHold.objects.filter(document__sha256=locked.sha256, lifted_at=None).exists():
        vault.release(locked.sha256)
    audit.record(by, "autopilot.document.hold_lifted", locked, reason=reason)


@transaction.atomic
def record_final_report(award: Award, *, submitted_on: date, by: User, reason: str) -> None:
    """Record when an award's final financial report was submitted: from then its records' years run (2 CFR 200.334).

    Raises PermissionDenied, and ValidationError (no_reason, too_early, recorded).
    """
    _require(by, REPORT)
    _require_reason(reason)
    if not award.begins_on <= submitted_on <= clock.today():
        raise ValidationError("The day must lie between the award’s first day and today.", code="too_early")
    if not Award.objects.filter(pk=award.pk, final_report_on=None).update(final_report_on=submitted_on):
        raise ValidationError("Its final report is recorded already.", code="recorded")
    audit.record(by, "autopilot.award.final_report_recorded", award, submitted_on=submitted_on, reason=reason)


def _term(rule: RetentionRule, document: Document) -> Term:
    begun = document.created_at.date()
    if rule.start == RetentionRule.Start.ARCHIVED:
        return Term(rule.source, _years_after(begun, rule.years), f"{rule.years} years after it was archived.")
    awards = list(_awards_of(begun).values_list("final_report_on", flat=True))
    reports = [day for day in awards if day is not None]
    if not reports or len(reports) < len(awards):
        return Term(rule.source, None, "The final report of its award is not recorded yet.")
    return Term(rule.source, _years_after(max(reports), rule.years), f"{rule.years} years after the final report.")


def _awards_of(day: date) -> QuerySet[Award]:
    return Award.objects.filter(begins_on__lte=day, ends_on__gte=day)


def _years_after(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # a 29 February: the longer of two readings
        return date(day.year + years, 3, 1)


def _require(by: User, permission: str) -> None:
    if not (by.is_active and by.has_perm(permission)):
        raise PermissionDenied("You may not do this with archived documents.")


def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise ValidationError("Say why; those who come after you read it.", code="no_reason")
