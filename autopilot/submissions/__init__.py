"""Submissions: what was approved goes to a portal, byte for byte, and everything the portal says of it is kept."""

from autopilot.submissions.delivery import ask_status, find, send
from autopilot.submissions.inbox import receive_message
from autopilot.submissions.people import await_manual, confirm_decision, confirm_manual
from autopilot.submissions.records import prepare, record_decision, record_receipt, track
from autopilot.submissions.wire import NoSecret, PortalRefused, secrets_of

__all__ = [
    "NoSecret",
    "PortalRefused",
    "ask_status",
    "await_manual",
    "confirm_decision",
    "confirm_manual",
    "find",
    "prepare",
    "receive_message",
    "record_decision",
    "record_receipt",
    "secrets_of",
    "send",
    "track",
]
