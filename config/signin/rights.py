"""Who may manage whose account: nobody gives, or takes over, more than they hold."""

from django.contrib.auth.models import Group, Permission, User
from django.db.models import QuerySet


def may_manage(actor: User, person: User) -> bool:
    """Tell whether a person's account may be changed by somebody: a superuser, or one who holds every right of it."""
    if actor.is_superuser:
        return True
    return not person.is_superuser and held_by(person) <= held_by(actor)


def held_by(person: User) -> set[str]:
    """Return what a person may do, by groups or by name, even if the account is switched off."""
    return _names(Permission.objects.filter(user=person)) | _names(Permission.objects.filter(group__user=person))


def grantable_permissions(actor: User, among: QuerySet[Permission]) -> QuerySet[Permission]:
    """Return the permissions that somebody may give: their own."""
    if actor.is_superuser:
        return among
    own = Permission.objects.filter(user=actor) | Permission.objects.filter(group__user=actor)
    return among.filter(pk__in=own.values("pk"))


def grantable_groups(actor: User) -> QuerySet[Group]:
    """Return the groups to which somebody may add a person: those that hold nothing more than they do."""
    if actor.is_superuser:
        return Group.objects.all()
    beyond = Permission.objects.exclude(pk__in=grantable_permissions(actor, Permission.objects.all()).values("pk"))
    return Group.objects.exclude(permissions__in=beyond)


def _names(permissions: QuerySet[Permission]) -> set[str]:
    found = permissions.values_list("content_type__app_label", "codename")
    return {f"{label}.{codename}" for label, codename in found}
