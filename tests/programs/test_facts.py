"""Facts and their writing in JSON."""

from decimal import Decimal

import pytest

from programs.facts import facts_from_json
from tests.programs.samples import facts, program


def test_it_reads_what_it_wrote():
    said = facts(programs=(program(), program(title="Pipe fitting", cost=Decimal("0.50"))))

    assert facts_from_json(said.as_json()) == said


def test_it_writes_money_with_two_decimals_however_it_was_given():
    written = [facts(programs=(program(cost=Decimal(text)),)).as_json() for text in ("7200", "7200.0", "7200.00")]

    assert written[0] == written[1] == written[2]
    assert written[0]["programs"][0]["cost"] == "7200.00"


def test_it_refuses_a_cost_that_is_no_number():
    stored = facts().as_json()
    stored["programs"][0]["cost"] = "a lot"

    with pytest.raises(ValueError, match="must be a number"):
        facts_from_json(stored)
