"""How many seats of a cohort are taken, for the floor below, where cohorts get their seats."""

from programs.models import Cohort
from programs.services.cohorts import counts_seated
from students.services.enrollments import seats_taken


@counts_seated
def seated(cohort: Cohort) -> int:
    """Return how many students have a seat in a cohort."""
    return seats_taken(cohort)
