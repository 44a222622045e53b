"""What staff see of programs, one module a subject; what is imported here is registered."""

from programs.admin import applications, billing, holders, mous, programs, requirement_types, requirements

__all__ = ["applications", "billing", "holders", "mous", "programs", "requirement_types", "requirements"]
