"""The one door for files that people upload: what is taken is archived, and what is refused says what to do."""

from autopilot.uploads.kinds import JPEG, PDF, PNG, PROOF, Kind
from autopilot.uploads.receiving import MOST_BYTES, receive

__all__ = ["JPEG", "MOST_BYTES", "PDF", "PNG", "PROOF", "Kind", "receive"]
