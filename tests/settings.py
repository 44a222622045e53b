"""Settings of the test suite: the project's own, made fast and free of the machine's `.env`."""

import os
import tempfile
from pathlib import Path

os.environ.setdefault("SECRET_KEY", "key-of-the-test-suite")
os.environ["PROVOST_ENVIRONMENT"] = "test"

from config.settings import *

_files = Path(tempfile.mkdtemp(prefix="provost-tests-"))
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
ARCHIVE_ROOT = _files / "archive"
SEAL_FILE = _files / "seal.p12"
CERTIFICATE_KEY_FILE = _files / "certificate-key.pem"
AUTOPILOT_RUN_DIRECTORY = _files / "run"
AUTOPILOT_JOB_FILES = _files / "jobs"
# Each page is to show what is so now, and to ask as often as it would without a cache.
CACHES = CACHES | {"figures": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
