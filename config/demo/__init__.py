"""The people, the portal and the schedules of a demonstration: invented, and refused in production."""

from argparse import ArgumentParser
from datetime import timedelta

from django.conf import settings
from django.contrib.auth.models import Group, User
from django.core.management.base import CommandError
from django.db import transaction

from autopilot.models import Portal, Schedule, Worker
from config.demo.passwords import PASSWORD as PASSWORD

PORTAL = "sandbox"
PORTAL_URL = "http://127.0.0.1:8090"

# Who they are: user name, given name, family name, group; without a group: may do everything.
PEOPLE = (
    ("admin", "Avery", "Stone", ""),
    ("rivera", "Lucia", "Rivera", "Reviewer"),
    ("okafor", "Samuel", "Okafor", "Reviewer"),
    ("lindqvist", "Maja", "Lindqvist", "Operator"),
    ("novak", "Petra", "Novak", "Compliance officer"),
    ("tanaka", "Hiro", "Tanaka", "Finance"),
)

# What runs by itself: name, worker, kind, and when in the words of cron.
SCHEDULES = (
    ("Check the archive", "document", "document.archive_check", "0 3 * * 0"),
    ("See the doctor", "autopilot", "autopilot.doctor", "30 4 * * *"),
)


def refuse_in_production() -> None:
    """Raise CommandError in production: a demonstration's passwords are known to everybody."""
    if settings.ENVIRONMENT == "production":
        raise CommandError("Demonstration data has known passwords and is refused in production.")


@transaction.atomic
def create_people() -> list[User]:
    """Create the demonstration's staff; those who exist are left as they are."""
    return [_create_person(*person) for person in PEOPLE]


def role_of(user: User) -> str:
    """Return what a person is in the office: the name of the group, or Administrator of everything."""
    return ", ".join(user.groups.values_list("name", flat=True)) or "may do everything"


def create_portal(address: str = PORTAL_URL) -> Portal:
    """Create the sandbox portal's row, with the address at which it answers; one that exists is left as it is."""
    portal, _ = Portal.objects.get_or_create(
        slug=PORTAL,
        defaults={
            "name": "Sandbox state portal",
            "delivery": Portal.Delivery.SANDBOX,
            "base_url": address,
            "honors_idempotency": True,
            "poll_interval": timedelta(seconds=2),
        },
    )
    return portal


def create_schedules() -> list[Schedule]:
    """Create what runs by itself, in the network's zone; schedules that exist are left as they are."""
    return [_create_schedule(*schedule) for schedule in SCHEDULES]


def _create_schedule(name: str, worker: str, kind: str, cron: str) -> Schedule:
    owner, _ = Worker.objects.get_or_create(name=worker)
    defaults = {"worker": owner, "kind": kind, "cron": cron, "time_zone": settings.TIME_ZONE}
    schedule, _ = Schedule.objects.get_or_create(name=name, defaults=defaults)
    return schedule


def _create_person(username: str, first: str, last: str, group: str) -> User:
    if existing := User.objects.filter(username=username).first():
        return existing
    user = User.objects.create_user(
        username,
        email=f"{username}@provost.example",
        password=PASSWORD,
        first_name=first,
        last_name=last,
        is_staff=True,
        is_superuser=not group,
    )
    if group:
        user.groups.add(Group.objects.get(name=group))
    return user


def add_portal_option(parser: ArgumentParser) -> None:
    """Let a command be told where the sandbox portal is to answer."""
    parser.add_argument(
        "--portal", default=PORTAL_URL, help="address of the sandbox portal, if its row is made now (%(default)s)"
    )
