"""Why a form cannot be used, and why a value is not written."""

from collections.abc import Sequence

from autopilot.exceptions import AutopilotError, Invalid


class FormUnusable(Invalid):
    """This form cannot be filled.

    `reason` is a word for programs, `names` the fields it is about.
    """

    def __init__(self, reason: str, message: str, names: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.reason = reason
        self.names = list(names)


class Refused(AutopilotError):
    """This value is not written.

    `reason` is a word for programs; the message never quotes the value, which is somebody's; `characters` are those
    that cannot be written.
    """

    def __init__(self, reason: str, message: str, characters: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.reason = reason
        self.characters = list(characters)
