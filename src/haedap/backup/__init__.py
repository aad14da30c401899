"""Backup and restore: the database and the uploads of a center in one file.

A backup is a zip with an SQLite database, whatever database the center runs on, so that a center can move from SQLite
to PostgreSQL and back, and a backup of an older version is brought up to date by the ordinary migrations. The index is
left out: it is made from the database.
"""

from haedap.backup.archive import BackupError
from haedap.backup.restoring import Restored, restore
from haedap.backup.taking import Taken, take

__all__ = ["BackupError", "Restored", "Taken", "restore", "take"]
