"""The app `instructors`."""

from django.apps import AppConfig


class InstructorsConfig(AppConfig):
    """Declare the app to Django."""

    name = "instructors"
