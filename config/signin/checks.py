"""System checks of signing in: a door that must not stand open stops the start."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import Error, Tags, register


@register(Tags.security)
def refuse_open_second_factor(app_configs: Sequence[AppConfig] | None, **about: Any) -> list[Error]:
    """Refuse a code that always fits, and a tolerance: a code is remembered as used only as long as it is current."""
    found = []
    if getattr(settings, "MFA_TOTP_INSECURE_BYPASS_CODE", None):
        text = "MFA_TOTP_INSECURE_BYPASS_CODE is set: that code opens every account."
        found.append(Error(text, hint="Remove the setting.", id="signin.E001"))
    if getattr(settings, "MFA_TOTP_TOLERANCE", 0):
        text = "MFA_TOTP_TOLERANCE is set: a code could be used twice."
        found.append(Error(text, hint="Remove the setting.", id="signin.E002"))
    return found
