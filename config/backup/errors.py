"""What can go wrong with a backup."""


class BackupError(Exception):
    """The backup cannot be made or used; the message says what to do, and nothing was changed."""
