"""Sensitive details: entered, masked, revealed for a reason that is recorded, and destroyed with their key."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils.crypto import salted_hmac

from autopilot import audit, clock
from autopilot.encryption import new_key
from programs.services.rights import require
from students.models.details import Answer, Immigration, Race, Sex, StudentDetails, StudentKey
from students.models.students import Student

VIEW, ENTER, REVEAL = (f"students.{deed}_studentdetails" for deed in ("view", "change", "reveal"))
COLUMNS = ("ssn", "birth_date", "sex", "ethnicity", "races", "disability", "justice", "immigration")
CHOICES: dict[str, list[str]] = {
    "sex": Sex.values, "ethnicity": Answer.values, "disability": Answer.values, "justice": Answer.values,
    "immigration": Immigration.values,
}  # fmt: skip
SALT = "students.details.ssn"
LONGEST_REASON = 200
OLDEST_YEARS, YOUNGEST_YEARS = 110, 9
# Never given out (SSA): areas 000, 666 and from 900, group 00, serial 0000.
SSN = re.compile(r"(?!000|666|9)[0-9]{3}(?!00)[0-9]{2}(?!0000)[0-9]{4}")


@dataclass(frozen=True, repr=False)
class Details:
    """What is sensitive about one student, opened; `repr` tells nothing of it. Blank: not known."""

    student_id: UUID
    ssn: str
    birth_date: date | None
    sex: str
    ethnicity: str
    races: tuple[str, ...]
    disability: str
    justice: str
    immigration: str


@transaction.atomic
def enter_details(
    student: Student, *, facts: Mapping[str, str], by: User, ssn_declined: bool = False
) -> StudentDetails:
    """Keep what is given of a student's details; what is blank or left out stays as it is. Which were set is recorded.

    `facts` are texts by the names in COLUMNS: nine digits, a day as 2004-02-29, the values of the choices, and races
    with commas between them. `ssn_declined` says that the student keeps the number to themselves, and forgets it.
    Raises PermissionDenied, and ValidationError by field, or with the code `destroyed` once the key is.
    """
    require(by, ENTER)
    given = {name: text.strip() for name, text in facts.items() if text.strip()}
    if ssn_declined and "ssn" in given:
        raise _wrong("ssn", "Enter the number, or that it was declined; not both.", "both")
    checked = _checked(given)
    details = _details_for_update(student)
    for name, text in checked.items():
        setattr(details, name, text)
    if "ssn" in checked or ssn_declined:
        details.ssn = checked.get("ssn", "")
        details.ssn_declined, details.ssn_index = ssn_declined, index_of(details.ssn)
    details.entered_at = clock.now()
    details.save()
    audit.record(by, "students.details.entered", student, fields=sorted(checked), ssn_declined=ssn_declined)
    return details


def masked(details: StudentDetails | None) -> list[tuple[str, str]]:
    """Return the title of every detail with what may be shown of it: the last four digits of an SSN, else whether it is
    known.
    """
    return [(title_of(name), _masked(details, name) if details else "Not asked yet") for name in COLUMNS]


def title_of(name: str) -> str:
    """Return what a detail is called on a page."""
    field: Any = StudentDetails._meta.get_field(name)
    title = str(field.verbose_name)
    return title[0].upper() + title[1:]


def is_destroyed(details: StudentDetails) -> bool:
    """Return whether nobody can open these details any more."""
    return details.key.destroyed_at is not None


@transaction.atomic
def reveal_details(details: StudentDetails, *, names: Iterable[str], reason: str, by: User) -> dict[str, str]:
    """Return some details in full to staff with the permission; each time is recorded with the reason.

    `names` are those of COLUMNS. Raises PermissionDenied, and ValidationError with the code `no_reason`, `nothing` or
    `destroyed`.
    """
    if not by.is_active or not by.has_perm(REVEAL):
        raise PermissionDenied("You may not read these details in full.")
    wanted = [name for name in COLUMNS if name in set(names)]
    if not reason.strip():
        raise _wrong("reason", "Say why you need it; it is recorded with your name.", "no_reason")
    if not wanted:
        raise _wrong("names", "Choose what you need to read.", "nothing")
    _require_key(details.key)
    audit.record(by, "students.details.revealed", details.key.student, fields=wanted, reason=reason[:LONGEST_REASON])
    return {name: getattr(details, name) for name in wanted}


def read_details(students: Iterable[UUID], *, purpose: str, by: User | None) -> dict[UUID, Details]:
    """Return the details of students for work that needs them all, such as a report to the state; recorded once.

    `purpose` says for what, as `pirl.export`; `by` is who had it made, None for the autopilot. Students without details,
    or whose key is destroyed, are left out. At most some thousand at a time: every value is opened.
    """
    rows = StudentDetails.objects.select_related("key__student").filter(pk__in=list(students))
    found = {row.pk: _opened(row) for row in rows if not is_destroyed(row)}
    if found:
        subject = rows[0].key.student
        audit.record(by, "students.details.read", subject, purpose=purpose, students=len(found))
    return found


@transaction.atomic
def destroy_details(student: Student, *, reason: str, by: User | None) -> bool:
    """Destroy the key of a student's details, which nobody can open from then on; returns whether there was one.

    Copies of the rows that were made before stay sealed; a backup that holds the key as well must be destroyed too.
    Raises PermissionDenied, and ValidationError with the code `no_reason`.
    """
    require(by, ENTER)
    if not reason.strip():
        raise ValidationError("Say why the details are destroyed.", code="no_reason")
    key = StudentKey.objects.select_for_update().filter(pk=student.pk, destroyed_at=None).first()
    if key is None:
        return False
    key.secret, key.destroyed_at = "", clock.now()
    key.save()
    StudentDetails.objects.filter(pk=key.pk).update(**dict.fromkeys(COLUMNS, ""), ssn_index="", ssn_declined=False)
    audit.record(by, "students.details.destroyed", student, reason=reason[:LONGEST_REASON])
    return True


def same_number(details: StudentDetails) -> QuerySet[Student]:
    """Return the students with the same Social Security number who count as other persons so far."""
    others = StudentDetails.objects.filter(ssn_index__in=_indexes(details)).exclude(pk=details.pk)
    return Student.objects.filter(pk__in=others.values("pk")).exclude(number=details.key.student.number)


@transaction.atomic
def join_persons(student: Student, other: Student, *, by: User) -> None:
    """Note that two records are of one person: the younger takes the identifier of the older.

    Raises PermissionDenied, and ValidationError with the code `not_alike` unless both have the same SSN.
    """
    require(by, ENTER)
    details = StudentDetails.objects.select_related("key__student").filter(pk=student.pk).first()
    if details is None or not same_number(details).filter(pk=other.pk).exists():
        raise ValidationError("These records do not have the same Social Security number.", code="not_alike")
    older, younger = sorted((student, other), key=lambda each: (each.created_at, str(each.pk)))
    Student.objects.filter(number=younger.number).update(number=older.number)
    audit.record(by, "students.student.joined", younger, older_id=older.pk)


def index_of(ssn: str, secret: str | bytes | None = None) -> str:
    """Return what finds an SSN again without telling it: HMAC-SHA-256 with a key of its own, drawn from SECRET_KEY."""
    return salted_hmac(SALT, ssn, secret=secret, algorithm="sha256").hexdigest() if ssn else ""


def _wrong(field: str, text: str, code: str) -> ValidationError:
    return ValidationError({field: ValidationError(text, code=code)})


def _indexes(details: StudentDetails) -> list[str]:
    if not details.ssn:
        return []
    return [index_of(details.ssn, secret) for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]


def _details_for_update(student: Student) -> StudentDetails:
    key, _ = StudentKey.objects.select_for_update().get_or_create(student=student, defaults={"secret": new_key()})
    _require_key(key)
    StudentDetails.objects.get_or_create(key=key)
    return StudentDetails.objects.select_for_update(of=("self",)).select_related("key").get(pk=key.pk)


def _require_key(key: StudentKey) -> None:
    if key.destroyed_at is not None:
        raise ValidationError("These details were destroyed, and cannot be brought back.", code="destroyed")


def _checked(given: Mapping[str, str]) -> dict[str, str]:
    wrong: dict[str, str] = {}
    kept: dict[str, str] = {}
    for name, text in given.items():
        try:
            kept[name] = _checked_one(name, text)
        except ValueError as problem:
            wrong[name] = str(problem)
    if wrong:
        raise ValidationError(wrong)
    return kept


def _checked_one(name: str, text: str) -> str:
    if name == "ssn":
        return _checked_ssn(text)
    if name == "birth_date":
        return _checked_birth(text)
    if name == "races":
        return _checked_races(text)
    if name not in CHOICES:
        raise ValueError("There is no such detail.")
    if text not in CHOICES[name]:
        raise ValueError("Choose one of what is offered.")
    return text


def _checked_ssn(text: str) -> str:
    digits = text.replace("-", "").replace(" ", "")
    if not SSN.fullmatch(digits):
        raise ValueError("Enter the nine digits of a Social Security number that can exist, as 123-45-6789.")
    return digits


def _checked_birth(text: str) -> str:
    try:
        born = date.fromisoformat(text)
    except ValueError:
        raise ValueError("Enter the day as year-month-day, for example 2004-02-29.") from None
    if not YOUNGEST_YEARS <= clock.today().year - born.year <= OLDEST_YEARS:
        raise ValueError(f"Enter a date of birth of somebody from {YOUNGEST_YEARS} to {OLDEST_YEARS} years old.")
    return born.isoformat()


def _checked_races(text: str) -> str:
    chosen = {each.strip() for each in text.split(",")}
    if not chosen <= set(Race.values) or (Race.UNDISCLOSED in chosen and len(chosen) > 1):
        raise ValueError("Choose all that apply, or that it was not said.")
    return ",".join(sorted(chosen))


def _masked(details: StudentDetails, name: str) -> str:
    if is_destroyed(details):
        return "Destroyed"
    if name == "ssn" and details.ssn_declined:
        return "Declined"
    if name == "ssn" and details.ssn:
        return f"•••-••-{details.ssn[-4:]}"
    return "On file" if details.__dict__.get(name) else "Not asked yet"


def _opened(row: StudentDetails) -> Details:
    return Details(
        student_id=row.pk, ssn=row.ssn, birth_date=date.fromisoformat(row.birth_date) if row.birth_date else None,
        sex=row.sex, ethnicity=row.ethnicity, races=tuple(row.races.split(",")) if row.races else (),
        disability=row.disability, justice=row.justice, immigration=row.immigration,
    )  # fmt: skip
