"""The app's name in the database."""

from django.apps import AppConfig


class FaultsConfig(AppConfig):
    """An app whose handlers leave traces that can be counted."""

    name = "tests.faults.app"
    label = "faults"
