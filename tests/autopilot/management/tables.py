"""All that stands in the database, to see that nothing was changed."""

from typing import Any

from django.apps import apps
from django.core import serializers


def contents() -> dict[str, Any]:
    """Return every row of the ground floor."""
    models = apps.get_app_config("autopilot").get_models()
    return {each.__name__: serializers.serialize("json", each._default_manager.order_by("pk")) for each in models}
