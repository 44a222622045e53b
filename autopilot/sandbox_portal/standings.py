"""How a stored packet is described to the outside."""

import json
import sqlite3
from datetime import UTC, datetime
from typing import Any


def receipt_of(row: sqlite3.Row) -> dict[str, Any]:
    """Return number, received_at and sha256 of a stored row, and the sha256 of each attachment where there are any."""
    received_at = datetime.fromtimestamp(row["received_at"], UTC).isoformat()
    receipt = {"number": row["number"], "received_at": received_at, "sha256": row["sha256"]}
    return receipt | ({"attachments": attached} if (attached := _attached(row)) else {})


def fingerprint(row: sqlite3.Row) -> tuple[str, str, list[str]]:
    """Return what tells a stored packet from another: its id, and the SHA-256 of its document and of its attachments."""
    return row["packet"], row["sha256"], _attached(row)


def standing(row: sqlite3.Row, accept_after: float | None, now: float) -> dict[str, Any]:
    """Return packet, receipt, status and reasons of a stored row; `now` and `accept_after` are in seconds."""
    return {
        "packet": row["packet"],
        "receipt": receipt_of(row),
        "status": row["decision"] or _undecided(row["received_at"], accept_after, now),
        "reasons": json.loads(row["reasons"]),
    }


def _attached(row: sqlite3.Row) -> list[str]:
    return [each["sha256"] for each in json.loads(row["files"])]


def _undecided(received_at: float, accept_after: float | None, now: float) -> str:
    return "accepted" if accept_after is not None and received_at + accept_after <= now else "received"
