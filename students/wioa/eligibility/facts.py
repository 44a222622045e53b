"""What may be known of a person on the day of a determination; every fact may be unknown, and then it is None.

Facts about a family's assistance and income are about the six months before that day.
"""

# ruff: noqa: RUF009  # `fact` declares a field, as `field` does
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, Self, get_args, get_type_hints


class Sex(StrEnum):
    """The sex assigned at birth, which is what Selective Service asks about."""

    MALE = "male"
    FEMALE = "female"


def fact(label: str, group: str, *, help: str = "") -> Any:
    """Declare a fact that is unknown until somebody says it; `label` and `help` are what people read, in a `group`."""
    return field(default=None, metadata={"label": label, "group": group, "help": help})


PERSON = "The person"
GATES = "Work authorization and Selective Service"
WORK = "Loss of work"
ASSISTANCE = "Public assistance"
INCOME = "Income"
SCHOOL = "School and skills"
LIFE = "Circumstances"
TRAINING = "Training"


@dataclass(frozen=True)
class Facts:
    """Everything the rules of Title I ask about one person."""

    date_of_birth: date | None = fact("Date of birth", PERSON)
    sex: Sex | None = fact("Sex assigned at birth", PERSON)
    covered_veteran: bool | None = fact("Veteran or eligible spouse of one", PERSON)
    state: str | None = fact("State of residence", PERSON, help="Two letters, as in IN.")

    work_authorized: bool | None = fact(
        "Authorized to work in the United States",
        GATES,
        help="Any document of List A, or one of List B and one of List C, as the person chooses.",
    )
    selective_service_registered: bool | None = fact("Registered with Selective Service", GATES)
    selective_service_exempt: bool | None = fact("Exempt from registering", GATES)
    failure_excused: bool | None = fact(
        "Failure to register was found not knowing and willful",
        GATES,
        help="After the Status Information Letter; only for people who were not registered in time.",
    )

    separated: bool | None = fact("Terminated or laid off, or has notice of it", WORK)
    unemployment_compensation: bool | None = fact("Entitled to unemployment compensation, or has exhausted it", WORK)
    attached_to_workforce: bool | None = fact(
        "Worked long enough, but is not entitled for low wages or an employer who is not covered", WORK
    )
    unlikely_to_return: bool | None = fact("Unlikely to return to the industry or occupation", WORK)
    separating_member: bool | None = fact("Leaves or has left the Armed Forces", WORK)
    dishonorable_discharge: bool | None = fact("Discharged dishonorably", WORK)
    closure_or_layoff: bool | None = fact("Lost work by a permanent closure or a substantial layoff", WORK)
    closure_announced: bool | None = fact("Works where a closure was announced", WORK)
    closure_announced_on: date | None = fact("Closure of the workplace announced on", WORK)
    workplace_closes_on: date | None = fact("Workplace closes on", WORK)
    self_employment_lost: bool | None = fact(
        "Was self-employed, and is out of work by the economy or a natural disaster", WORK
    )
    unpaid_homemaker: bool | None = fact("Cared for the family at home without pay", WORK)
    lost_support: bool | None = fact("Has lost the income that supported them, or most of it", WORK)
    underemployed: bool | None = fact("Unemployed or underemployed, and finds it hard to get or better a job", WORK)
    military_spouse: bool | None = fact("Married to a member of the Armed Forces on active duty", WORK)
    lost_job_by_relocation: bool | None = fact("Lost a job by following a change of duty station", WORK)
    weeks_unemployed: int | None = fact("Weeks without work in a row", WORK)

    snap: bool | None = fact("SNAP, for the person or the family", ASSISTANCE)
    snap_last_on: date | None = fact("SNAP last received on", ASSISTANCE)
    tanf: bool | None = fact("TANF, for the person or the family", ASSISTANCE)
    tanf_last_on: date | None = fact("TANF last received on", ASSISTANCE)
    ssi: bool | None = fact("SSI, for the person or the family", ASSISTANCE)
    ssi_last_on: date | None = fact("SSI last received on", ASSISTANCE)
    other_assistance: bool | None = fact("State or local assistance that depends on income", ASSISTANCE)
    other_assistance_last_on: date | None = fact("State or local assistance last received on", ASSISTANCE)
    tanf_ends_within_two_years: bool | None = fact("Within two years of exhausting TANF", ASSISTANCE)
    school_lunch: bool | None = fact("Receives or may receive free or reduced price school lunch", ASSISTANCE)
    foster_payments: bool | None = fact("Foster child on whose behalf the government pays", ASSISTANCE)

    family_size: int | None = fact("People in the family", INCOME)
    family_income: Decimal | None = fact(
        "Family income of the last six months", INCOME, help="In dollars; it is doubled to a year’s income."
    )
    own_income: Decimal | None = fact(
        "Own income of the last six months", INCOME, help="Asked of people with a disability alone."
    )
    income_area: str | None = fact(
        "Area of the lower living standard", INCOME, help="As in the table of income figures."
    )
    high_poverty_area: bool | None = fact("Lives in an area of high poverty", INCOME)

    attending_school: bool | None = fact(
        "Attends school",
        SCHOOL,
        help="Adult education, YouthBuild, Job Corps and classes for an equivalency are not school.",
    )
    dropout: bool | None = fact("Has left school without a diploma", SCHOOL)
    diploma: bool | None = fact("Has a high school diploma or its equivalent", SCHOOL)
    compulsory_age: bool | None = fact("Of the age at which the state requires school", SCHOOL)
    absent_last_quarter: bool | None = fact("Absent for the last complete quarter of the school year", SCHOOL)
    eighth_grade_or_below: bool | None = fact("Tested at or below the eighth grade", SCHOOL)
    unable_to_function: bool | None = fact(
        "Cannot read, write, compute or speak English well enough for work, family or society", SCHOOL
    )
    english_learner: bool | None = fact("English language learner", SCHOOL)

    disability: bool | None = fact("Has a disability", LIFE)
    homeless: bool | None = fact("Homeless", LIFE)
    runaway: bool | None = fact("Runaway", LIFE)
    foster_care: bool | None = fact("In or aged out of foster care, or in an out-of-home placement", LIFE)
    offender: bool | None = fact("Subject to the juvenile or adult justice system", LIFE)
    pregnant_or_parenting: bool | None = fact("Pregnant or parenting", LIFE)
    single_parent: bool | None = fact("Single parent, or single and pregnant", LIFE)
    native: bool | None = fact("American Indian, Alaska Native or Native Hawaiian", LIFE)
    cultural_barriers: bool | None = fact("Sees own customs or practices as a barrier to work", LIFE)
    farmworker: bool | None = fact("Eligible migrant or seasonal farmworker", LIFE)
    needs_assistance: bool | None = fact(
        "Needs additional assistance to finish school or to get or keep a job",
        LIFE,
        help="By the written definition of the local area.",
    )
    local_priority: bool | None = fact("Belongs to a group that the local area puts first", LIFE)
    income_exception: bool | None = fact("Local area grants the low income exception", LIFE)

    self_sufficient_unlikely: bool | None = fact(
        "Unlikely to get or keep a self-sufficient job by career services alone", TRAINING
    )
    needs_training: bool | None = fact("In need of training", TRAINING)
    can_succeed: bool | None = fact("Has the skills to succeed in the training", TRAINING)
    in_demand: bool | None = fact("Training leads to a job in demand", TRAINING)
    other_grants_insufficient: bool | None = fact("Other grants do not pay for all of it", TRAINING)

    def as_json(self) -> dict[str, Any]:
        """Return what is known as JSON values, by name."""
        known = {name: getattr(self, name) for name in LABELS if getattr(self, name) is not None}
        return {name: value if isinstance(value, bool | int) else str(value) for name, value in known.items()}

    @staticmethod
    def kind_of(name: str) -> Any:
        """Return the type of a fact that is known: bool, int, date, Decimal, Sex or str."""
        return KINDS[name]

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Return what `as_json` wrote, now or in an earlier version; facts that nobody asks about any more are left out."""
        return cls(**{name: _read(kind, stored[name]) for name, kind in KINDS.items() if name in stored})

    def __post_init__(self) -> None:
        for name in ("family_size", "weeks_unemployed", "family_income", "own_income"):
            value = getattr(self, name)
            if value is not None and value < (1 if name == "family_size" else 0):
                raise ValueError(f"{LABELS[name]} cannot be {value}.")


KINDS: dict[str, Any] = {name: get_args(hint)[0] for name, hint in get_type_hints(Facts).items()}
LABELS: dict[str, str] = {each.name: each.metadata["label"] for each in fields(Facts)}


def _read(kind: Any, stored: Any) -> Any:
    return date.fromisoformat(stored) if kind is date else kind(stored)
