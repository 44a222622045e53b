"""Leads: entered, imported or taken from the catalog; written to until they answer; enrolled in the end."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.crypto import constant_time_compare, salted_hmac

from autopilot import audit, clock
from autopilot.engine import emit
from autopilot.sheets import desk
from autopilot.sheets.shapes import SheetRow, SheetUnusable
from programs.models import Cohort, Enquiry, Program
from programs.services.charges import checked_text
from programs.services.rights import require
from students.facts import StudentFacts
from students.models import Enrollment, EnrollmentStatus, Lead, LeadSource, LeadStatus, Student
from students.services.enrollments import enroll

FOLLOW_UP = "students.lead.follow_up"
WRITE = "students.add_lead"
SALT = "students.leads"
# Days after which somebody who has not answered is written to.
FOLLOW_UP_DAYS = (2, 7, 14)
OPEN = (LeadStatus.NEW, LeadStatus.CONTACTED)
LONGEST_NOTE, LONGEST_REASON, MOST_ROWS, AT_A_TIME = 500, 300, 2000, 500
COLUMNS = {"first_name": "First name", "last_name": "Last name", "email": "E-mail", "phone": "Phone", "note": "Note"}


@dataclass(frozen=True)
class LeadFacts:
    """Who wants to hear more."""

    first_name: str
    last_name: str
    email: str = ""
    phone: str = ""
    note: str = ""


@dataclass(frozen=True)
class Imported:
    """What became of a file: how many leads are new, and how many were known."""

    new: int
    known: int


@transaction.atomic
def enter_lead(
    program: Program,
    facts: LeadFacts,
    *,
    by: User | None,
    source: str = LeadSource.STAFF,
    enquiry: Enquiry | None = None,
) -> Lead:
    """Keep somebody who may want a program; who has an address is written to after 2, 7 and 14 days.

    Raises PermissionDenied, and ValidationError by field, or with the code `duplicate` for somebody who is known by
    address or phone as a lead of the program, or as a student of its school.
    """
    require(by, WRITE)
    lead = _checked(program, facts, source)
    if _known(program, lead):
        raise ValidationError("This person is known already, by address or phone.", code="duplicate")
    lead.enquiry, lead.created_by = enquiry, by
    lead.save(force_insert=True)
    audit.record(by, "students.lead.entered", lead, source=source)
    return lead


def import_leads(program: Program, *, content: bytes, file_name: str, by: User) -> Imported:
    """Take the leads of a file in, all or none; who is known already is passed over.

    Call it outside a transaction. Raises PermissionDenied, and ValidationError with the code of what is wrong with the
    file, or `rows` with a sentence for each line to be corrected.
    """
    require(by, WRITE)
    try:
        table = desk.read_table(content, file_name)
    except SheetUnusable as refusal:
        raise ValidationError(str(refusal), code=refusal.code) from None
    rows = _understood(program, table)
    with transaction.atomic():
        fresh = _without_twins([lead for lead in rows if not _known(program, lead)])
        for lead in fresh:
            lead.created_by = by
        Lead.objects.bulk_create(fresh)
        audit.record(by, "students.lead.imported", program, new=len(fresh), known=len(rows) - len(fresh))
    return Imported(len(fresh), len(rows) - len(fresh))


@transaction.atomic
def convert_lead(lead: Lead, cohort: Cohort, *, by: User) -> Enrollment:
    """Enroll a lead in a cohort, for the school to accept; no mail goes out any more.

    Raises PermissionDenied, and ValidationError with the code `done`, or as `enroll` does.
    """
    require(by, WRITE)
    locked = Lead.objects.select_for_update(of=("self",)).get(pk=lead.pk)
    _require_open(locked)
    facts = StudentFacts(locked.first_name, locked.last_name, locked.email, locked.phone)
    enrollment = enroll(cohort, student=facts, by=by)
    _move(lead, LeadStatus.ENROLLED, by, enrollment=enrollment, follow_up_on=None)
    return enrollment


@transaction.atomic
def mark_contacted(lead: Lead, *, by: User) -> None:
    """Note that somebody is in touch: no mail goes out any more. Raises PermissionDenied and ValidationError (`done`)."""
    require(by, WRITE)
    _require_open(lead)
    _move(lead, LeadStatus.CONTACTED, by, follow_up_on=None)


@transaction.atomic
def close_lead(lead: Lead, *, reason: str, by: User | None) -> None:
    """Close a lead for a reason; raises PermissionDenied, and ValidationError with the code `reason` or `done`."""
    require(by, WRITE)
    _require_open(lead)
    _move(lead, LeadStatus.CLOSED, by, closed_because=checked_text(reason, "reason", LONGEST_REASON), follow_up_on=None)


def stop_token(lead: Lead) -> str:
    """Return the token of the link by which somebody asks for no more mails; it is stored nowhere."""
    return f"{lead.pk.hex}{_mark(lead.pk)}"


def find_by_stop_token(token: str) -> Lead:
    """Return the lead of such a link; raises ObjectDoesNotExist for what is none."""
    try:
        key = UUID(token[:32])
    except ValueError:
        raise ObjectDoesNotExist(token) from None
    if not constant_time_compare(token[32:], _mark(key)):
        raise ObjectDoesNotExist(token)
    return Lead.objects.get(pk=key)


def stop_mails(lead: Lead) -> None:
    """Send somebody no more mails, at their wish; one who is done already is left as they are."""
    if lead.status in OPEN:
        close_lead(lead, reason="Asked for no more mails.", by=None)


def take_in_enquiries() -> int:
    """Make leads of what people have asked in the catalog; returns how many are new. Safe to repeat."""
    waiting = Enquiry.objects.select_related("program").filter(lead=None, answered_at=None).order_by("created_at")
    return sum(_taken_in(enquiry) for enquiry in waiting[:AT_A_TIME])


@transaction.atomic
def write_follow_ups() -> int:
    """Write to the leads whose day has come, each mail once; returns how many."""
    due = _due().select_for_update(of=("self",))
    leads = list(due[:AT_A_TIME])
    for lead in leads:
        later = FOLLOW_UP_DAYS[lead.follow_ups + 1 :][:1]
        on = clock.day_of(lead.created_at) + timedelta(days=later[0]) if later else None
        Lead.objects.filter(pk=lead.pk).update(follow_ups=lead.follow_ups + 1, follow_up_on=on)
        emit(FOLLOW_UP, tenant_id=lead.program.holder_id, lead_id=lead.pk, step=lead.follow_ups + 1)
    return len(leads)


def _due() -> QuerySet[Lead]:
    rows = Lead.objects.select_related("program").filter(status=LeadStatus.NEW, follow_up_on__lte=clock.today())
    return rows.exclude(email="").order_by("follow_up_on", "pk")


def _taken_in(enquiry: Enquiry) -> bool:
    first, _, last = enquiry.name.strip().partition(" ")
    facts = LeadFacts(first[:80], last[:80] or "–", enquiry.email, enquiry.phone)
    try:
        enter_lead(enquiry.program, facts, by=None, source=LeadSource.CATALOG, enquiry=enquiry)
    except ValidationError:  # known already, which is all that matters
        return False
    return True


def _checked(program: Program, facts: LeadFacts, source: str) -> Lead:
    said = {name: " ".join(getattr(facts, name).split()) for name in COLUMNS}
    lead = Lead(program=program, source=source, **said | {"email": said["email"].lower()})
    if not lead.email and not lead.phone:
        raise ValidationError({"email": "Give an e-mail address or a phone number."})
    lead.clean_fields(exclude=["enquiry", "enrollment", "created_by"])
    if lead.email:
        lead.follow_up_on = clock.today() + timedelta(days=FOLLOW_UP_DAYS[0])
    return lead


def _known(program: Program, lead: Lead) -> bool:
    reached = Q(email=lead.email) if lead.email else Q()
    reached |= Q(phone=lead.phone) if lead.phone else Q()
    students = Student.objects.filter(reached, enrollments__holder=program.holder_id)
    students = students.exclude(enrollments__status__in=[EnrollmentStatus.DECLINED, EnrollmentStatus.WITHDRAWN])
    return Lead.objects.filter(reached, program=program, status__in=OPEN).exists() or students.exists()


def _understood(program: Program, table: Sequence[SheetRow]) -> list[Lead]:
    if len(table) < 2 or len(table) > MOST_ROWS + 1:
        raise ValidationError(f"Give a heading and 1 to {MOST_ROWS:,} rows.", code="rows")
    places = _places(table[0].cells)
    found, wrong = [], []
    for row in table[1:]:
        said = {name: row.cells[place] if place < len(row.cells) else "" for name, place in places.items()}
        try:
            found.append(_checked(program, LeadFacts(**{"first_name": "", "last_name": ""} | said), LeadSource.IMPORT))
        except ValidationError as refusal:
            wrong.append(f"Line {row.line}: {' '.join(refusal.messages)}")
    if wrong:
        raise ValidationError([ValidationError(text, code="rows") for text in wrong[:50]])
    return found


def _places(headings: Iterable[str]) -> dict[str, int]:
    known = {heading.lower().replace("-", ""): name for name, heading in COLUMNS.items()}
    cells = [heading.strip().lower().replace("-", "") for heading in headings]
    places = {known[cell]: place for place, cell in enumerate(cells) if cell in known}
    if not {"first_name", "last_name"} <= places.keys() or not {"email", "phone"} & places.keys():
        raise ValidationError(f"The first row must name the columns: {', '.join(COLUMNS.values())}.", code="columns")
    return places


def _without_twins(leads: Sequence[Lead]) -> list[Lead]:
    seen: set[str] = set()
    kept = []
    for lead in leads:
        marks = {mark for mark in (lead.email, lead.phone) if mark}
        if not marks & seen:
            kept.append(lead)
        seen |= marks
    return kept


def _require_open(lead: Lead) -> None:
    if lead.status not in OPEN:
        raise ValidationError(f"This lead is {lead.get_status_display().lower()} already.", code="done")


def _move(lead: Lead, to: str, by: User | None, **columns: Any) -> None:
    if not Lead.objects.filter(pk=lead.pk, status__in=OPEN).update(status=to, **columns):
        raise ValidationError("Somebody else was first. Load the page again.", code="done")
    lead.refresh_from_db()
    audit.record(by, f"students.lead.{to}", lead)


def _mark(lead_id: UUID) -> str:
    return salted_hmac(SALT, str(lead_id), algorithm="sha256").hexdigest()
