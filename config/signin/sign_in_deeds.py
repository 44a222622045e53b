"""What those who help do about sign-ins, each with its reason: remove a lost factor, end a session, unlock."""

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from axes.models import AccessAttempt
from django.contrib.auth.models import User

from autopilot import audit
from autopilot.admin.deeds import Answers, Deed
from config.signin import factors, sessions


def _remove(by: User, factor: Authenticator, answers: Answers) -> str:
    factors.remove(factor, actor=by, reason=answers["reason"])
    return f"{factor.user} is signed out, and signs in without it."


def _end(by: User, session: UserSession, answers: Answers) -> str:
    factors.require_manageable(session.user, by)
    sessions.end(session, actor=by, reason=answers["reason"])
    return f"{session.user} is signed out there."


def _unlock(by: User, attempt: AccessAttempt, answers: Answers) -> str:
    audit.record(by, "auth.account.unlocked", attempt, reason=answers["reason"])
    # A row stands for one browser; the account is locked for the address.
    AccessAttempt.objects.filter(username=attempt.username, ip_address=attempt.ip_address).delete()
    return "Its failures are forgotten."


REMOVE = Deed(
    "Remove",
    "Removed",
    "For a factor that is lost. Make sure, by voice or in person, that it is its owner who asks. The owner’s sessions"
    " end, recovery codes go with the last factor, and a member of staff sets up a new one at the next sign-in.",
    _remove,
    danger=True,
)
END = Deed("End", "Ended", "The next request of a session that is ended finds nobody signed in.", _end, danger=True)
UNLOCK = Deed("Unlock", "Unlocked", "The account may sign in from that address again at once.", _unlock)
