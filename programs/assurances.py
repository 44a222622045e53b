"""What an applicant assures, word for word; the version is stored with every acceptance, so texts are added, never edited."""

VERSION = "2026-11"

STATEMENTS = {
    VERSION: (
        "I am authorized to apply for this organization, and what this application says is true and complete.",
        "We will not discriminate in any way that section 188 of WIOA and 29 CFR part 38 prohibit, and we will tell "
        "every participant about equal opportunity.",
        "Our training sites and materials are accessible to people with disabilities, as the ADA requires.",
        "We have, and give to every student, a refund policy and a complaint procedure.",
        "We will report students, completions, credentials and costs for every student of a listed program.",
        "We will keep records for at least three years and show them to the state and its auditors on request.",
        "We know that information which is inaccurate on purpose leads to removal from the list for two years or more "
        "and to repayment of funds.",
    )
}
