"""Proofs of requirements, for tests."""

from datetime import date, timedelta
from typing import Any

from django.contrib.auth.models import Permission, User

from autopilot import clock
from programs.models import Holder, Program, Requirement, RequirementUpload
from programs.services.requirements import accept_proof, submit_proof
from tests.autopilot.uploads.files import pdf, upload
from tests.programs.samples import member_of

FILE = pdf()


def requirement(of: Holder, slug: str = "license", program: Program | None = None) -> Requirement:
    """Return a line of a holder's checklist."""
    return Requirement.objects.select_related("type", "holder", "program").get(
        holder=of, type__slug=slug, program=program
    )


def a_file(name: str = "license.pdf") -> Any:
    """Return a good file."""
    return upload(name, FILE)


def judge(name: str = "judge") -> User:
    """Return a member of staff who reviews proofs."""
    user, _ = User.objects.get_or_create(username=name, defaults={"is_staff": True})
    user.user_permissions.set(Permission.objects.filter(codename__in=[
        "review_requirement", "view_requirement", "view_holder", "control_holder",
    ]))  # fmt: skip
    return User.objects.get(pk=user.pk)


def owner(of: Holder) -> User:
    """Return an owner of a holder."""
    found = of.members.filter(role="owner").select_related("user").first()
    return found.user if found else member_of(of)


def newest(of: Requirement) -> RequirementUpload:
    """Return the newest file that stands."""
    return of.uploads.filter(replaced_at=None).order_by("uploaded_at", "pk").last()  # type: ignore[return-value]


def in_days(days: int) -> date:
    """Return the day so many days from now."""
    return clock.today() + timedelta(days=days)


def submitted(of: Holder, slug: str = "license", *, days: int = 365, program: Program | None = None) -> Requirement:
    """Return a requirement whose proof is with the reviewers."""
    row = requirement(of, slug, program)
    submit_proof(row, files=[a_file()], by=owner(of), expires_on=in_days(days))
    return row


def accepted(of: Holder, slug: str = "license", *, days: int = 365, program: Program | None = None) -> Requirement:
    """Return a requirement whose proof is accepted, for so many days."""
    row = submitted(of, slug, days=days, program=program)
    accept_proof(row, by=judge(), seen=newest(row).pk, expires_on=in_days(days))
    return row
