"""The jobs of programs, one module a subject; what is imported here is registered."""

from programs.handlers import applications, billing, mous, requirements

__all__ = ["applications", "billing", "mous", "requirements"]
