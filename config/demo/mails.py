"""The mails of a demonstration, where they are written as files."""

from collections.abc import Iterable
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from django.conf import settings

from autopilot.models import OutboxMessage

FILES = "django.core.mail.backends.filebased.EmailBackend"
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
    return [(path, message_from_bytes(path.read_bytes(), policy=policy.default)) for path in files]


def _written(path: Path, mail: EmailMessage) -> Written:
    return Written(path, str(mail["Subject"]), str(mail["To"] or "") or BLIND)
