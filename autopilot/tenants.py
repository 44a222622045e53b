"""Tenants: whose work a row is."""

from uuid import UUID

NETWORK = UUID("00000000-0000-7000-8000-000000000001")
"""The network's own work, which belongs to no program holder."""
