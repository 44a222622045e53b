"""What a backup holds, and whether this code and these settings can use it."""

import hashlib
import json
from dataclasses import asdict, dataclass

from django.conf import settings
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from autopilot import __version__, clock
from config.backup.errors import BackupError

FORMAT = 1
FINGERPRINT = 16


@dataclass(frozen=True)
class Manifest:
    """What stands at the beginning of a backup.

    `made_at` is when, `vendor` sqlite or postgresql, `migrations` those that were applied, `rows` how many each table
    has, `database` the SHA-256 of the database's copy, `files` how many archived files follow (each is named by its
    own SHA-256), and `field_keys` by name the fingerprints of the keys without which encrypted columns do not open.
    """

    format: int
    made_at: str
    version: str
    vendor: str
    migrations: list[str]
    rows: dict[str, int]
    database: str
    files: int
    field_keys: dict[str, str]

    def written(self) -> bytes:
        """Return the manifest as JSON that people can read too."""
        return json.dumps(asdict(self), indent=1).encode()


def describe(*, rows: dict[str, int], database: str, files: int) -> Manifest:
    """Return the manifest of a backup of this installation as it stands."""
    return Manifest(
        format=FORMAT,
        made_at=clock.now().isoformat(timespec="seconds"),
        version=__version__,
        vendor=connection.vendor,
        migrations=sorted(".".join(each) for each in MigrationRecorder(connection).applied_migrations()),
        rows=rows,
        database=database,
        files=files,
        field_keys=_fingerprints(),
    )


def read(content: bytes) -> Manifest:
    """Return a manifest; raises BackupError for one that is none, or of a later format."""
    try:
        return Manifest(**json.loads(content))
    except (ValueError, TypeError) as error:
        raise BackupError("The manifest of this backup cannot be read by this version of Provost.") from error


def require_usable(manifest: Manifest) -> None:
    """Raise BackupError, saying what to do, if this code, this database or these settings do not fit a backup."""
    if manifest.vendor != connection.vendor:
        raise BackupError(f"It is a backup of {manifest.vendor}. Set DATABASE_URL to a database of that kind.")
    _require_same_migrations(manifest)
    known = _fingerprints()
    lacking = [name for name, fingerprint in manifest.field_keys.items() if known.get(name) != fingerprint]
    if lacking:
        raise BackupError(f"FIELD_KEYS lacks what encrypted columns of it were written with: {', '.join(lacking)}.")


def _require_same_migrations(manifest: Manifest) -> None:
    loader = MigrationLoader(None)
    applied = {(app, name) for app, _, name in (each.partition(".") for each in manifest.migrations)}
    unknown = applied - loader.disk_migrations.keys()
    lacking = set(loader.graph.leaf_nodes()) - applied
    if unknown or lacking:
        one = ".".join(min(unknown or lacking))
        raise BackupError(
            f"It was made by version {manifest.version}, whose migrations differ from those of this code ({one}). "
            "Restore it with the code it was made by; then upgrade."
        )


def _fingerprints() -> dict[str, str]:
    """Return what tells one key from another and gives nothing of it away: a key is 32 random bytes."""
    return {name: hashlib.sha256(key.encode()).hexdigest()[:FINGERPRINT] for name, key in settings.FIELD_KEYS.items()}
