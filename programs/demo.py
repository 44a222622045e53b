"""Sample applications for demonstrations: invented organizations that come in by the same door as real ones."""

from dataclasses import replace
from decimal import Decimal
from uuid import UUID, uuid5

from programs import assurances
from programs.facts import ApplicationFacts, ProgramFacts, SiteFacts
from programs.models import Application, EntityType
from programs.services.applications import submit_application

SAMPLE_FORMS = UUID("2d1f0a52-2b0c-5c1e-9d7f-6f2f3f0b7a11")

BARBERING = ProgramFacts("Barbering", "12.0402", "Indiana barber license", 1500, Decimal("11800.00"))
NURSING_ASSISTANT = ProgramFacts(
    "Certified Nursing Assistant", "51.3902", "Certified Nursing Assistant (Indiana registry)", 105, Decimal("1450.00")
)
COMMERCIAL_DRIVING = ProgramFacts(
    "Commercial Truck Driving, Class A", "49.0205", "Commercial driver's license, Class A", 160, Decimal("5200.00")
)
HEATING_AND_COOLING = ProgramFacts(
    "HVAC Technician", "47.0201", "EPA Section 608 Universal, certificate of completion", 600, Decimal("8900.00")
)
MEDICAL_ASSISTANT = ProgramFacts(
    "Medical Assistant", "51.0801", "Certified Clinical Medical Assistant", 720, Decimal("9750.00")
)
TABLETS_INCLUDED = ProgramFacts("Help Desk Specialist", "11.1006", "CompTIA A+", 40, Decimal("14500.00"))

FIRST = ApplicationFacts(
    legal_name="Crossroads Barber College, Inc.",
    doing_business_as="Crossroads Barbering",
    entity_type=EntityType.TRAINING_PROVIDER,
    ein="35-9990142",
    contact_name="Denise Whitfield",
    contact_title="Director",
    contact_email="denise.whitfield@crossroads.example",
    contact_phone="317-555-0142",
    mailing_street="2914 East 38th Street, Suite 120",
    mailing_city="Indianapolis",
    mailing_state="IN",
    mailing_zip="46218",
    site_street="2914 East 38th Street, Suite 120",
    site_city="Indianapolis",
    site_state="IN",
    site_zip="46218",
    expected_students=48,
    additional_information="Evening classes start in March. The floor is licensed for twenty chairs.",
    heard_from="EmployIndy",
    assurances_version=assurances.VERSION,
    programs=(BARBERING,),
)

SAMPLES = (
    FIRST,
    replace(
        FIRST,
        legal_name="Wabash Valley Care Training, LLC",
        doing_business_as="",
        ein="82-9990177",
        contact_name="Marcus Oyelaran",
        contact_title="Owner",
        contact_email="m.oyelaran@wabashcare.example",
        contact_phone="812-555-0177",
        mailing_street="510 Ohio Street",
        mailing_city="Terre Haute",
        mailing_zip="47807",
        site_street="1801 North 6th Street",
        site_city="Terre Haute",
        site_zip="47804",
        expected_students=120,
        additional_information="",
        sites=(
            SiteFacts("Brazil classroom", "15 South Forest Avenue", "Brazil", "IN", "47834"),
            SiteFacts("Clinical laboratory", "902 Main Street", "Vincennes", "IN", "47591"),
        ),
        programs=(
            replace(NURSING_ASSISTANT, soc_codes=("31-1131", "31-1132"), taught_at=(1, 2)),
            replace(MEDICAL_ASSISTANT, soc_codes=("31-9092",), taught_at=(1, 3)),
        ),
    ),
    replace(
        FIRST,
        legal_name="Lake County Driving Academy",
        doing_business_as="",
        ein="96-9990119",
        contact_name="Rosa Delgado",
        contact_title="Compliance manager",
        contact_email="rosa.delgado@lakedriving.example",
        contact_phone="219-555-0119",
        mailing_street="7300 Kennedy Avenue",
        mailing_city="Hammond",
        mailing_zip="46323",
        site_street="7300 Kennedy Avenue",
        site_city="Hammond",
        site_zip="46323",
        expected_students=200,
        additional_information="",
        programs=(COMMERCIAL_DRIVING,),
    ),
    replace(
        FIRST,
        legal_name="Maumee Trades Institute",
        doing_business_as="MTI",
        entity_type=EntityType.NONPROFIT,
        ein="35-9990188",
        contact_name="Søren Kowalczyk",
        contact_title="Program lead",
        contact_email="s.kowalczyk@maumeetrades.example",
        contact_phone="260-555-0188 ext 14",
        mailing_street="1020 West Coliseum Boulevard",
        mailing_city="Fort Wayne",
        mailing_zip="46808",
        site_street="1020 West Coliseum Boulevard",
        site_city="Fort Wayne",
        site_zip="46808",
        expected_students=90,
        programs=(HEATING_AND_COOLING,),
    ),
    replace(
        FIRST,
        legal_name="Riverfront Digital Skills, Inc.",
        doing_business_as="",
        ein="35-9990163",
        contact_name="Amara Nwosu",
        contact_title="Executive director",
        contact_email="amara@riverfront.example",
        contact_phone="502-555-0163",
        mailing_street="401 Spring Street",
        mailing_city="Jeffersonville",
        mailing_zip="47130",
        site_street="220 West Main Street",
        site_city="Louisville",
        site_state="KY",
        site_zip="47202",
        expected_students=60,
        programs=(TABLETS_INCLUDED,),
    ),
)


def submit_sample_application(number: int, *, form_key: UUID | None = None) -> Application:
    """Submit one of the sample applications, and return it.

    `number` counts from 1; after the last sample the first comes again, with another EIN. The same number brings in
    the same application once, unless `form_key` names another form. What `submit_application` raises is raised.
    """
    round_, index = divmod(number - 1, len(SAMPLES))
    facts = SAMPLES[index]
    if round_:
        facts = replace(
            facts, ein=f"{facts.ein[:3]}{9000000 + number:07}", legal_name=f"{facts.legal_name} {round_ + 1}"
        )
    return submit_application(facts=facts, form_key=form_key or uuid5(SAMPLE_FORMS, str(number)))
