"""The process that sends a peer's jobs, in its environment: `python -m benchmarks.support.peers.sender MODULE`.

Each line of its input calls a function of the module with whole numbers; each line of its output is the result.
"""

import json
import os
import sys
from importlib import import_module

import django


def main() -> None:
    """Answer until the input ends."""
    if "DJANGO_SETTINGS_MODULE" in os.environ:
        django.setup()
    tasks = import_module(sys.argv[1])
    for line in sys.stdin:
        name, *numbers = line.split()
        print(json.dumps(getattr(tasks, name)(*map(int, numbers))), flush=True)


if __name__ == "__main__":
    main()
