"""The people who sign in tests, and the steps of signing."""

from decimal import Decimal

from django.contrib.auth.models import User

from autopilot.documents import certificates
from programs import consents
from programs.models import Mou, SigningCode
from programs.services import mous
from programs.services.mous.codes import digits_of
from tests.programs.conftest import permissions, staff_member

SHARE = mous.Terms(share=Decimal("33.30"))


def preparer(name: str = "prepares") -> User:
    """Return a member of staff who prepares MOUs."""
    return _staff(name, "prepare_mou", "view_mou", "view_holder", "view_signature")


def signer(name: str = "countersigns") -> User:
    """Return a member of staff who signs for the network."""
    return _staff(name, "sign_mou", "view_mou", "view_holder", "view_signature")


def pen(mou: Mou, **changes: str) -> mous.Pen:
    """Return what a signer types who has read all of it."""
    said = {"name": "Imani Brooks", "title": "Director", "document_sha256": mou.document.sha256 if mou.document else ""}
    return mous.Pen(**{**said, "consents_to": consents.VERSION, "user_agent": "A browser"} | changes)


def sent_mou(holder, by: User | None = None, terms: mous.Terms = SHARE) -> Mou:
    """Return an MOU that was really sent, with its document."""
    by = by or preparer()
    mou = mous.draft_mou(holder, terms, by=by)
    mous.send_mou(mou, by=by)
    return mou


def code_for(mou: Mou, owner: User) -> str:
    """Return the code that was mailed to an owner."""
    mous.send_signing_code(mou, by=owner, user_agent="A browser")
    return digits_of(SigningCode.objects.filter(mou=mou, signer=owner)[0])


def sign(mou: Mou, owner: User) -> None:
    """Sign for the holder."""
    mous.sign_mou(mou, pen(mou), code=code_for(mou, owner), by=owner)


def countersign(mou: Mou, by: User | None = None) -> Mou:
    """Sign for the network, and do what the job does."""
    certificates.make("Example Network")
    mous.countersign_mou(mou, pen(mou, name="Ada Stone", title="Chief executive"), by=by or signer())
    mous.execute_mou(mou.pk, mous.finish_mou(mou.pk))
    mou.refresh_from_db()
    return mou


def _staff(name: str, *codenames: str) -> User:
    found = User.objects.filter(username=name).first()
    if found:
        return found
    user: User = staff_member(name)
    user.user_permissions.set(permissions(*codenames))
    return user
