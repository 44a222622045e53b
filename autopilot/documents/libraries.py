"""The system libraries that WeasyPrint needs and pip cannot bring."""

import ctypes
import ctypes.util

INSTALL = "apt-get install -y --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
NEEDED = ("pango-1.0", "pangoft2-1.0", "harfbuzz-subset")


def missing() -> list[str]:
    """Return the names of the needed libraries that cannot be loaded here; empty when PDFs can be made."""
    return [name for name in NEEDED if not _loads(name)]


def _loads(name: str) -> bool:
    candidates = (f"lib{name}.so.0", ctypes.util.find_library(name))
    return any(_opens(candidate) for candidate in candidates if candidate)


def _opens(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True
