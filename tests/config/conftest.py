"""What the tests of logs and of Sentry share."""

from collections.abc import Iterator
from typing import Any

import pytest

from autopilot.engine import registry


@pytest.fixture
def leaking(settings: Any) -> Iterator[None]:
    """Views that fail in the place of our own, and a registry that forgets what a test registers."""
    settings.ROOT_URLCONF = "tests.config.leaks"
    with registry.registered_for_test():
        yield
