"""The one door for HTTP requests to other machines: listed hosts only, pinned addresses, bounded in size and time."""

from autopilot.outbound.answers import Answer, Limits
from autopilot.outbound.client import request
from autopilot.outbound.errors import Forbidden, NeverSent, Unanswered

__all__ = ["Answer", "Forbidden", "Limits", "NeverSent", "Unanswered", "request"]
