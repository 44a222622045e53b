"""Webhooks: endpoints of tenants, and the signed requests that tell them what happened (Standard Webhooks 1.0)."""

from autopilot.webhooks.announcing import announce
from autopilot.webhooks.delivery import deliver_due
from autopilot.webhooks.endpoints import change, create, delete, disable, enable, forget_old_secrets, rotate
from autopilot.webhooks.events import TEST
from autopilot.webhooks.replays import replay, replay_failed, send_test

__all__ = [
    "TEST",
    "announce",
    "change",
    "create",
    "delete",
    "deliver_due",
    "disable",
    "enable",
    "forget_old_secrets",
    "replay",
    "replay_failed",
    "rotate",
    "send_test",
]
