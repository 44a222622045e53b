"""How a request can end without an answer: what callers must know is whether it may have arrived."""

from autopilot.exceptions import Invalid, Retryable, Uncertain


class Forbidden(Invalid):
    """The rules for outbound requests forbid this one; nothing was sent."""


class NeverSent(Retryable):
    """The other side could not be reached; nothing was sent."""


class Unanswered(Uncertain):
    """The request was sent, but no complete answer came; it may have arrived."""
