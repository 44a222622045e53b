"""The sample applications."""

import pytest

from programs.demo import SAMPLES, submit_sample_application
from programs.models import Application
from programs.verification import verify

pytestmark = pytest.mark.django_db


def test_it_submits_applications_that_the_form_would_take():
    for number in range(1, len(SAMPLES) + 3):
        submit_sample_application(number)

    assert Application.objects.count() == len(SAMPLES) + 2
    assert Application.objects.values("ein").distinct().count() == len(SAMPLES) + 2


def test_it_brings_in_the_same_sample_once():
    assert submit_sample_application(1) == submit_sample_application(1)
    assert Application.objects.count() == 1


def test_its_samples_show_passes_and_warnings_and_no_failures():
    verdicts = {each.verdict for sample in SAMPLES for each in verify(sample, other_applications_with_ein=0)}

    assert verdicts == {"pass", "warn"}


def test_its_people_cannot_be_reached_by_mistake():
    for sample in SAMPLES:
        assert sample.contact_email.endswith(".example")
        assert sample.contact_phone[4:8] == "555-"
