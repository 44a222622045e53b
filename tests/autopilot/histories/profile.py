"""How many histories are played: a bounded, always equal choice, or with HISTORIES=all every one."""

import os

ALL = os.environ.get("HISTORIES") == "all"
