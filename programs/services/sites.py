"""The places where a holder trains."""

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from autopilot import audit
from programs.models import Holder, Site

FIELDS = ("name", "street", "city", "state", "zip", "accessibility")


@transaction.atomic
def add_site(holder: Holder, *, said: Mapping[str, Any], by: User) -> Site:
    """Add a place; `said` holds its `FIELDS`. Raises ValidationError by field, also for a name the holder has already."""
    site = Site(holder=holder)
    _write(site, said)
    audit.record(by, "programs.site.added", site)
    return site


@transaction.atomic
def edit_site(site: Site, *, said: Mapping[str, Any], by: User) -> None:
    """Change a place; raises ValidationError by field."""
    _write(site, said)
    audit.record(by, "programs.site.changed", site)


def _write(site: Site, said: Mapping[str, Any]) -> None:
    for name in FIELDS:
        if name in said:
            setattr(site, name, said[name])
    site.full_clean()
    site.save()
