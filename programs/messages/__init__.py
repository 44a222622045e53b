"""The mails of programs, built when they are sent, one module a subject; what is imported here is registered."""

from programs.messages import applications, billing, members, mous, offers, requirements

__all__ = ["applications", "billing", "members", "mous", "offers", "requirements"]
