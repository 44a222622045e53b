"""The tables of programs."""

from programs.models.applications import (
    MOST_PROGRAMS,
    Application,
    ApplicationProgram,
    ApplicationStatus,
    EntityType,
)
from programs.models.findings import Finding
from programs.models.histories import ApplicationRevision, ApplicationStatusChange
from programs.models.packets import Packet

__all__ = [
    "MOST_PROGRAMS",
    "Application",
    "ApplicationProgram",
    "ApplicationRevision",
    "ApplicationStatus",
    "ApplicationStatusChange",
    "EntityType",
    "Finding",
    "Packet",
]
