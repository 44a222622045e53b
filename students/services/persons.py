"""Which records are one person's own."""

from django.contrib.auth.models import User
from django.db.models import Q, QuerySet

from students.models import Student


def own_records(user: User) -> QuerySet[Student]:
    """Return the records of a person: that of the account, and those that carry the same person identifier.

    Somebody who trained at two schools has a record at each. Whoever is not active has none.
    """
    if not user.is_active:
        return Student.objects.none()
    numbers = Student.objects.filter(user=user).exclude(number="").values("number")
    return Student.objects.filter(Q(user=user) | Q(number__in=numbers))
