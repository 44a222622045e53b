"""What can be wrong with a template or with what it is to print; the messages are for the people who can mend it."""

from autopilot.documents.errors import PdfRefused, UnprintableText
from autopilot.exceptions import AutopilotError


class UnknownType(AutopilotError):
    """There is no document of this type."""


class TemplateRefused(PdfRefused):
    """The template breaks a rule of the template language."""


class ContextRefused(PdfRefused):
    """The data does not fit the fields of the document type."""


class SourcesChanged(AutopilotError):
    """What this document was made from has changed since, so it cannot be made again; its archived file is unaltered."""


class UnprintableField(UnprintableText):
    """A field holds characters that our fonts do not have; `field` is the name that people read."""

    def __init__(self, field: str, characters: list[str]) -> None:
        super().__init__(characters)
        self.field = field
        self.args = (f"{field}: {self.args[0]}",)
