"""What can go wrong in the engine; each docstring is the message a person reads when none is given."""

from datetime import timedelta
from typing import ClassVar


class AutopilotError(Exception):
    """Something in the autopilot went wrong."""

    def __init__(self, message: str = "") -> None:
        super().__init__(message or (self.__doc__ or "").strip())


class UnknownKind(AutopilotError):
    """No handler is registered for this kind."""


class InvalidPayload(AutopilotError):
    """The payload does not fit what the handler declares."""


class HandlerMistake(AutopilotError):
    """The handler breaks a rule of the engine, and its author must mend it."""


class IllegalMove(AutopilotError):
    """The engine knows no such transition."""


class Retryable(AutopilotError):
    """It did not work this time; try again later.

    `after` is the least wait, as a portal's Retry-After says; without it the job's own backoff applies.
    """

    def __init__(self, message: str = "", *, after: timedelta | None = None) -> None:
        super().__init__(message or "It did not work this time; try again later.")
        self.after = after


class Invalid(AutopilotError):
    """This can never work, so it is not tried again."""


class Rejected(Invalid):
    """A person rejected it."""


class ApprovalExpired(Invalid):
    """Nobody decided in time."""


class Uncertain(AutopilotError):
    """Nobody knows whether it happened."""


class Snooze(AutopilotError):
    """Not yet; look again after the delay, without counting an attempt."""

    def __init__(self, delay: timedelta) -> None:
        super().__init__("Not yet; look again later.")
        self.delay = delay


class DecisionRefused(AutopilotError):
    """The decision was not taken."""

    code: ClassVar[str] = "refused"


class NotAllowed(DecisionRefused):
    """You are not among the reviewers of this checkpoint."""

    code = "not_allowed"


class FourEyes(DecisionRefused):
    """Who asked for it or edited it last cannot decide it; another person must."""

    code = "four_eyes"


class AlreadyDecided(DecisionRefused):
    """This checkpoint is already decided."""

    code = "already_decided"


class StaleVersion(DecisionRefused):
    """The packet changed since you opened it; read the new version and decide again."""

    code = "stale_version"


class CheckpointExpired(DecisionRefused):
    """The time to decide has passed."""

    code = "expired"


class ChangesAsked(DecisionRefused):
    """Another reviewer asked for changes to this version; it must be amended first, or approved by who asked."""

    code = "changes_asked"


class FormInvalid(DecisionRefused):
    """Some of what you entered does not fit; nothing was changed."""

    code = "form_invalid"

    def __init__(self, message: str = "", *, errors: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.errors = errors or {}


class AssignmentRefused(AutopilotError):
    """It could not be given to this person; nothing was changed."""


class DelegationRefused(AutopilotError):
    """This delegation cannot be made; nothing was changed."""

    def __init__(self, message: str = "", *, field: str = "") -> None:
        super().__init__(message)
        self.field = field


class ControlRefused(AutopilotError):
    """The job is not in a state in which this can be done."""


class Unwanted(AutopilotError):
    """Nobody wants to be told: the message has done its duty without a mail."""
