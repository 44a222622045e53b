"""Put in jobs until the standard input closes, and say of each whether it was stored: `python -m` runs it."""

import select
import sys
import time

import django

django.setup()

from django.db import connection

from autopilot.engine import enqueue
from autopilot.identifiers import uuid7

EVERY = 0.02  # seconds


def main() -> None:
    """Put in one job after the other."""
    tenant = uuid7()
    while not select.select([sys.stdin], [], [], EVERY)[0]:
        try:
            job = enqueue("faults.ping", tenant_id=tenant)
        except Exception as error:  # noqa: BLE001 (whatever it is, it is what the benchmark wants to know)
            print("refused", type(error).__name__, flush=True)
            connection.close()
            time.sleep(0.1)
        else:
            print("stored", job.pk, flush=True)


if __name__ == "__main__":
    main()
