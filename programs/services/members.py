"""The people of holders: invited by mail, given a role when they accept, and never more than the inviter may give."""

import hashlib
from uuid import UUID

from django.contrib.auth.models import User
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.crypto import constant_time_compare, salted_hmac

from autopilot import audit, clock
from autopilot.engine import emit
from programs.models import Holder, Invitation, Member, MemberRole
from programs.models.members import INVITATION_LIFE

INVITED = "programs.member.invited"
SALT = "programs.invitations"


class InvitationClosed(ObjectDoesNotExist):
    """There is no such open invitation: it is used, withdrawn or expired, or the secret key has changed since."""


@transaction.atomic
def invite(holder: Holder, *, email: str, role: str, by: User | None) -> Invitation:
    """Mail somebody a link by which they become a member within 14 days; an open one of theirs is replaced.

    Raises ValidationError for an address that is none, an unknown role, or somebody who is a member already.
    """
    email = _checked_email(holder, email)
    if role not in MemberRole.values:
        raise ValidationError(f"Choose a role: {', '.join(MemberRole.labels)}.", code="role")
    open_ones = Invitation.objects.filter(holder=holder, email=email, accepted_at=None, revoked_at=None)
    open_ones.update(revoked_at=clock.now())
    invitation = Invitation(
        holder=holder, email=email, role=role, invited_by=by, expires_at=clock.now() + INVITATION_LIFE
    )
    invitation.token_digest = _digest(_token(invitation.pk))
    invitation.save(force_insert=True)
    emit(INVITED, tenant_id=holder.pk, invitation_id=invitation.pk)
    audit.record(by, "programs.member.invited", invitation, role=role)
    return invitation


def invitation_token(invitation: Invitation) -> str:
    """Return the token of an open invitation's link, made anew; only its digest is stored. Raises InvitationClosed."""
    token = _token(invitation.pk)
    if not constant_time_compare(_digest(token), invitation.token_digest) or not _is_open(invitation):
        raise InvitationClosed(InvitationClosed.__doc__)
    return token


def find_invitation(token: str) -> Invitation:
    """Return the open invitation of a link; raises InvitationClosed."""
    invitation = Invitation.objects.select_related("holder").filter(token_digest=_digest(token)).first()
    if invitation is None or not _is_open(invitation):
        raise InvitationClosed(InvitationClosed.__doc__)
    return invitation


@transaction.atomic
def accept_invitation(token: str, *, by: User) -> Member:
    """Make the person who holds the link a member; the link is used up by it. Raises InvitationClosed."""
    found = find_invitation(token)
    invitation = Invitation.objects.select_for_update().get(pk=found.pk)
    if not _is_open(invitation):
        raise InvitationClosed(InvitationClosed.__doc__)
    member, _ = Member.objects.get_or_create(
        holder=invitation.holder, user=by, left_at=None, defaults={"role": invitation.role}
    )
    Invitation.objects.filter(pk=invitation.pk).update(accepted_at=clock.now(), member=member)
    audit.record(by, "programs.member.joined", member, role=member.role)
    return member


@transaction.atomic
def join(token: str, *, first_name: str, last_name: str, password: str) -> User:
    """Make an account for the address that was invited, and its person a member; returns the account.

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


@transaction.atomic
def revoke_invitation(invitation: Invitation, *, by: User) -> None:
    """Withdraw an invitation; one that is used or withdrawn already stays as it is."""
    standing = Invitation.objects.filter(pk=invitation.pk, accepted_at=None, revoked_at=None)
    if standing.update(revoked_at=clock.now()):
        audit.record(by, "programs.member.invitation_withdrawn", invitation)


@transaction.atomic
def change_role(member: Member, *, role: str, by: User) -> None:
    """Give a member another role; raises ValidationError where it would leave the holder without an owner."""
    if role not in MemberRole.values:
        raise ValidationError(f"Choose a role: {', '.join(MemberRole.labels)}.", code="role")
    if role != MemberRole.OWNER:
        _require_another_owner(member)
    if Member.objects.filter(pk=member.pk, left_at=None).exclude(role=role).update(role=role):
        audit.record(by, "programs.member.role_changed", member, role=role)


@transaction.atomic
def remove_member(member: Member, *, by: User) -> None:
    """End a membership at once; raises ValidationError where it would leave the holder without an owner."""
    _require_another_owner(member)
    if Member.objects.filter(pk=member.pk, left_at=None).update(left_at=clock.now()):
        audit.record(by, "programs.member.left", member)


def _require_another_owner(member: Member) -> None:
    owners = Member.objects.select_for_update().filter(holder=member.holder_id, role=MemberRole.OWNER, left_at=None)
    others = [owner for owner in owners if owner.pk != member.pk]
    if member.role == MemberRole.OWNER and not others:
        raise ValidationError("This is the only owner. Make somebody else an owner first.", code="last_owner")


def _checked_email(holder: Holder, email: str) -> str:
    email = email.strip().lower()
    validate_email(email)
    if Member.objects.filter(holder=holder, left_at=None, user__email__iexact=email).exists():
        raise ValidationError("This person is a member already.", code="member")
    return email


def _is_open(invitation: Invitation) -> bool:
    used = invitation.accepted_at is not None or invitation.revoked_at is not None
    return not used and invitation.expires_at > clock.now()


def _token(invitation_id: UUID) -> str:
    return salted_hmac(SALT, str(invitation_id), algorithm="sha256").hexdigest()


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
