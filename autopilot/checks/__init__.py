"""System checks of the ground floor: a wrong deployment says so before it serves."""

from autopilot.checks import engine, pdf

__all__ = ["engine", "pdf"]
