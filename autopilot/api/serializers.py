"""Serializers that take what is described and nothing else."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError

if TYPE_CHECKING:
    BaseSerializer = serializers.Serializer[Any]
else:  # the framework's own takes no parameter when it runs
    BaseSerializer = serializers.Serializer

LONGEST_REASON = 200


class StrictSerializer(BaseSerializer):
    """Refuses, by name, whatever it does not know: what is silently left out was meant to do something."""

    def to_internal_value(self, data: Any) -> Any:
        """Return the values that fit; raises ValidationError for those that do not, and for unknown ones."""
        unknown: dict[str, Any] = {}
        if isinstance(data, Mapping):
            strangers = [name for name in data if name not in self.fields]
            unknown = {name: [ErrorDetail("There is no such field; leave it out.", "unknown")] for name in strangers}
        try:
            fitting = super().to_internal_value(data)
        except ValidationError as refusal:
            if isinstance(refusal.detail, dict):
                raise ValidationError({**refusal.detail, **unknown}) from None
            raise
        if unknown:
            raise ValidationError(unknown)
        return fitting


class ReasonSerializer(StrictSerializer):
    """Why it is done."""

    reason = serializers.CharField(max_length=LONGEST_REASON, help_text="Why; kept in the audit with your name.")
