"""The archive's ledger: what was archived and disposed of, each entry bound to the one before it."""

from django.db import models

from autopilot import clock
from autopilot.models.documents import Document


class LedgerEntry(models.Model):
    """One line of the ledger. `autopilot.documents.ledger` alone writes it, and triggers refuse any change."""

    class Deed(models.TextChoices):
        """What became of a document."""

        ARCHIVED = "archived", "Archived"
        DISPOSED = "disposed", "Disposed of"

    position = models.PositiveBigIntegerField(primary_key=True, help_text="Counted from 1, without gaps.")
    deed = models.CharField(max_length=8, choices=Deed)
    document = models.ForeignKey(Document, models.PROTECT, related_name="ledger", db_index=False)
    sha256 = models.CharField(max_length=64, help_text="Of the file.")
    fingerprint = models.CharField(max_length=64, help_text="Of the file’s meaning.")
    previous = models.CharField(max_length=64, blank=True, help_text="Hash of the entry before; empty for the first.")
    hash = models.CharField(max_length=64, help_text="SHA-256 over all of this entry.")
    at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["position"]
        verbose_name_plural = "ledger entries"
        constraints = [models.UniqueConstraint(fields=["document", "deed"], name="ledger_document_once")]

    def __str__(self) -> str:
        return f"entry {self.position}"


class LedgerAnchor(models.Model):
    """The ledger's head as it was told to people outside on one day, so that a ledger cut off later shows."""

    day = models.DateField(primary_key=True)
    position = models.PositiveBigIntegerField(help_text="Of the last entry; 0 for an empty ledger.")
    head = models.CharField(max_length=64, blank=True, help_text="Hash of the last entry.")
    published_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["-day"]

    def __str__(self) -> str:
        return f"head of {self.day}"
