"""Tell the webhooks what happened."""

from autopilot import webhooks


def run() -> int:
    """Turn new messages into deliveries and send what is due; returns how many deliveries were made or arrived."""
    webhooks.forget_old_secrets()
    return webhooks.announce() + webhooks.deliver_due()
