"""What staff see of programs."""

from programs.admin.applications import ApplicationAdmin

__all__ = ["ApplicationAdmin"]
