"""From which part of the inbox a person came, so that the next one is the one that follows there."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode
from uuid import UUID

from django.urls import reverse

from autopilot.models import Checkpoint
from autopilot.reports import TABS, WAITING, Tab

SHOW, KIND = "show", "kind"
KIND_IN_LIST = "kind__exact"


@dataclass(frozen=True)
class Trail:
    """A tab of the inbox and a kind of checkpoint; what an address says and no inbox has counts as all that waits."""

    tab: Tab = WAITING
    kind: str = ""

    @classmethod
    def of(cls, query: Mapping[str, str]) -> "Trail":
        """Return the trail that the address of a page or of the list tells."""
        kind = query.get(KIND) or query.get(KIND_IN_LIST, "")
        return cls(TABS.get(query.get(SHOW, ""), WAITING), kind if kind in Checkpoint.Kind.values else "")

    @property
    def query(self) -> str:
        """The end of an address that keeps the trail; empty where nothing was chosen."""
        chosen = {SHOW: self.tab.name, KIND: self.kind}
        told = urlencode({name: value for name, value in chosen.items() if value})
        return f"?{told}" if told else ""

    @property
    def inbox(self) -> str:
        """The address of the list the person came from."""
        told = urlencode({name: value for name, value in ((SHOW, self.tab.name), (KIND_IN_LIST, self.kind)) if value})
        return reverse("admin:autopilot_checkpoint_changelist") + (f"?{told}" if told else "")

    def to(self, pk: UUID, deed: str = "") -> str:
        """Return the address of a checkpoint's page, or of a deed there, on this trail."""
        name = f"checkpoint_{deed}" if deed else "autopilot_checkpoint_change"
        return reverse(f"admin:{name}", args=[pk]) + self.query
