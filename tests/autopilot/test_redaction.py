"""What of a job's payload and result is shown."""

from typing import Annotated

import pytest

from autopilot.engine import SENSITIVE, handler
from autopilot.engine.registry import find_handler, registered_for_test
from autopilot.models import Job
from autopilot.redaction import redacted, scrubbed, shown_payload, shown_result
from autopilot.scrubbing import MASK


@pytest.fixture
def kind():
    """A kind that calls one parameter and one part of its result sensitive."""
    receipt = {"type": "object", "properties": {"pin": {"type": "string", "writeOnly": True}}}
    with registered_for_test():

        @handler("vault.open", result={"type": "object", "properties": {"receipt": receipt}})
        def open_vault(job, *, vault: str, words: Annotated[list[str], SENSITIVE]) -> dict[str, str]:
            return {}

        yield "vault.open"


def test_it_masks_what_the_parameters_call_sensitive(kind):
    job = Job(kind=kind, payload={"vault": "north", "words": ["open", "sesame"]})

    assert shown_payload(job) == {"vault": "north", "words": MASK}


def test_it_masks_what_the_result_schema_calls_sensitive(kind):
    job = Job(kind=kind, result={"receipt": {"pin": "1234", "number": "R-1"}, "ok": True})

    assert shown_result(job) == {"receipt": {"pin": MASK, "number": "R-1"}, "ok": True}


def test_it_shows_nothing_of_a_kind_whose_code_is_gone():
    job = Job(kind="gone.away", payload={"vault": "north"}, result=None)

    assert shown_payload(job) == MASK
    assert shown_result(job) is None


@pytest.mark.parametrize(
    "name", ["ssn", "student_ssn", "EIN", "api_key", "apiKey", "date_of_birth", "bank_account_number"]
)
def test_it_masks_what_its_name_betrays(name):
    assert redacted({"deep": [{name: "1"}]}, {}) == {"deep": [{name: MASK}]}


@pytest.mark.parametrize("name", ["seinfeld", "assignment", "protein", "tokens_left"])
def test_it_shows_what_only_looks_alike(name):
    assert redacted({name: 3}, {}) == {name: 3}


def test_it_goes_into_lists_and_open_objects():
    schema = {
        "type": "object",
        "additionalProperties": {"type": "array", "items": {"type": "string", "writeOnly": True}},
    }

    assert redacted({"any": ["a", None], "other": []}, schema) == {"any": [MASK, None], "other": []}


def test_it_keeps_what_a_sensitive_parameter_accepts(kind):
    signature = find_handler(kind).signature

    assert signature.schema["properties"]["words"]["writeOnly"] is True
    assert signature.to_stored({"vault": "n", "words": ["a"]}) == {"vault": "n", "words": ["a"]}


def test_it_scrubs_texts_of_what_it_masks(kind):
    payload = {"vault": "v-1", "words": ["abracadabra", "ok"], "ssn": 999887777}
    job = Job(kind=kind, payload=payload, result={"receipt": {"pin": "1234"}})

    text = "No abracadabra in v-1 is ok for 999887777 or pin 1234; see 123-45-6789 and 2026-11-20."

    assert scrubbed(job, text) == f"No {MASK} in v-1 is ok for {MASK} or pin {MASK}; see {MASK} and 2026-11-20."


def test_it_scrubs_everything_of_a_kind_whose_code_is_gone():
    job = Job(kind="gone.kind", payload={"student": 4711, "deep": [{"a": "blue"}]}, result=None)

    assert scrubbed(job, "4711 is blue") == f"{MASK} is {MASK}"
