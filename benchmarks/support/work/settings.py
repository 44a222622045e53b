"""Settings of an installation that measures: the project's own, and the work beside the product's."""

from config.settings import *

INSTALLED_APPS = [*INSTALLED_APPS, "benchmarks.support.work"]
