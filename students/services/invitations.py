"""Invite a student by mail to their own record; the link works once, for fourteen days."""

import hashlib
from uuid import UUID

from django.contrib.auth.models import User
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db import transaction
from django.utils.crypto import constant_time_compare, salted_hmac

from autopilot import audit, clock
from autopilot.engine import emit
from students.models import Student, StudentInvitation
from students.models.invitations import INVITATION_LIFE

INVITED = "students.student.invited"
SALT = "students.invitations"


class InvitationClosed(ObjectDoesNotExist):
    """There is no such open invitation: it is used, withdrawn or expired, or the secret key has changed since."""


@transaction.atomic
def invite_student(student: Student, *, by: User | None) -> StudentInvitation:
    """Mail a student a link to their own record; an open one is replaced.

    Raises ValidationError with the code `no_email`, or `account` for somebody who has an account already.
    """
    locked = Student.objects.select_for_update(of=("self",)).get(pk=student.pk)
    if not locked.email:
        raise ValidationError("There is no e-mail address on file to invite. Enter one first.", code="no_email")
    if locked.user_id is not None:
        raise ValidationError("This student has an account already.", code="account")
    open_ones = StudentInvitation.objects.filter(student=locked, accepted_at=None, revoked_at=None)
    open_ones.update(revoked_at=clock.now())
    now = clock.now()
    made = StudentInvitation(
        student=locked, email=locked.email, invited_by=by, invited_at=now, expires_at=now + INVITATION_LIFE
    )
    made.token_digest = _digest(_token(made.pk))
    made.save(force_insert=True)
    emit(INVITED, tenant_id=locked.pk, invitation_id=made.pk)
    audit.record(by, "students.student.invited", locked, invitation_id=made.pk)
    return made


def invitation_token(invitation: StudentInvitation) -> str:
    """Return the token of an open invitation's link, made anew; only its digest is stored. Raises InvitationClosed."""
    token = _token(invitation.pk)
    if not constant_time_compare(_digest(token), invitation.token_digest) or not _is_open(invitation):
        raise InvitationClosed(InvitationClosed.__doc__)
    return token


def find_invitation(token: str) -> StudentInvitation:
    """Return the open invitation of a link; raises InvitationClosed."""
    found = StudentInvitation.objects.select_related("student").filter(token_digest=_digest(token)).first()
    if found is None or not _is_open(found):
        raise InvitationClosed(InvitationClosed.__doc__)
    return found


@transaction.atomic
def accept_invitation(token: str, *, by: User) -> Student:
    """Give whoever holds the link their record; the link is used up by it.

    Somebody who has a record at another school already is one person: both records carry the same identifier from now
    on. Raises InvitationClosed.
    """
    invitation = StudentInvitation.objects.select_for_update(of=("self",)).get(pk=find_invitation(token).pk)
    if not _is_open(invitation):
        raise InvitationClosed(InvitationClosed.__doc__)
    student = Student.objects.select_for_update(of=("self",)).get(pk=invitation.student_id)
    known = Student.objects.filter(user=by).first()
    if known is not None:
        Student.objects.filter(pk=student.pk).update(number=known.number)
    elif not Student.objects.filter(pk=student.pk, user=None).update(user=by):
        raise InvitationClosed(InvitationClosed.__doc__)
    StudentInvitation.objects.filter(pk=invitation.pk).update(accepted_at=clock.now())
    audit.record(by, "students.student.account_opened", student, invitation_id=invitation.pk)
    student.refresh_from_db()
    return student


@transaction.atomic
def join(token: str, *, first_name: str, last_name: str, password: str) -> User:
    """Make an account for the address that was invited, and give it the record; returns the account.

    The link came by mail to that address, which proves it. Raises InvitationClosed, and ValidationError where the
    address has an account already.
    """
    invitation = find_invitation(token)
    if User.objects.filter(username__iexact=invitation.email).exists():
        raise ValidationError("You have an account already. Sign in, then open this link again.", code="account")
    user = User.objects.create_user(
        invitation.email, invitation.email, password, first_name=first_name, last_name=last_name
    )
    accept_invitation(token, by=user)
    return user


def _is_open(invitation: StudentInvitation) -> bool:
    used = invitation.accepted_at is not None or invitation.revoked_at is not None
    return not used and invitation.expires_at > clock.now()


def _token(invitation_id: UUID) -> str:
    return salted_hmac(SALT, str(invitation_id), algorithm="sha256").hexdigest()


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
