"""What the sandbox portal remembers: a SQLite file of its own."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from autopilot.sandbox_portal import tables
from autopilot.sandbox_portal.behavior import Behavior, changed
from autopilot.sandbox_portal.standings import fingerprint, receipt_of, standing
from autopilot.sandbox_portal.tables import Packet, now


class KeyReused(Exception):
    """A known Idempotency-Key came with another packet."""

    def __init__(self) -> None:
        super().__init__("This Idempotency-Key came before with another packet.")


class Store:
    """The tables of the portal; each method is one transaction. `calls_out` says whether decisions are called out."""

    def __init__(self, path: Path, *, calls_out: bool = False) -> None:
        self._path, self._calls_out = path, calls_out
        path.parent.mkdir(parents=True, exist_ok=True)
        with closing(self._connect()) as connection:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.executescript(tables.SCHEMA)
            tables.add_missing_columns(connection)

    def behavior(self) -> Behavior:
        """Return the switches as they stand."""
        with self._transaction() as connection:
            return tables.load_behavior(connection)

    def change_behavior(self, changes: object) -> Behavior:
        """Set the named switches; raises ValueError for what does not fit."""
        with self._transaction() as connection:
            behavior = changed(tables.load_behavior(connection), changes)
            tables.save_behavior(connection, behavior)
            return behavior

    def spend(self, name: str) -> bool:
        """Count a switch of so many times down by one; returns whether there was one left."""
        with self._transaction() as connection:
            behavior = tables.load_behavior(connection)
            left: int = getattr(behavior, name)
            if left:
                tables.save_behavior(connection, changed(behavior, {name: left - 1}))
            return left > 0

    def note_arrival(self, packet: str, key: str, outcome: str) -> None:
        """Count a POST, whatever became of it."""
        with self._transaction() as connection:
            connection.execute(
                "INSERT INTO arrivals (at, packet, key, outcome) VALUES (?, ?, ?, ?)", (now(), packet, key, outcome)
            )

    def take(self, packet: Packet, *, honors_key: bool) -> tuple[dict[str, Any], str]:
        """Store a packet, and return its receipt and "stored", or "known" for a key that is honored; raises KeyReused."""
        with self._transaction() as connection:
            earlier = (
                tables.find_rows(connection, "WHERE key = ? ORDER BY id LIMIT 1", packet.key) if packet.key else []
            )
            if not (honors_key and earlier):
                return receipt_of(tables.insert(connection, packet)), "stored"
            if fingerprint(earlier[0]) != (packet.id, packet.sha256, [part.sha256 for part in packet.files[1:]]):
                raise KeyReused
            return receipt_of(earlier[0]), "known"

    def standings(self, *, packet: str = "", number: str = "") -> list[dict[str, Any]]:
        """Return how everything stands that arrived under a packet's id or a receipt's number, oldest first."""
        with self._transaction() as connection:
            accept_after = tables.load_behavior(connection).accept_after
            rows = tables.find_rows(connection, "WHERE packet = ? OR number = ? ORDER BY id", packet, number)
            return [standing(row, accept_after, now()) for row in rows]

    def decide_due(self) -> None:
        """Decide what has waited as long as the switches say, and put down the calls to make."""
        with self._transaction() as connection:
            behavior = tables.load_behavior(connection)
            if behavior.decide_after is None:
                return
            until = now() - behavior.decide_after
            for row in tables.find_rows(connection, "WHERE decision = '' AND received_at <= ?", until):
                decided = tables.decide(connection, row["id"], behavior)
                if self._calls_out and behavior.callback:
                    tables.put_call(connection, decided)

    def due_calls(self) -> list[tuple[str, str, int]]:
        """Return id, body and number of attempts of the calls that are due."""
        with self._transaction() as connection:
            rows = connection.execute("SELECT id, body, attempts FROM calls WHERE open AND next_at <= ?", (now(),))
            return [(row["id"], row["body"], row["attempts"]) for row in rows]

    def settle_call(self, call_id: str, *, attempts: int, wait: float | None) -> None:
        """Note an attempt; `wait` is the seconds until the next one, None if there shall be none."""
        with self._transaction() as connection:
            connection.execute(
                "UPDATE calls SET attempts = ?, next_at = ?, open = ? WHERE id = ?",
                (attempts, now() + (wait or 0), wait is not None, call_id),
            )

    def latest(self, limit: int) -> list[dict[str, Any]]:
        """Return the newest rows of what was stored, each with how often its packet was stored."""
        query = (
            "SELECT *, (SELECT count(*) FROM submissions AS same WHERE same.packet = submissions.packet) AS times"
            " FROM submissions ORDER BY id DESC LIMIT ?"
        )
        with self._transaction() as connection:
            rows = connection.execute(query, (limit,)).fetchall()
            accept_after = tables.load_behavior(connection).accept_after
            return [dict(row) | standing(row, accept_after, now()) for row in rows]

    def counts(self) -> dict[str, Any]:
        """Return what was received: all POSTs and all that was stored, by packet and by key."""
        with self._transaction() as connection:
            packets, keys = tables.count_by(connection, "packet"), tables.count_by(connection, "key")
        return {
            "arrivals": sum(count["arrivals"] for count in packets.values()),
            "submissions": sum(count["submissions"] for count in packets.values()),
            "duplicates": sorted(packet for packet, count in packets.items() if count["submissions"] > 1),
            "packets": packets,
            "keys": {key: count for key, count in keys.items() if key},
        }

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, timeout=20, isolation_level=None)
        connection.row_factory = sqlite3.Row
        return connection

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with closing(self._connect()) as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")
