"""What a restore changes in the database it restores, before anybody can see it.

The statements are written for both databases; only the values differ.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from json import dumps

from django.db import connection, transaction

from autopilot import clock, restores

STATEMENTS = (
    # Nothing is done until a person has looked at what the time since the backup may have done already.
    "UPDATE autopilot_worker SET enabled = false, pause = 'drain', pause_reason = :reason, paused_at = :at WHERE enabled",
    # What was ended since, by a password that was changed or a right that was lost, stays ended.
    "DELETE FROM django_session",
    "DELETE FROM usersessions_usersession",
    "DELETE FROM autopilot_clusterheartbeat",
    f"""INSERT INTO autopilot_auditentry (name, actor_label, subject_type, subject_id, data, at)
    VALUES ('{restores.NAME}', '', '{restores.SUBJECT_TYPE}', :backup, :data, :at)""",  # noqa: S608 (constants)
)
LONGEST_ID = 64
NAMES = re.compile(r":(\w+)")


@dataclass(frozen=True)
class Marks:
    """What is noted of a restore: the name of the backup, when it was made, when it is restored."""

    backup: str
    made_at: str
    at: datetime

    def values(self) -> dict[str, str]:
        """Return the values as a driver takes them, times as Django stores them in SQLite: in UTC."""
        return self._values() | {"at": self.at.replace(tzinfo=None).isoformat(sep=" ")}

    def for_psql(self) -> dict[str, str]:
        """Return the values as psql puts them into a statement: quoted."""
        values = self._values() | {"at": self.at.isoformat()}
        return {name: "'" + value.replace("'", "''") + "'" for name, value in values.items()}

    def _values(self) -> dict[str, str]:
        return {
            "reason": f"Restored from a backup of {self.made_at}. Look at what was decided and sent since; then resume.",
            "backup": self.backup[:LONGEST_ID],
            "data": dumps({"backup_made_at": self.made_at}),
        }


def mark_recovered() -> None:
    """Mark the database at hand as restored: for one that was recovered by other means, as to a point in time."""
    now = clock.now()
    marks = Marks("recovered by other means", now.isoformat(timespec="seconds"), now)
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in STATEMENTS:
            cursor.execute(NAMES.sub(r"%(\1)s", statement), marks.values())
