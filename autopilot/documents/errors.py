"""What can go wrong with documents; each docstring is the message a person reads when none is given."""

from autopilot.documents.libraries import INSTALL
from autopilot.exceptions import AutopilotError, Invalid


class PdfError(AutopilotError):
    """The PDF could not be made."""


class PdfUnavailable(PdfError):
    """PDFs cannot be made on this machine."""

    def __init__(self) -> None:
        super().__init__(f"PDFs cannot be made on this machine, because Pango is not installed. Run: {INSTALL}")


class PdfTimeout(PdfError):
    """The PDF was given up, because it took longer than a document may."""


class PdfRendererDied(PdfError):
    """The process that makes PDFs ended before it answered."""


class PdfRefused(PdfError, Invalid):
    """The document breaks a rule of ours, so no PDF is made of it."""


class UnprintableText(PdfRefused):
    """The text holds characters that our fonts do not have."""

    def __init__(self, characters: list[str]) -> None:
        self.characters = characters
        named = ", ".join(f"{character} (U+{ord(character):04X})" for character in characters)
        super().__init__(f"Our fonts do not have these characters: {named}. Write them in Latin letters.")


class ArchiveError(AutopilotError):
    """The archive does not hold what it promised."""


class DocumentMissing(ArchiveError):
    """The file of this document is gone; restore it from a backup."""

    @classmethod
    def of(cls, sha256: str) -> "DocumentMissing":
        """Return the error for a file."""
        return cls(f"The archived file {sha256} is gone; restore it from a backup.")


class DocumentAltered(ArchiveError):
    """The file of this document is not what was archived; restore it from a backup."""

    @classmethod
    def of(cls, sha256: str) -> "DocumentAltered":
        """Return the error for a file."""
        return cls(f"The archived file {sha256} is not what was archived; restore it from a backup.")


class DocumentDisposed(ArchiveError):
    """The file of this document was destroyed when its retention was over; its row tells what it was."""


class SealError(AutopilotError):
    """The seal of this file cannot be made or looked at."""


class SealUnavailable(SealError):
    """There is no certificate to seal with. Run: manage.py make_seal"""
