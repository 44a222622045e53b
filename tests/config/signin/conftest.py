"""Nothing of one test's failures is counted in another."""

from collections.abc import Iterator

import pytest
from django.core.cache import cache


@pytest.fixture(autouse=True)
def _forget_counts() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()
