"""The codes of programs and occupations by their titles, to be found by words: a choice of those that are trained for.

The lists hold what providers of workforce training usually offer, not the whole of the classifications. A code that is
missing here can be entered all the same: its form and its series are checked, its title is not known.
"""

import re
from collections.abc import Mapping

from programs import codes

# NCES, Classification of Instructional Programs, 2020 edition: https://nces.ed.gov/ipeds/cipcode/
CIP: Mapping[str, str] = {
    "01.0601": "Applied Horticulture/Horticulture Operations, General",
    "10.0304": "Animation, Interactive Technology, Video Graphics, and Special Effects",
    "11.0103": "Information Technology",
    "11.0201": "Computer Programming/Programmer, General",
    "11.0701": "Computer Science",
    "11.0801": "Web Page, Digital/Multimedia, and Information Resources Design",
    "11.0901": "Computer Systems Networking and Telecommunications",
    "11.1001": "Network and System Administration/Administrator",
    "11.1003": "Computer and Information Systems Security/Auditing/Information Assurance",
    "11.1006": "Computer Support Specialist",
    "12.0301": "Funeral Service and Mortuary Science, General",
    "12.0401": "Cosmetology/Cosmetologist, General",
    "12.0402": "Barbering/Barber",
    "12.0408": "Facial Treatment Specialist/Facialist",
    "12.0409": "Aesthetician/Esthetician and Skin Care Specialist",
    "12.0410": "Nail Technician/Specialist and Manicurist",
    "12.0413": "Cosmetology, Barber/Styling, and Nail Instructor",
    "12.0500": "Cooking and Related Culinary Arts, General",
    "12.0501": "Baking and Pastry Arts/Baker/Pastry Chef",
    "12.0503": "Culinary Arts/Chef Training",
    "13.1501": "Teacher Assistant/Aide",
    "15.0303": "Electrical, Electronic, and Communications Engineering Technology/Technician",
    "15.0613": "Manufacturing Engineering Technology/Technician",
    "19.0708": "Child Care and Support Services Management",
    "19.0709": "Child Care Provider/Assistant",
    "22.0302": "Legal Assistant/Paralegal",
    "43.0102": "Corrections",
    "43.0107": "Criminal Justice/Police Science",
    "43.0109": "Security and Loss Prevention Services",
    "43.0203": "Fire Science/Fire-fighting",
    "46.0000": "Construction Trades, General",
    "46.0101": "Mason/Masonry",
    "46.0201": "Carpentry/Carpenter",
    "46.0302": "Electrician",
    "46.0303": "Lineworker",
    "46.0401": "Building/Property Maintenance",
    "46.0502": "Pipefitting/Pipefitter and Sprinkler Fitter",
    "46.0503": "Plumbing Technology/Plumber",
    "47.0101": "Electrical/Electronics Equipment Installation and Repair Technology/Technician, General",
    "47.0201": "Heating, Air Conditioning, Ventilation and Refrigeration Maintenance Technology/Technician",
    "47.0303": "Industrial Mechanics and Maintenance Technology/Technician",
    "47.0603": "Autobody/Collision and Repair Technology/Technician",
    "47.0604": "Automobile/Automotive Mechanics Technology/Technician",
    "47.0605": "Diesel Mechanics Technology/Technician",
    "47.0607": "Airframe Mechanics and Aircraft Maintenance Technology/Technician",
    "48.0501": "Machine Tool Technology/Machinist",
    "48.0503": "Machine Shop Technology/Assistant",
    "48.0506": "Sheet Metal Technology/Sheetworking",
    "48.0507": "Tool and Die Technology/Technician",
    "48.0508": "Welding Technology/Welder",
    "48.0509": "Ironworking/Ironworker",
    "48.0510": "Computer Numerically Controlled (CNC) Machinist Technology/CNC Machinist",
    "48.0703": "Cabinetmaking and Millwork",
    "49.0202": "Construction/Heavy Equipment/Earthmoving Equipment Operation",
    "49.0205": "Truck and Bus Driver/Commercial Vehicle Operator and Instructor",
    "51.0601": "Dental Assisting/Assistant",
    "51.0705": "Medical Office Management/Administration",
    "51.0707": "Health Information/Medical Records Technology/Technician",
    "51.0713": "Medical Insurance Coding Specialist/Coder",
    "51.0714": "Medical Insurance Specialist/Medical Biller",
    "51.0716": "Medical Administrative/Executive Assistant and Medical Secretary",
    "51.0801": "Medical/Clinical Assistant",
    "51.0803": "Occupational Therapist Assistant",
    "51.0805": "Pharmacy Technician/Assistant",
    "51.0806": "Physical Therapy Assistant",
    "51.0810": "Emergency Care Attendant (EMT Ambulance)",
    "51.0901": "Cardiovascular Technology/Technologist",
    "51.0904": "Emergency Medical Technology/Technician (EMT Paramedic)",
    "51.0909": "Surgical Technology/Technologist",
    "51.1004": "Clinical/Medical Laboratory Technician",
    "51.1009": "Phlebotomy Technician/Phlebotomist",
    "51.1501": "Substance Abuse/Addiction Counseling",
    "51.2601": "Health Aide",
    "51.2602": "Home Health Aide/Home Attendant",
    "51.3501": "Massage Therapy/Therapeutic Massage",
    "51.3801": "Registered Nursing/Registered Nurse",
    "51.3901": "Licensed Practical/Vocational Nurse Training",
    "51.3902": "Nursing Assistant/Aide and Patient Care Assistant/Aide",
    "52.0201": "Business Administration and Management, General",
    "52.0203": "Logistics, Materials, and Supply Chain Management",
    "52.0302": "Accounting Technology/Technician and Bookkeeping",
    "52.0401": "Administrative Assistant and Secretarial Science, General",
    "52.0408": "General Office Occupations and Clerical Services",
    "52.1501": "Real Estate",
}

# BLS, Standard Occupational Classification, 2018: https://www.bls.gov/soc/2018/
SOC: Mapping[str, str] = {
    "11-3071": "Transportation, Storage, and Distribution Managers",
    "11-9051": "Food Service Managers",
    "13-1081": "Logisticians",
    "13-2011": "Accountants and Auditors",
    "15-1212": "Information Security Analysts",
    "15-1231": "Computer Network Support Specialists",
    "15-1232": "Computer User Support Specialists",
    "15-1244": "Network and Computer Systems Administrators",
    "15-1251": "Computer Programmers",
    "15-1252": "Software Developers",
    "15-1254": "Web Developers",
    "17-3023": "Electrical and Electronic Engineering Technologists and Technicians",
    "21-1018": "Substance Abuse, Behavioral Disorder, and Mental Health Counselors",
    "21-1094": "Community Health Workers",
    "23-2011": "Paralegals and Legal Assistants",
    "29-1141": "Registered Nurses",
    "29-2034": "Radiologic Technologists and Technicians",
    "29-2042": "Emergency Medical Technicians",
    "29-2043": "Paramedics",
    "29-2052": "Pharmacy Technicians",
    "29-2055": "Surgical Technologists",
    "29-2061": "Licensed Practical and Licensed Vocational Nurses",
    "29-2072": "Medical Records Specialists",
    "31-1121": "Home Health Aides",
    "31-1122": "Personal Care Aides",
    "31-1131": "Nursing Assistants",
    "31-1132": "Orderlies",
    "31-2011": "Occupational Therapy Assistants",
    "31-2021": "Physical Therapist Assistants",
    "31-9011": "Massage Therapists",
    "31-9091": "Dental Assistants",
    "31-9092": "Medical Assistants",
    "31-9094": "Medical Transcriptionists",
    "31-9097": "Phlebotomists",
    "33-2011": "Firefighters",
    "33-3012": "Correctional Officers and Jailers",
    "33-3051": "Police and Sheriff's Patrol Officers",
    "33-9032": "Security Guards",
    "35-1011": "Chefs and Head Cooks",
    "35-2014": "Cooks, Restaurant",
    "37-2011": "Janitors and Cleaners, Except Maids and Housekeeping Cleaners",
    "37-3011": "Landscaping and Groundskeeping Workers",
    "39-5011": "Barbers",
    "39-5012": "Hairdressers, Hairstylists, and Cosmetologists",
    "39-5092": "Manicurists and Pedicurists",
    "39-5094": "Skincare Specialists",
    "39-9011": "Childcare Workers",
    "41-9022": "Real Estate Sales Agents",
    "43-3021": "Billing and Posting Clerks",
    "43-3031": "Bookkeeping, Accounting, and Auditing Clerks",
    "43-4051": "Customer Service Representatives",
    "43-6013": "Medical Secretaries and Administrative Assistants",
    "43-6014": "Secretaries and Administrative Assistants, Except Legal, Medical, and Executive",
    "43-9061": "Office Clerks, General",
    "47-2021": "Brickmasons and Blockmasons",
    "47-2031": "Carpenters",
    "47-2061": "Construction Laborers",
    "47-2073": "Operating Engineers and Other Construction Equipment Operators",
    "47-2111": "Electricians",
    "47-2152": "Plumbers, Pipefitters, and Steamfitters",
    "47-2181": "Roofers",
    "47-2211": "Sheet Metal Workers",
    "47-2221": "Structural Iron and Steel Workers",
    "49-3011": "Aircraft Mechanics and Service Technicians",
    "49-3021": "Automotive Body and Related Repairers",
    "49-3023": "Automotive Service Technicians and Mechanics",
    "49-3031": "Bus and Truck Mechanics and Diesel Engine Specialists",
    "49-9021": "Heating, Air Conditioning, and Refrigeration Mechanics and Installers",
    "49-9041": "Industrial Machinery Mechanics",
    "49-9051": "Electrical Power-Line Installers and Repairers",
    "49-9071": "Maintenance and Repair Workers, General",
    "51-3011": "Bakers",
    "51-4041": "Machinists",
    "51-4111": "Tool and Die Makers",
    "51-4121": "Welders, Cutters, Solderers, and Brazers",
    "51-7011": "Cabinetmakers and Bench Carpenters",
    "51-9161": "Computer Numerically Controlled Tool Operators",
    "53-3032": "Heavy and Tractor-Trailer Truck Drivers",
    "53-3033": "Light Truck Drivers",
    "53-3051": "Bus Drivers, School",
    "53-3052": "Bus Drivers, Transit and Intercity",
    "53-7051": "Industrial Truck and Tractor Operators",
}

# BLS, Standard Occupational Classification, 2018: the 23 major groups.
SOC_GROUPS = frozenset(str(number) for number in range(11, 57, 2))
SHOWN = 20


def title_of(code: str) -> str:
    """Return the title of a CIP or SOC code; empty for one that is not listed."""
    return CIP.get(code) or SOC.get(code) or ""


def find(table: Mapping[str, str], text: str) -> list[tuple[str, str]]:
    """Return the codes of a table, with titles, whose code or title holds every word of a text; at most 20 of them.

    A word may be the beginning of one: `weld` finds Welding. A text without words finds nothing.
    """
    words = re.findall(r"[\w.-]+", text.casefold())
    if not words:
        return []
    return [(code, title) for code, title in table.items() if _holds(f"{code} {title}", words)][:SHOWN]


def code_in(table: Mapping[str, str], text: str) -> str:
    """Return the code that a person means who enters a text: the code itself, with or without its title, or words.

    Words that fit one title of the table alone give its code; any other text is returned as it is, to be refused.
    """
    entered = text.strip()
    first = entered.split(" ", 1)[0].rstrip(",:")
    if codes.has_form(codes.CIP_PATTERN, first) or codes.has_form(codes.SOC_PATTERN, first):
        return first
    found = [] if entered[:1].isdecimal() else find(table, entered)  # digits are a code, and never half of one
    return found[0][0] if len(found) == 1 else entered


def _holds(entry: str, words: list[str]) -> bool:
    parts = re.findall(r"[\w.-]+", entry.casefold())
    return all(any(part.startswith(word) for part in parts) for word in words)
