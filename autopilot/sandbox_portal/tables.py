"""The tables of the sandbox portal and the statements on them; each runs inside a transaction of the store."""

import json
import sqlite3
from dataclasses import asdict, dataclass

from autopilot import clock
from autopilot.identifiers import random_code, uuid7
from autopilot.sandbox_portal.behavior import Behavior, changed
from autopilot.sandbox_portal.parts import Part
from autopilot.sandbox_portal.standings import standing

SCHEMA = """
CREATE TABLE IF NOT EXISTS arrivals (
    id INTEGER PRIMARY KEY, at REAL NOT NULL, packet TEXT NOT NULL, key TEXT NOT NULL, outcome TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS submissions (
    id INTEGER PRIMARY KEY, number TEXT NOT NULL UNIQUE, packet TEXT NOT NULL, key TEXT NOT NULL,
    sha256 TEXT NOT NULL, size INTEGER NOT NULL, media_type TEXT NOT NULL, received_at REAL NOT NULL,
    decision TEXT NOT NULL DEFAULT '', reasons TEXT NOT NULL DEFAULT '[]', files TEXT NOT NULL DEFAULT '[]');
CREATE INDEX IF NOT EXISTS submissions_by_packet ON submissions (packet);
CREATE INDEX IF NOT EXISTS submissions_by_key ON submissions (key);
CREATE INDEX IF NOT EXISTS submissions_undecided ON submissions (received_at) WHERE decision = '';
CREATE TABLE IF NOT EXISTS calls (
    id TEXT PRIMARY KEY, body TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, next_at REAL NOT NULL,
    open INTEGER NOT NULL DEFAULT 1);
CREATE TABLE IF NOT EXISTS behavior (id INTEGER PRIMARY KEY CHECK (id = 1), switches TEXT NOT NULL);
"""
# What a file of before lacks.
ADDED = {"files": "ALTER TABLE submissions ADD COLUMN files TEXT NOT NULL DEFAULT '[]'"}


@dataclass(frozen=True)
class Packet:
    """What arrived: its id, its idempotency key, and the measure of its document; `files` where there are more."""

    id: str
    key: str
    sha256: str
    size: int
    media_type: str
    files: tuple[Part, ...] = ()

    @property
    def attachments(self) -> list[dict[str, str | int]]:
        """The files after the first, as they are stored and told."""
        return [asdict(part) for part in self.files[1:]]


def add_missing_columns(connection: sqlite3.Connection) -> None:
    """Bring the table of a file of before up to date."""
    known = {row["name"] for row in connection.execute("PRAGMA table_info(submissions)")}
    for column, statement in ADDED.items():
        if column not in known:
            connection.execute(statement)


def now() -> float:
    """Return the time in seconds since 1970."""
    return clock.now().timestamp()


def load_behavior(connection: sqlite3.Connection) -> Behavior:
    """Return the switches as they stand."""
    row = connection.execute("SELECT switches FROM behavior").fetchone()
    return changed(Behavior(), json.loads(row["switches"])) if row else Behavior()


def save_behavior(connection: sqlite3.Connection, behavior: Behavior) -> None:
    """Keep the switches."""
    connection.execute("INSERT OR REPLACE INTO behavior (id, switches) VALUES (1, ?)", (json.dumps(asdict(behavior)),))


def find_rows(connection: sqlite3.Connection, condition: str, *values: object) -> list[sqlite3.Row]:
    """Return what was stored, as far as a condition in SQL holds for it."""
    return connection.execute(f"SELECT * FROM submissions {condition}", values).fetchall()  # noqa: S608 (our own text)


def insert(connection: sqlite3.Connection, packet: Packet) -> sqlite3.Row:
    """Store a packet under a new receipt number."""
    number = f"SB-{random_code(50)}"
    connection.execute(
        "INSERT INTO submissions (number, packet, key, sha256, size, media_type, files, received_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            number,
            packet.id,
            packet.key,
            packet.sha256,
            packet.size,
            packet.media_type,
            json.dumps(packet.attachments),
            now(),
        ),
    )
    return find_rows(connection, "WHERE number = ?", number)[0]


def decide(connection: sqlite3.Connection, row_id: int, behavior: Behavior) -> sqlite3.Row:
    """Decide about one row as the switches say."""
    connection.execute(
        "UPDATE submissions SET decision = ?, reasons = ? WHERE id = ?",
        (behavior.decision, json.dumps(behavior.decision_reasons), row_id),
    )
    return find_rows(connection, "WHERE id = ?", row_id)[0]


def put_call(connection: sqlite3.Connection, decided: sqlite3.Row) -> None:
    """Put down that a decision has to be called out."""
    message = {
        "type": "submission.decided",
        "timestamp": clock.now().isoformat(),
        "data": standing(decided, None, now()),
    }
    connection.execute(
        "INSERT INTO calls (id, body, next_at) VALUES (?, ?, ?)", (str(uuid7()), json.dumps(message), now())
    )


def count_by(connection: sqlite3.Connection, column: str) -> dict[str, dict[str, int]]:
    """Return how many arrivals and submissions there are for each value of `packet` or `key`."""
    counts: dict[str, dict[str, int]] = {}
    for table in ("arrivals", "submissions"):
        query = f"SELECT {column} AS value, count(*) AS times FROM {table} GROUP BY {column} ORDER BY {column}"  # noqa: S608 (our own words)
        for row in connection.execute(query):
            counts.setdefault(row["value"], {"arrivals": 0, "submissions": 0})[table] = row["times"]
    return counts
