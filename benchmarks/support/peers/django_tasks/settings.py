"""Settings of django-tasks: its database backend, with persistent connections."""

from benchmarks.support.peers import databases

SECRET_KEY = "benchmark"
USE_TZ = True
INSTALLED_APPS = ["django_tasks_db"]
DATABASES = {"default": databases.tuned()}
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
