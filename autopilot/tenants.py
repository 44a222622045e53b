"""Tenants: whose work a row is, and what people call them."""

from collections.abc import Callable, Collection, Mapping
from uuid import UUID

NETWORK = UUID("00000000-0000-7000-8000-000000000001")
"""The network's own work, which belongs to no program holder."""

Names = Mapping[UUID, str]
Namer = Callable[[Collection[UUID]], Names]
_namers: list[Namer] = []


def names_tenants(namer: Namer) -> Namer:
    """Register a function that returns the names of those of some tenants that it knows."""
    if namer not in _namers:
        _namers.append(namer)
    return namer


def names_of(tenants: Collection[UUID]) -> dict[UUID, str]:
    """Return what people call tenants; one that nobody knows goes by the end of its id."""
    found = {tenant: f"…{str(tenant)[-6:]}" for tenant in tenants}
    for namer in _namers:
        found |= {tenant: name for tenant, name in namer(tenants).items() if tenant in found}
    return found | ({NETWORK: "The network"} if NETWORK in found else {})
