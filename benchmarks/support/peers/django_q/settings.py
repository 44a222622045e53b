"""Settings of django-q2: its defaults, or what makes its ORM broker fast while every result is saved."""

import os

from benchmarks.support.peers import databases

TUNED = os.environ["BENCHMARK_VARIANT"] == "tuned"

SECRET_KEY = "benchmark"
USE_TZ = True
INSTALLED_APPS = ["django_q"]
DATABASES = {"default": databases.tuned() if TUNED else databases.default()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
Q_CLUSTER = {"name": "benchmark", "workers": 2, "orm": "default"}
if TUNED:
    Q_CLUSTER |= {
        "bulk": 10,
        "queue_limit": 50,
        "poll": 0.05,
        "save_limit": 0,  # every result is kept: with a limit, each one is preceded by a count and a deletion
        "recycle": 100_000,
        "scheduler": False,
        "timeout": 60,
        "retry": 120,
        "log_level": "WARNING",
    }
