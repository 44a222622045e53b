"""The app `programs`."""

from django.apps import AppConfig


class ProgramsConfig(AppConfig):
    """Declare the app to Django."""

    name = "programs"
