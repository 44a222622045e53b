"""How a stored packet is described to the outside."""

import json
import sqlite3
from datetime import UTC, datetime
from typing import Any


def receipt_of(row: sqlite3.Row) -> dict[str, Any]:
    """Return number, received_at and sha256 of a stored row."""
    received_at = datetime.fromtimestamp(row["received_at"], UTC).isoformat()
    return {"number": row["number"], "received_at": received_at, "sha256": row["sha256"]}


def standing(row: sqlite3.Row, accept_after: float | None, now: float) -> dict[str, Any]:
    """Return packet, receipt, status and reasons of a stored row; `now` and `accept_after` are in seconds."""
    return {
        "packet": row["packet"],
        "receipt": receipt_of(row),
        "status": row["decision"] or _undecided(row["received_at"], accept_after, now),
        "reasons": json.loads(row["reasons"]),
    }


def _undecided(received_at: float, accept_after: float | None, now: float) -> str:
    return "accepted" if accept_after is not None and received_at + accept_after <= now else "received"
