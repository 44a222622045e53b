"""Backup and restore of an installation: one file with the database, the archive and a manifest of both.

package    the file: a compressed tar, sealed with BACKUP_KEY where one is set
manifest   what is in it, and whether this code and these settings can use it
databases  how each database is copied out and put back
archive    the archived files
making     `manage.py backup`
restoring  `manage.py restore`
"""

from config.backup.errors import BackupError
from config.backup.making import make
from config.backup.marks import mark_recovered
from config.backup.restoring import Plan, restore, restoring

__all__ = ["BackupError", "Plan", "make", "mark_recovered", "restore", "restoring"]
