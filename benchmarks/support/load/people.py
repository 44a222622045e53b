"""Who uses the installation: staff whose sessions are open, other systems with tokens, and what applicants write."""

from typing import Any

from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Group, User
from django.http import HttpRequest
from django.test import Client

from autopilot.models.tokens import Scope
from autopilot.tokens import create_token
from programs.demo import FIRST
from programs.forms.application import PREFIX, OrganizationForm, ProgramForm

SCOPES = [Scope.JOBS_READ, Scope.CHECKPOINTS_READ, Scope.APPLICATIONS_READ]


def come(users: int) -> dict[str, Any]:
    """Create everybody who needs an account, and return what the plan of the users says of people."""
    reviewers, operators, clients = users // 4, users * 35 // 200, users * 15 // 200
    counts = {"Reviewer": reviewers, "Operator": operators, "Client": clients}
    return {
        "users": counts | {"Applicant": users - sum(counts.values())},
        "reviewers": staff("Reviewer", reviewers),
        "operators": staff("Operator", operators),
        "tokens": tokens(clients),
        "form": form(),
    }


def staff(group: str, number: int) -> list[str]:
    """Create so many members of a group, each with a second factor, and return the keys of their sessions."""
    people = User.objects.bulk_create(
        User(username=f"{group.lower()}-{each}", email=f"{group.lower()}-{each}@provost.example", is_staff=True)
        for each in range(number)
    )
    Group.objects.get(name=group).user_set.add(*people)
    return [_session(person) for person in people]


def tokens(number: int) -> list[str]:
    """Create so many tokens of an account that may read everything, and return their secrets."""
    holder = User.objects.create_user("other-system", is_staff=True)
    holder.groups.set(Group.objects.all())
    return [create_token(name=f"System {each}", user=holder, scopes=SCOPES, by=None)[1] for each in range(number)]


def form() -> dict[str, Any]:
    """Return the fields of the public form as an applicant fills them in."""
    facts = FIRST.as_json()
    rows = {
        f"{PREFIX}-{row}-{name}": program[name]
        for row, program in enumerate(facts["programs"])
        for name in ProgramForm.Meta.fields
    }
    count = {f"{PREFIX}-TOTAL_FORMS": len(facts["programs"]), f"{PREFIX}-INITIAL_FORMS": 0}
    said = {name: facts[name] for name in OrganizationForm.Meta.fields}
    return said | rows | count | {"accepts_assurances": "on", "leave_empty": ""}


def _session(person: User) -> str:
    """Sign a person in as the page does, but without the second that a password costs."""
    factor = Authenticator.objects.create(user=person, type=Authenticator.Type.TOTP, data={})
    client, request = Client(), HttpRequest()
    client.force_login(person)
    request.session = client.session
    record_authentication(request, person, method="mfa", id=factor.pk, type=factor.type)
    request.session.save()
    return str(request.session.session_key)
