"""The app `students`."""

from importlib import import_module

from django.apps import AppConfig


class StudentsConfig(AppConfig):
    """Declare the app to Django."""

    name = "students"

    def ready(self) -> None:
        """Tell the floor below which sessions are held by recorded students."""
        import_module("students.held_sessions")  # which needs the models, so it cannot stand above
