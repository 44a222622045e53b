"""What a service's refusal means to the job that called it."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from django.core.exceptions import ValidationError

from autopilot.exceptions import Invalid

Arguments = ParamSpec("Arguments")
Answer = TypeVar("Answer")


def refusals_are_final(function: Callable[Arguments, Answer]) -> Callable[Arguments, Answer]:
    """Turn a service's refusal into Invalid: what a rule forbids once it forbids every time."""

    @wraps(function)
    def translated(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Answer:
        try:
            return function(*args, **kwargs)
        except ValidationError as refusal:
            raise Invalid(" ".join(refusal.messages)) from refusal

    return translated
