"""Tokens: given out once, within the giver's own rights, and worthless as soon as they are revoked."""

import hashlib
from datetime import timedelta
from io import StringIO

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import CommandError, call_command

from autopilot import clock
from autopilot.identifiers import uuid7
from autopilot.management.commands.create_token import Command
from autopilot.models import AuditEntry
from autopilot.models.tokens import ApiToken
from autopilot.tokens import create_token, find_token, note_use, revoke_token
from tests.autopilot.admin.people import member
from tests.autopilot.engine.people import fresh, group_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def keeper(groups):
    """Somebody who gives out tokens, and may see jobs and workers."""
    rights = ["add_apitoken", "change_apitoken", "view_apitoken", "view_job", "view_worker", "decide_checkpoint"]
    group_of("Keeper of keys", *rights)
    return member("keeper", "Keeper of keys")


def given(user, *scopes, by=None, **options) -> tuple[ApiToken, str]:
    return create_token(name="test", user=user, scopes=scopes or ["jobs:read"], by=by, **options)


def test_it_stores_a_digest_and_no_secret(ann):
    token, secret = given(ann)

    assert secret.startswith("prv_")
    assert len(secret) == len("prv_") + 43  # 256 bits
    assert token.digest == hashlib.sha256(secret.encode()).hexdigest()
    assert token.prefix == secret[:12]
    assert secret not in str(ApiToken.objects.values().get())


def test_it_lives_ninety_days_unless_told_otherwise(ann):
    token, _ = given(ann)
    longer, _ = given(ann, days=365)

    assert token.expires_at - token.created_at < timedelta(days=90, seconds=5)
    assert longer.expires_at - token.created_at > timedelta(days=364)


@pytest.mark.parametrize(
    ("field", "options"),
    [("days", {"days": 366}), ("days", {"days": 0}), ("scopes", {"scopes": ["all"]}), ("scopes", {"scopes": []})],
)
def test_it_refuses_what_no_token_can_be(ann, field, options):
    with pytest.raises(ValidationError) as refusal:
        create_token(**{"name": "test", "user": ann, "scopes": ["jobs:read"], "by": None} | options)

    assert list(refusal.value.message_dict) == [field]


def test_it_refuses_a_nameless_token_and_one_of_an_account_that_is_closed(ann):
    with pytest.raises(ValidationError, match="Say what uses"):
        create_token(name=" ", user=ann, scopes=["jobs:read"], by=None)
    ann.is_active = False
    with pytest.raises(ValidationError, match="not active"):
        given(ann)


def test_it_is_recognized_until_it_ends(ann):
    token, secret = given(ann)

    assert find_token(secret) == token
    assert find_token(secret + "x") is None
    assert find_token("prv_\ud800") is None
    with clock.moved(timedelta(days=91)):
        assert find_token(secret) is None


def test_it_can_be_revoked_once_and_with_a_reason(ann, keeper):
    token, _ = given(ann)

    with pytest.raises(ValidationError, match="why"):
        revoke_token(token, by=keeper, reason=" ")
    revoke_token(token, by=keeper, reason="Lost")
    with pytest.raises(ValidationError, match="already"):
        revoke_token(token, by=keeper, reason="Lost")
    assert AuditEntry.objects.filter(name="autopilot.token.revoked").get().data["reason"] == "Lost"


def test_it_can_be_revoked_by_its_person_but_by_no_other(ann, rivera):
    token, _ = given(ann)

    with pytest.raises(PermissionDenied):
        revoke_token(token, by=rivera, reason="Mine")
    revoke_token(token, by=ann, reason="Done")

    token.refresh_from_db()
    assert token.revoked_at is not None


def test_it_is_audited_without_its_secret(ann, tenant):
    token, secret = given(ann, tenant_id=tenant)

    entry = AuditEntry.objects.get(name="autopilot.token.created")
    assert (entry.subject_id, entry.data["scopes"], entry.data["tenant"]) == (str(token.pk), ["jobs:read"], str(tenant))
    assert secret not in str(entry.data)


def test_it_notes_its_use_once_a_minute(ann, django_assert_num_queries):
    token, _ = given(ann)

    note_use(token)
    token.refresh_from_db()
    with django_assert_num_queries(0):
        note_use(token)
    with clock.moved(timedelta(seconds=61)), django_assert_num_queries(1):
        note_use(token)


def test_it_gives_nobody_more_than_the_giver_has(keeper, ann, lindqvist, tenant):
    given(ann, "jobs:read", by=keeper)

    with pytest.raises(ValidationError, match="You have no right"):
        given(ann, "jobs:write", by=keeper)
    with pytest.raises(ValidationError, match="You have no right"):
        given(ann, "checkpoints:read", by=keeper, tenant_id=tenant)
    with pytest.raises(ValidationError, match="may do more than you"):
        given(lindqvist, "jobs:read", by=keeper)
    with pytest.raises(ValidationError, match="may do more than you"):
        given(member("stone", is_superuser=True), "jobs:read", by=keeper)
    with pytest.raises(PermissionDenied):
        given(ann, by=lindqvist)


def test_it_decides_in_nobody_elses_name(keeper, rivera):
    chief = member("chief", is_superuser=True)

    given(keeper, "checkpoints:decide", by=keeper)

    with pytest.raises(ValidationError, match="in whose name"):
        given(rivera, "checkpoints:decide", by=chief)


def test_it_takes_no_scope_that_would_open_nothing(ann, tenant, lindqvist):
    with pytest.raises(ValidationError, match="no right to what workers:read"):
        given(ann, "workers:read")
    with pytest.raises(ValidationError, match="whole network"):
        given(lindqvist, "workers:read", tenant_id=tenant)


def test_it_is_printed_once_and_alone(lindqvist):
    said, aside = StringIO(), StringIO()
    tenant = uuid7()

    call_command(
        "create_token", "--user", "lindqvist", "--scope", "jobs:read", "--scope", "jobs:write",
        "--tenant", str(tenant), "--days", "7", stdout=said, stderr=aside,
    )  # fmt: skip

    token = find_token(said.getvalue().strip())
    assert token is not None
    assert (token.user, token.scopes, token.tenant_id) == (fresh(lindqvist), ["jobs:read", "jobs:write"], tenant)
    assert str(token.pk) in aside.getvalue()


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (["--user", "nobody", "--scope", "jobs:read"], 1),
        (["--user", "ann", "--scope", "workers:read"], 1),
        (["--user", "ann", "--scope", "jobs:read", "--days", "1000"], 1),
    ],
)
def test_it_says_what_it_refuses(ann, arguments, status):
    with pytest.raises(CommandError) as refusal:
        call_command("create_token", *arguments)

    assert refusal.value.returncode == status
    assert not ApiToken.objects.exists()


@pytest.mark.parametrize("arguments", [[], ["--user", "ann"], ["--user", "ann", "--scope", "everything"]])
def test_it_ends_with_2_when_misused(arguments):
    with pytest.raises(SystemExit) as ended:
        Command().run_from_argv(["manage.py", "create_token", *arguments])

    assert ended.value.code == 2
