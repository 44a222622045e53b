"""Restore the installation from a backup."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError

from config import backup
from config.progress import bar

AFTERWARDS = """All workers are paused, and everybody has to sign in again. Before you resume them:
  - tell people what time was lost: what they decided and sent in it, they are asked again;
  - look at passwords, tokens and rights that were changed in it: they are as they were before;
  - jobs that are older than this restore ask the portal, or a person, before they send anything."""


class Command(BaseCommand):
    """Verifies first; exchanges the database whole or not at all."""

    help = "Restores a backup made by this version of Provost. Stop the web server and the cluster first."
    requires_system_checks = []  # what is wrong with the settings is often why one restores

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add what to restore and how sure one is."""
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("file", type=Path, nargs="?", help="a backup")
        what.add_argument(
            "--recovered", action="store_true", help="the database was recovered by other means; only pause and mark it"
        )
        parser.add_argument("--yes", action="store_true", help="replace a database that is not empty")
        parser.add_argument("--dry-run", action="store_true", help="verify it, say what would happen, change nothing")

    def handle(self, *args: Any, file: Path | None, yes: bool, dry_run: bool, **options: Any) -> None:
        """Restore it, and say what is left to do."""
        try:
            if file is None:
                self._mark()
            else:
                self._restore(file, yes=yes, dry_run=dry_run)
        except backup.BackupError as error:
            raise CommandError(str(error)) from error
        except OperationalError as error:
            raise CommandError("The database does not answer. Start it, and look at DATABASE_URL.") from error

    def _mark(self) -> None:
        backup.mark_recovered()
        self.stdout.write(f"Marked. {AFTERWARDS}")

    def _restore(self, file: Path, *, yes: bool, dry_run: bool) -> None:
        with bar("Verified") as progress, backup.restoring(file, progress) as plan:
            self.stdout.write(_described(plan))
            if dry_run:
                return
            if plan.replaces and not yes:
                raise backup.BackupError("The database is not empty. To replace all that is in it, add --yes.")
            with bar("Put back") as progress:
                lacking = backup.restore(plan, progress)
        self.stdout.write(f"Restored. {AFTERWARDS}")
        if lacking:
            raise CommandError(f"{lacking} documents lack their archived file: the backup did not have it either.")


def _described(plan: backup.Plan) -> str:
    found = plan.manifest
    replaced = "replaces a database that is not empty" if plan.replaces else "the database is empty"
    rows = sum(found.rows.values())
    return (
        f"A sound backup of {found.made_at}, version {found.version}: {rows:,} rows, {found.files:,} files; {replaced}."
    )
