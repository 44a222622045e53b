"""Accounts, groups and factors in the office: nobody gives what they lack, and no page shows a secret."""

from importlib import import_module

import pytest
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from axes.models import AccessAttempt
from django.contrib import admin
from django.contrib.auth.models import Group, Permission, User
from django.test import Client
from django.urls import reverse

from autopilot.models import AuditEntry
from config.signin import rights
from tests.config.signin.signing import PASSWORD, enter, is_in, person, recovery_codes, with_app

pytestmark = pytest.mark.django_db

MANAGE = ("view_user", "add_user", "change_user", "view_group", "add_group", "change_group")


@pytest.fixture
def stone(db):
    """Somebody who manages accounts, but is no superuser; the rights are those of the group Administrator."""
    user = person("stone")
    user.user_permissions.set(Permission.objects.filter(codename__in=(*MANAGE, "view_job")))
    return user


@pytest.fixture
def as_stone(client, stone):
    """A browser in which that person is signed in."""
    client.force_login(stone)
    return client


def group(name, *codenames):
    """Return a group with some permissions."""
    made, _ = Group.objects.get_or_create(name=name)
    made.permissions.set(Permission.objects.filter(codename__in=codenames))
    return made


def change(client, user, **fields):
    """Send the form of an account."""
    address = reverse("admin:auth_user_change", args=[user.pk])
    sent = {"username": user.username, "email": user.email, "is_active": "on", "is_staff": "on"}
    return client.post(address, sent | fields)


def test_it_gives_what_one_has(as_stone):
    user, readers = person(), group("Readers", "view_job")

    change(as_stone, user, groups=[readers.pk], user_permissions=[Permission.objects.get(codename="view_job").pk])

    assert list(user.groups.all()) == [readers]
    assert user.has_perm("autopilot.view_job")
    entry = AuditEntry.objects.get(name="auth.user.changed")
    assert entry.data["fields"] == ["groups", "user_permissions"]


def test_it_gives_no_permission_that_one_lacks(as_stone):
    user = person()

    answer = change(as_stone, user, user_permissions=[Permission.objects.get(codename="control_job").pk])

    assert answer.status_code == 200
    assert not user.user_permissions.exists()


def test_it_gives_no_group_that_holds_more(as_stone):
    user, operators = person(), group("Operators", "view_job", "control_job")

    answer = change(as_stone, user, groups=[operators.pk])

    assert answer.status_code == 200
    assert not user.groups.exists()


@pytest.mark.parametrize("whom", ["another", "oneself"])
def test_it_makes_no_superuser(as_stone, stone, whom):
    user = stone if whom == "oneself" else person()

    change(as_stone, user, is_superuser="on")

    user.refresh_from_db()
    assert not user.is_superuser


@pytest.mark.parametrize("more", ["superuser", "permission", "group"])
@pytest.mark.parametrize("page", ["change", "password"])
def test_it_does_not_take_over_who_may_do_more(as_stone, more, page):
    user = person(is_superuser=more == "superuser", is_active=True)
    if more == "permission":
        user.user_permissions.add(Permission.objects.get(codename="control_job"))
    if more == "group":
        user.groups.add(group("Operators", "control_job"))
    name = "admin:auth_user_change" if page == "change" else "admin:auth_user_password_change"
    new = "nine otters under the ice"

    answer = as_stone.post(
        reverse(name, args=[user.pk]),
        {
            "username": "rivera",
            "email": "stone@evil.example",
            "password1": new,
            "password2": new,
            "usable_password": "true",
        },
    )

    user.refresh_from_db()
    assert answer.status_code == 403
    assert user.check_password(PASSWORD)
    assert user.email == "rivera@provost.example"


def test_it_sets_a_password_and_writes_it_down(as_stone, stone):
    user, new = person(), "nine otters under the ice"

    as_stone.post(
        reverse("admin:auth_user_password_change", args=[user.pk]),
        {"password1": new, "password2": new, "usable_password": "true", "set-password": "1"},
    )

    user.refresh_from_db()
    assert user.check_password(new)
    assert AuditEntry.objects.get(name="auth.password.set").actor == stone


def test_it_makes_no_group_that_holds_more(as_stone):
    beyond = Permission.objects.get(codename="control_job")

    answer = as_stone.post("/admin/auth/group/add/", {"name": "Planted", "permissions": [beyond.pk]})

    assert answer.status_code == 200
    assert not Group.objects.filter(name="Planted").exists()


def test_it_changes_no_group_that_holds_more(as_stone):
    operators = group("Operators", "view_job", "control_job")

    answer = as_stone.post(reverse("admin:auth_group_change", args=[operators.pk]), {"name": "Mine", "permissions": []})

    operators.refresh_from_db()
    assert answer.status_code == 403
    assert operators.permissions.count() == 2


@pytest.mark.parametrize("model", ["user", "group"])
def test_it_deletes_neither_accounts_nor_groups(as_stone, stone, model):
    stone.user_permissions.add(*Permission.objects.filter(codename__in=("delete_user", "delete_group")))
    row = person() if model == "user" else group("Readers")

    as_stone.post(reverse(f"admin:auth_{model}_delete", args=[row.pk]), {"post": "yes"})
    as_stone.post(f"/admin/auth/{model}/", {"action": "delete_selected", "_selected_action": row.pk, "post": "yes"})

    assert type(row).objects.filter(pk=row.pk).exists()


def test_it_shows_no_password_even_as_a_hash(as_stone):
    user = person(is_superuser=True)

    shown = as_stone.get(reverse("admin:auth_user_change", args=[user.pk]))

    assert shown.status_code == 200
    assert user.password.split("$")[-1] not in shown.text


def test_a_superuser_does_all_of_it(client):
    client.force_login(person("root", is_superuser=True))
    user, operators = person(), group("Operators", "control_job")

    change(client, user, is_superuser="on", groups=[operators.pk])

    user.refresh_from_db()
    assert user.is_superuser
    assert list(user.groups.all()) == [operators]


def test_who_is_switched_off_still_holds_what_the_account_holds():
    user = person(is_active=False)
    user.user_permissions.add(Permission.objects.get(codename="control_job"))

    assert not rights.may_manage(person("stone"), user)


# --- Factors --------------------------------------------------------------------------------------------------------


def helper(client, *codenames):
    """Sign in somebody who helps with sign-ins."""
    user = person("stone")
    user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    client.force_login(user)
    return user


def remove(client, factor, reason="Lost on the train."):
    """Remove a factor as one who helps does."""
    asked = {"action": "remove_factors", "_selected_action": factor.pk, "confirmed": "yes", "reason": reason}
    return client.post("/admin/mfa/authenticator/", asked)


def test_no_page_shows_a_secret(client):
    user = with_app(person())
    client.force_login(person("root", is_superuser=True))
    secrets = [*recovery_codes(user), "v1:", "secret", "seed"]

    for factor in Authenticator.objects.filter(user=user):
        address = reverse("admin:mfa_authenticator_change", args=[factor.pk])
        shown = client.get(address).text + client.get("/admin/mfa/authenticator/").text
        assert client.post(address, {"data": "{}"}).status_code == 403
        assert not [secret for secret in secrets if secret in shown]


def test_a_lost_factor_is_removed_with_its_reason(client):
    user = with_app(person())
    owner = Client()
    owner.force_login(user)
    enter(owner)
    stone = helper(client, "view_authenticator", "delete_authenticator")

    remove(client, Authenticator.objects.get(user=user, type="totp"))

    entry = AuditEntry.objects.get(name="auth.factor.removed")
    assert not Authenticator.objects.filter(user=user).exists()
    assert (entry.actor, entry.subject_id, entry.data["reason"]) == (stone, str(user.pk), "Lost on the train.")
    assert enter(Client()).url == "/admin/"


def test_a_lost_factor_ends_its_owners_sessions(client):
    owner = Client()
    user = person()
    enter(owner)
    with_app(user)
    helper(client, "view_authenticator", "delete_authenticator")

    remove(client, Authenticator.objects.get(user=user, type="totp"))

    assert not is_in(owner)


@pytest.mark.parametrize(("codenames", "owner"), [(("view_authenticator",), {}), (("view_authenticator", "delete_authenticator"), {"is_superuser": True})])  # fmt: skip
def test_no_factor_is_removed_without_the_right(client, codenames, owner):
    user = with_app(person(**owner))
    helper(client, *codenames)

    remove(client, Authenticator.objects.get(user=user, type="totp"))

    assert Authenticator.objects.filter(user=user).count() == 2


def test_no_factor_is_removed_without_a_reason(client):
    user = with_app(person())
    helper(client, "view_authenticator", "delete_authenticator")

    answer = remove(client, Authenticator.objects.get(user=user, type="totp"), "")

    assert answer.status_code == 422
    assert Authenticator.objects.filter(user=user).count() == 2


def test_a_locked_account_is_unlocked(client, settings):
    settings.AXES_FAILURE_LIMIT = 3
    person()
    locked = Client()
    for number in range(3):
        enter(locked, password="wrong", HTTP_USER_AGENT=f"Browser {number}")
    helper(client, "view_accessattempt", "delete_accessattempt")

    attempt = AccessAttempt.objects.first()
    asked = {"action": "unlock", "_selected_action": attempt.pk, "confirmed": "yes", "reason": "Called me."}
    client.post("/admin/axes/accessattempt/", asked)
    enter(locked)

    assert is_in(locked)
    assert AuditEntry.objects.get(name="auth.account.unlocked").data["reason"] == "Called me."


@pytest.mark.parametrize("model", ["authenticator", "usersession", "accessattempt", "accesslog"])
def test_lists_of_sign_ins_ask_few_questions(client, django_assert_max_num_queries, model):
    for number in range(10):
        user = with_app(person(f"person-{number}"))
        enter(Client(), user.username)
        enter(Client(), user.username, "wrong")
    client.force_login(person("root", is_superuser=True))
    listed = next(each for each in admin.site._registry if each._meta.model_name == model)

    with django_assert_max_num_queries(8):
        page = client.get(reverse(f"admin:{listed._meta.app_label}_{model}_changelist"))

    assert page.status_code == 200


def test_administrators_get_these_rights_from_a_migration():
    grants = import_module("config.migrations.0001_grants").GRANTS

    for label, codenames in grants.items():
        found = Permission.objects.filter(content_type__app_label=label, codename__in=codenames)
        assert found.count() == len(codenames)
    assert not {"delete_user", "delete_group"} & {name for names in grants.values() for name in names}


def test_old_pages_of_libraries_are_gone():
    shown = {model._meta.model_name for model in admin.site._registry}

    assert not shown & {"emailaddress", "emailconfirmation", "accessfailurelog"}
    assert User in admin.site._registry


# --- Sessions of others ---------------------------------------------------------------------------------------------


def end(client, reason="The laptop was stolen."):
    """End the session of rivera as one who helps does."""
    row = UserSession.objects.get(user__username="rivera")
    asked = {"action": "end_sessions", "_selected_action": row.pk, "confirmed": "yes", "reason": reason}
    return client.post("/admin/usersessions/usersession/", asked)


@pytest.fixture
def owner(db):
    """A browser in which rivera is signed in."""
    person()
    browser = Client()
    enter(browser)
    return browser


def test_the_session_of_another_is_ended_with_its_reason(client, owner):
    stone = helper(client, "view_usersession", "delete_usersession")

    end(client)

    entry = AuditEntry.objects.get(name="auth.session.ended")
    assert not is_in(owner)
    assert (entry.actor, entry.data["reason"]) == (stone, "The laptop was stolen.")


def test_no_session_is_ended_without_the_right(client, owner):
    helper(client, "view_usersession")

    end(client)

    assert is_in(owner)


def test_no_session_is_ended_without_a_reason(client, owner):
    helper(client, "view_usersession", "delete_usersession")

    end(client, "")

    assert is_in(owner)


def test_no_session_is_ended_of_who_may_do_more(client, owner):
    User.objects.update(is_superuser=True)
    helper(client, "view_usersession", "delete_usersession")

    end(client)

    assert is_in(owner)
