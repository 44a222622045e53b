"""What the law leaves to states and local areas: settings without a default, unknown until somebody sets them."""

from dataclasses import dataclass

PERCENT_AT_MOST = 5


@dataclass(frozen=True)
class Cap:
    """How many of the people newly enrolled in this program year were admitted by an exception for 5 percent of them."""

    admitted: int
    enrolled: int

    @property
    def has_room(self) -> bool:
        """Whether one more, counted with the others, stays within 5 percent."""
        return 100 * (self.admitted + 1) <= PERCENT_AT_MOST * (self.enrolled + 1)


@dataclass(frozen=True)
class LocalPolicy:
    """The definitions and counts of a state and local area.

    `additional_assistance` is the written definition of who needs additional assistance; the caps are those of in-school
    youth who need it (WIOA 129(a)(3)(B)) and of youth without low income (129(a)(3)(A)(ii)).
    """

    additional_assistance: str | None = None
    assistance_cap: Cap | None = None
    income_cap: Cap | None = None
