"""What is said of a student, whatever door it comes in by."""

from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class StudentFacts:
    """A student's name and how to reach them."""

    first_name: str
    last_name: str
    email: str = ""
    phone: str = ""

    def columns(self) -> dict[str, str]:
        """Return the columns of a student, each without white space around it; an address in small letters."""
        columns = {name: value.strip() for name, value in asdict(self).items()}
        return columns | {"email": columns["email"].lower()}
