"""Staff find every list under its subject."""

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, User
from django.test import RequestFactory

from config.admin import SUBJECTS, by_subject

pytestmark = pytest.mark.django_db


def names_seen_by(user: User) -> dict[str, list[str]]:
    request = RequestFactory().get("/admin/")
    request.user = user
    return {
        group["name"]: [model["object_name"] for model in group["models"]] for group in admin.site.get_app_list(request)
    }


def test_it_shows_everything_to_a_superuser_under_its_subject():
    seen = names_seen_by(User.objects.create_superuser("root", password="x"))

    assert seen == {subject: list(names) for subject, names in SUBJECTS.items()}


def test_it_shows_a_reviewer_only_what_reviewers_may_see():
    reviewer = User.objects.create_user("reviewer", is_staff=True)
    reviewer.groups.add(Group.objects.get(name="Reviewer"))

    seen = names_seen_by(reviewer)

    assert seen["Work"] == ["Checkpoint", "Delegation", "Application", "Submission", "Job"]
    assert "Access" not in seen
    assert "AuditEntry" not in seen["Records"]


def test_it_keeps_a_list_that_no_subject_names():
    other = {"name": "Other", "models": [{"object_name": "Unnamed"}]}

    assert by_subject([other]) == [other]
