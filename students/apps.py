"""The app `students`."""

from django.apps import AppConfig


class StudentsConfig(AppConfig):
    """Declare the app to Django."""

    name = "students"
