"""The jobs of programs, one module a subject; what is imported here is registered."""

from programs.handlers import applications, billing, cohorts, listings, mous, requirements

__all__ = ["applications", "billing", "cohorts", "listings", "mous", "requirements"]
