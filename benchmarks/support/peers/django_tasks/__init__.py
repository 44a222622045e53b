"""The database backend of django-tasks."""
