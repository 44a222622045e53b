"""Settings of that installation: the project's own, and the test handlers beside the product's."""

from config.settings import *

INSTALLED_APPS = [*INSTALLED_APPS, "tests.faults.app"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
