"""Why a file is not taken, in a word and in a sentence that says what to do."""


class Refused(Exception):
    """The file is not taken."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
