"""What is read of programs."""

import pytest

from autopilot.identifiers import uuid7
from autopilot.tenants import NETWORK, names_of
from programs.demo import submit_sample_application

pytestmark = pytest.mark.django_db


def test_an_organization_goes_by_the_name_under_which_it_applied():
    application, unknown = submit_sample_application(1), uuid7()

    found = names_of([application.tenant_id, unknown, NETWORK])

    assert found == {
        application.tenant_id: application.legal_name,
        unknown: f"…{str(unknown)[-6:]}",
        NETWORK: "The network",
    }
