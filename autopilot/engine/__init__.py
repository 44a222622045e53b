"""The door of the engine: all that an app needs to declare work, to ask for it and to decide about it."""

from autopilot.engine.assignments import assign, claim
from autopilot.engine.assignments import release as release_claim
from autopilot.engine.checkpoints import Review
from autopilot.engine.comments import ask_for_changes, comment
from autopilot.engine.context import JobContext
from autopilot.engine.controls import Requeue, cancel, effects_done, hold, release, requeue
from autopilot.engine.decisions import Origin, amend, decide
from autopilot.engine.messages import emit
from autopilot.engine.payloads import SENSITIVE
from autopilot.engine.queue import enqueue
from autopilot.engine.registry import handler, message, review_form
from autopilot.engine.reviewers import may_review
from autopilot.engine.waits import answer_arrived

__all__ = [
    "SENSITIVE",
    "JobContext",
    "Origin",
    "Requeue",
    "Review",
    "amend",
    "answer_arrived",
    "ask_for_changes",
    "assign",
    "cancel",
    "claim",
    "comment",
    "decide",
    "effects_done",
    "emit",
    "enqueue",
    "handler",
    "hold",
    "may_review",
    "message",
    "release",
    "release_claim",
    "requeue",
    "review_form",
]
