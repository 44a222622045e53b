"""Staff, with the groups that let them decide and operate."""

from django.contrib.auth.models import Group, Permission, User


def person(name: str, *groups: Group) -> User:
    """Return a new member of staff."""
    user = User.objects.create_user(name, email=f"{name}@example.org", is_staff=True)
    user.groups.set(groups)
    return user


def group_of(name: str, *codenames: str) -> Group:
    """Return a group that has at least these permissions."""
    group, _ = Group.objects.get_or_create(name=name)
    group.permissions.add(*Permission.objects.filter(codename__in=codenames))
    return group


def fresh(user: User) -> User:
    """Return a person as a new request sees them, without remembered permissions."""
    return User.objects.get(pk=user.pk)
