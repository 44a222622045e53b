"""The programs of Title I that are followed here, and who is a participant of one in a record."""

from collections.abc import Mapping
from enum import Enum

# 1 local funds, 2 statewide, 3 both; 4 is a reportable individual and 0 nobody. Source: PIRL elements 903 to 905.
PARTICIPANT = frozenset({"1", "2", "3"})


class Program(Enum):
    """A program of Title I; the value is its word in every layer."""

    ADULT = "adult"
    DISLOCATED_WORKER = "dislocated_worker"
    YOUTH = "youth"

    @property
    def element(self) -> str:
        """The element of a record that says whether somebody is a participant of it."""
        return ELEMENTS[self]

    @property
    def label(self) -> str:
        """Its name in a sentence."""
        return self.value.replace("_", " ")


ELEMENTS: Mapping[Program, str] = {Program.ADULT: "903", Program.DISLOCATED_WORKER: "904", Program.YOUTH: "905"}
