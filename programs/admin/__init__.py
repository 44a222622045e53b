"""What staff see of programs."""

from programs.admin import billing
from programs.admin.applications import ApplicationAdmin
from programs.admin.holders import HolderAdmin

__all__ = ["ApplicationAdmin", "HolderAdmin", "billing"]
