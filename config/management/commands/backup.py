"""Back up the installation: database and archive in one file."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from config import backup
from config.progress import bar


class Command(BaseCommand):
    """Safe while everything runs; never overwrites."""

    help = "Writes database, archive and a manifest into one file, encrypted if BACKUP_KEY is set. Nothing has to stop."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add where to."""
        parser.add_argument("target", type=Path, help="a folder, in which the file is named by the time; or a new file")

    def handle(self, *args: Any, target: Path, **options: Any) -> None:
        """Write it, and say where it is."""
        try:
            with bar("Archived files") as progress:
                path = backup.make(target, progress)
        except backup.BackupError as error:
            raise CommandError(str(error)) from error
        size = path.stat().st_size / 1_000_000
        kept = "encrypted" if settings.BACKUP_KEY else "not encrypted: keep it where only you can read it"
        self.stdout.write(f"{path} ({size:,.1f} MB, {kept})")
