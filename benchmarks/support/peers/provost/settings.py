"""Settings: the project's own, and the no-op handler beside the product's."""

from config.settings import *

INSTALLED_APPS = [*INSTALLED_APPS, "benchmarks.support.peers.provost"]
