"""Enter into the archive's ledger what a crash kept out, and tell its head to people outside once a day."""

from autopilot.documents import ledger, publication


def run() -> int:
    """Enter what was forgotten and publish the head of the day; returns how much there was to do."""
    return ledger.enter_forgotten() + publication.publish_today()
