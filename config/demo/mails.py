"""The mails of a demonstration, where they are written as files."""

from collections.abc import Iterable
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from django.conf import settings

from autopilot.models import OutboxMessage

FILES = "django.core.mail.backends.filebased.EmailBackend"
DIVIDER = b"\n" + b"-" * 79 + b"\n"
BLIND = "reviewers, in blind copy"


@dataclass(frozen=True)
class Written:
    """A mail in its file."""

    path: Path
    subject: str
    to: str


def written_files(messages: Iterable[OutboxMessage]) -> dict[OutboxMessage, Written]:
    """Return the file of each message that was written into one; they are told apart by their stable Message-ID."""
    if settings.EMAIL_BACKEND != FILES:
        return {}
    mails = {str(mail["Message-ID"]): (path, mail) for path, mail in _mails(Path(settings.EMAIL_FILE_PATH))}
    found = {message: mails.get(f"<{message.pk}@provost>") for message in messages}
    return {message: _written(*pair) for message, pair in found.items() if pair is not None}


def _mails(folder: Path) -> list[tuple[Path, EmailMessage]]:
    files = sorted(folder.glob("*.log")) if folder.is_dir() else []
    return [(path, message_from_bytes(mail, policy=policy.default)) for path in files for mail in _divided(path)]


def _divided(path: Path) -> list[bytes]:
    # Two processes that send in the same second may write into one file, each mail closed by Django's line of dashes.
    mails = path.read_bytes().split(DIVIDER)
    return [mail.lstrip(b"\n") for mail in mails if mail.strip()]


def _written(path: Path, mail: EmailMessage) -> Written:
    return Written(path, str(mail["Subject"]), str(mail["To"] or "") or BLIND)
