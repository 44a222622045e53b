"""The app `students`."""

from importlib import import_module

from django.apps import AppConfig

TOLD_BELOW = ("students.held_sessions", "students.seats", "students.starts", "students.portal")


class StudentsConfig(AppConfig):
    """Declare the app to Django."""

    name = "students"

    def ready(self) -> None:
        """Tell the floor below which sessions are held, which seats are taken, which enrollments began, and the stages."""
        for name in TOLD_BELOW:  # which need the models, so they cannot stand above
            import_module(name)
