"""One table says who comes in where: every route of the resolver × every role × every method.

A route that the table does not know fails the test with its name. To add one:

1. a list in the office with its pages: one line in PAGES; any other route: one line in ROUTES (shell patterns, the first
   that fits counts);
2. a permission that a migration grants: one line in GRANTED;
3. a row for an address with a parameter: `_rows` makes one of each model, found by the model's name within the route's
   name; any other parameter stands in VALUES;
4. a form that must be filled before its right is asked for: one line in SENT.

`NOBODY` stands for routes that no session opens, as those of the API: they are for tokens, whose own table stands beside
the API's tests. What only reads never writes, whoever asks and by whatever method; that is checked as well.
"""

import logging
import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from http.cookies import SimpleCookie
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from allauth.usersessions.models import UserSession
from axes.models import AccessAttempt, AccessLog
from django.contrib.auth.models import Group, User
from django.core.cache import cache
from django.db import connection, reset_queries, transaction
from django.http import HttpResponse
from django.template import Template
from django.test import Client
from django.test.utils import CaptureQueriesContext

from autopilot import clock
from autopilot.engine import registry
from autopilot.identifiers import uuid7
from autopilot.models import Award, Disposal, RetentionRule
from autopilot.tokens import create_token
from programs.models import (
    CreditNote,
    Enquiry,
    Listing,
    Mou,
    Payment,
    Payout,
    PayoutBatch,
    RequirementType,
    Revenue,
)
from tests.autopilot.admin import packets
from tests.autopilot.admin.people import ensure_groups
from tests.autopilot.admin.rows import one_of_each
from tests.house.routes import Route, routes
from tests.programs.billing.samples import banked, earned, sent
from tests.programs.samples import holder, submitted
from tests.students.eligibility import one_of_each as one_of_each_determination
from tests.students.samples import cohort, participation
from tests.students.samples import one_of_each as one_of_each_student

pytestmark = [pytest.mark.once, pytest.mark.django_db]

# --- The table ------------------------------------------------------------------------------------------------------

GROUPS = ("Administrator", "Operator", "Reviewer", "Auditor", "Case manager", "Compliance officer", "Finance")
ROLES = ("anonymous", "outsider", "staff without rights", *GROUPS, "superuser")
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")

# Who comes in: these words, or the name of a permission.
EVERYBODY, SIGNED_IN, OFFICE, ANY_GROUP, NOBODY = "everybody", "signed in", "office", "any group", "nobody"
SUPERUSER = "superuser alone"

REVIEWING = {"Administrator", "Operator", "Reviewer", "Case manager", "Compliance officer", "Finance"}
OPERATING = {"Administrator", "Operator"}
KEEPING = {"Administrator", "Compliance officer"}
PREPARING = OPERATING | {"Compliance officer"}
REVIEWERS = {"Administrator", "Reviewer", "Case manager", "Compliance officer"}
HOLDERS = [
    f"programs.view_{model}"
    for model in ("holder", "site", "member", "requirement", "requirementtype", "program", "cohort", "session", "mou",
                  "signature", "listing", "enquiry")
]  # fmt: skip
MONEY = [
    f"programs.view_{model}"
    for model in ("invoice", "charge", "creditnote", "payment", "payoutbatch", "payout", "earning")
]
BANK = ["programs.view_bankaccount", "programs.view_revenue"]
STUDENTS = [
    f"students.view_{model}"
    for model in ("student", "enrollment", "attendance", "weeklyreport", "certificate", "milestone")
]
PARTICIPATION = [
    f"students.view_{model}"
    for model in ("servicereceived", "participationperiod", "participationchange", "performancetarget")
]
ELIGIBILITY = [f"students.view_{model}" for model in ("determination", "evidence", "incomefigure", "localdefinition")]
KEEP_FIGURES = [
    f"students.{deed}_{model}" for deed in ("add", "change") for model in ("incomefigure", "localdefinition")
]
# Which groups hold a permission; all seven may view what the autopilot does.
GRANTED: dict[str, set[str]] = {
    "autopilot.view_attempt": set(GROUPS),
    "autopilot.view_checkpoint": set(GROUPS),
    "autopilot.view_checkpointcomment": set(GROUPS),
    "autopilot.view_checkpointrevision": set(GROUPS),
    "autopilot.view_clusterheartbeat": set(GROUPS),
    "autopilot.view_clusterrestart": set(GROUPS),
    "autopilot.view_decision": set(GROUPS),
    "autopilot.view_delegation": set(GROUPS),
    "autopilot.view_document": set(GROUPS),
    "autopilot.view_event": set(GROUPS),
    "autopilot.view_formedition": set(GROUPS),
    "autopilot.view_job": set(GROUPS),
    "autopilot.view_templateversion": set(GROUPS),
    "autopilot.view_outboxmessage": set(GROUPS),
    "autopilot.view_portal": set(GROUPS),
    "autopilot.view_schedule": set(GROUPS),
    "autopilot.view_step": set(GROUPS),
    "autopilot.view_submission": set(GROUPS),
    "autopilot.view_worker": set(GROUPS),
    "programs.view_application": set(GROUPS),
    **{permission: set(GROUPS) for permission in HOLDERS},
    **{permission: {"Administrator", "Auditor", "Finance"} for permission in MONEY},
    **{permission: {"Administrator", "Auditor", "Finance"} for permission in BANK},
    "programs.add_revenue": {"Administrator", "Finance"},
    "programs.reveal_bankaccount": {"Administrator", "Finance"},
    **{permission: REVIEWERS | {"Auditor"} for permission in STUDENTS},
    **{permission: REVIEWERS | {"Auditor"} for permission in PARTICIPATION},
    "students.record_servicereceived": {"Administrator", "Case manager"},
    "students.add_performancetarget": {"Administrator", "Compliance officer"},
    "students.change_performancetarget": {"Administrator", "Compliance officer"},
    "students.control_enrollment": {"Administrator", "Case manager"},
    **{
        f"students.view_{model}": REVIEWERS | {"Auditor"}
        for model in (
            "agreement",
            "waitingplace",
            "studentpaper",
            "askedpaper",
            "programpolicy",
            "refundrule",
            "riskfinding",
            "individualplan",
            "lead",
        )
    },
    **{
        f"students.{deed}_{model}": {"Administrator", "Compliance officer"}
        for deed in ("add", "change")
        for model in ("askedpaper", "programpolicy", "refundrule")
    },
    "students.view_casenote": {"Administrator", "Case manager", "Compliance officer"},
    **{
        f"students.view_{model}": {"Administrator", "Auditor", "Case manager", "Compliance officer", "Finance"}
        for model in ("trainingaccount", "supportiveservice", "refund")
    },
    "students.manage_trainingaccount": {"Administrator", "Case manager", "Finance"},
    "students.change_individualplan": {"Administrator", "Case manager"},
    "students.add_casenote": {"Administrator", "Case manager"},
    "students.add_lead": {"Administrator", "Case manager"},
    "students.review_studentpaper": {"Administrator", "Reviewer", "Case manager"},
    "students.view_pirlschema": {"Administrator", "Auditor", "Compliance officer"},
    **{permission: REVIEWERS | {"Auditor"} for permission in ELIGIBILITY},
    "students.read_determination": REVIEWERS,
    "students.assess_determination": {"Administrator", "Case manager"},
    **{permission: {"Administrator", "Compliance officer"} for permission in KEEP_FIGURES},
    "students.view_studentdetails": {"Administrator", "Case manager", "Compliance officer"},
    "students.change_studentdetails": {"Administrator", "Case manager"},
    "students.reveal_studentdetails": {"Administrator", "Case manager", "Compliance officer"},
    "students.control_milestone": {"Administrator", "Case manager"},
    "students.issue_certificate": {"Administrator", "Case manager"},
    "students.revoke_certificate": {"Administrator", "Compliance officer"},
    "programs.review_requirement": REVIEWERS,
    "programs.review_program": REVIEWERS,
    "programs.control_holder": {"Administrator", "Compliance officer"},
    "programs.prepare_mou": {"Administrator", "Compliance officer"},
    "programs.sign_mou": {"Administrator", "Compliance officer"},
    "programs.add_requirementtype": {"Administrator", "Compliance officer"},
    "programs.change_requirementtype": {"Administrator", "Compliance officer"},
    "programs.manage_invoice": {"Administrator", "Finance"},
    "programs.prepare_payoutbatch": {"Administrator", "Finance"},
    "programs.approve_payoutbatch": {"Administrator", "Finance"},
    **{
        f"autopilot.{permission}": KEEPING
        for permission in (
            "hold_document",
            "propose_disposal",
            "approve_disposal",
            "add_retentionrule",
            "change_retentionrule",
        )
    },
    **{f"autopilot.{permission}_award": KEEPING | {"Finance"} for permission in ("add", "change")},
    "autopilot.record_final_report": KEEPING | {"Finance"},
    "autopilot.view_award": KEEPING | {"Finance", "Auditor"},
    "autopilot.view_disposal": KEEPING | {"Auditor"},
    "autopilot.view_ledgerentry": KEEPING | {"Auditor"},
    "autopilot.view_retentionrule": KEEPING | {"Auditor"},
    "autopilot.add_document": REVIEWING,
    "autopilot.add_delegation": REVIEWING,
    "autopilot.decide_checkpoint": REVIEWING,
    "autopilot.view_webhookdelivery": OPERATING | {"Auditor"},
    "autopilot.view_webhookendpoint": OPERATING | {"Auditor"},
    "autopilot.add_templateversion": {"Administrator", "Compliance officer"},
    "autopilot.approve_templateversion": {"Administrator", "Compliance officer"},
    "autopilot.change_templateversion": {"Administrator", "Compliance officer"},
    "autopilot.add_formedition": PREPARING,
    "autopilot.approve_formedition": PREPARING,
    "autopilot.change_formedition": PREPARING,
    "autopilot.add_schedule": OPERATING,
    "autopilot.assign_checkpoint": OPERATING,
    "autopilot.change_schedule": OPERATING,
    "autopilot.change_worker": OPERATING,
    "autopilot.control_job": OPERATING,
    "autopilot.control_worker": OPERATING,
    "autopilot.delete_schedule": OPERATING,
    "autopilot.record_submission": OPERATING,
    "autopilot.resend_outboxmessage": OPERATING,
    "autopilot.view_apitoken": {"Administrator", "Auditor"},
    "autopilot.view_auditentry": {"Administrator", "Auditor"},
    "autopilot.add_apitoken": {"Administrator"},
    "autopilot.delete_job": {"Administrator"},
    "autopilot.change_apitoken": {"Administrator"},
    "autopilot.add_portal": {"Administrator"},
    "autopilot.change_portal": {"Administrator"},
    "autopilot.add_webhookendpoint": {"Administrator"},
    "autopilot.change_webhookendpoint": {"Administrator"},
    "autopilot.manage_delegation": {"Administrator"},
    "auth.add_group": {"Administrator"},
    "auth.change_group": {"Administrator"},
    "auth.view_group": {"Administrator"},
    "auth.add_user": {"Administrator"},
    "auth.change_user": {"Administrator"},
    "auth.view_user": {"Administrator"},
    "axes.delete_accessattempt": {"Administrator"},
    "axes.view_accessattempt": {"Administrator"},
    "axes.view_accesslog": {"Administrator"},
    "mfa.delete_authenticator": {"Administrator"},
    "mfa.view_authenticator": {"Administrator"},
    "usersessions.delete_usersession": {"Administrator"},
    "usersessions.view_usersession": {"Administrator"},
}


@dataclass(frozen=True)
class Page:
    """A list in the office and the pages of its rows: who sees them, and who changes, adds and deletes a row."""

    view: str
    change: str = NOBODY
    add: str = NOBODY
    delete: str = NOBODY


PAGES = {
    "autopilot_apitoken": Page("autopilot.view_apitoken", add="autopilot.add_apitoken"),
    "autopilot_auditentry": Page("autopilot.view_auditentry"),
    "autopilot_checkpoint": Page("autopilot.view_checkpoint"),
    "autopilot_clusterheartbeat": Page("autopilot.view_clusterheartbeat"),
    "autopilot_clusterrestart": Page("autopilot.view_clusterrestart"),
    "autopilot_delegation": Page("autopilot.view_delegation", add="autopilot.add_delegation"),
    "autopilot_award": Page("autopilot.view_award", "autopilot.change_award", "autopilot.add_award"),
    "autopilot_disposal": Page("autopilot.view_disposal"),
    "autopilot_document": Page("autopilot.view_document"),
    "autopilot_formedition": Page("autopilot.view_formedition", add="autopilot.add_formedition"),
    "autopilot_job": Page("autopilot.view_job"),
    "autopilot_templateversion": Page("autopilot.view_templateversion", add="autopilot.add_templateversion"),
    "autopilot_outboxmessage": Page("autopilot.view_outboxmessage"),
    "autopilot_portal": Page("autopilot.view_portal", "autopilot.change_portal", "autopilot.add_portal"),
    "autopilot_retentionrule": Page(
        "autopilot.view_retentionrule", "autopilot.change_retentionrule", "autopilot.add_retentionrule"
    ),
    "autopilot_schedule": Page(
        "autopilot.view_schedule",
        "autopilot.change_schedule",
        "autopilot.add_schedule",
        "autopilot.delete_schedule",
    ),
    "autopilot_submission": Page("autopilot.view_submission"),
    "autopilot_webhookdelivery": Page("autopilot.view_webhookdelivery"),
    "autopilot_webhookendpoint": Page("autopilot.view_webhookendpoint", add="autopilot.add_webhookendpoint"),
    "autopilot_worker": Page("autopilot.view_worker", "autopilot.change_worker"),
    "programs_application": Page("programs.view_application"),
    "programs_holder": Page("programs.view_holder"),
    "programs_bankaccount": Page("programs.view_bankaccount"),
    "programs_charge": Page("programs.view_charge", add="programs.manage_invoice"),
    "programs_creditnote": Page("programs.view_creditnote"),
    "programs_earning": Page("programs.view_earning"),
    "programs_invoice": Page("programs.view_invoice", add="programs.manage_invoice"),
    "programs_payment": Page("programs.view_payment"),
    "programs_payout": Page("programs.view_payout"),
    "programs_payoutbatch": Page("programs.view_payoutbatch", add="programs.prepare_payoutbatch"),
    "programs_revenue": Page("programs.view_revenue", add="programs.add_revenue"),
    "programs_program": Page("programs.view_program"),
    "programs_cohort": Page("programs.view_cohort"),
    "programs_enquiry": Page("programs.view_enquiry"),
    "programs_requirement": Page("programs.view_requirement"),
    "programs_requirementtype": Page(
        "programs.view_requirementtype", "programs.change_requirementtype", "programs.add_requirementtype"
    ),
    "programs_mou": Page("programs.view_mou", add="programs.prepare_mou"),
    "programs_listing": Page("programs.view_listing"),
    "students_determination": Page("students.view_determination"),
    "students_incomefigure": Page(
        "students.view_incomefigure", "students.change_incomefigure", "students.add_incomefigure"
    ),
    "students_localdefinition": Page(
        "students.view_localdefinition", "students.change_localdefinition", "students.add_localdefinition"
    ),
    "students_attendance": Page("students.view_attendance"),
    "students_enrollment": Page("students.view_enrollment"),
    "students_agreement": Page("students.view_agreement"),
    "students_askedpaper": Page("students.view_askedpaper", "students.change_askedpaper", "students.add_askedpaper"),
    "students_casenote": Page("students.view_casenote"),
    "students_individualplan": Page("students.view_individualplan"),
    "students_supportiveservice": Page("students.view_supportiveservice"),
    "students_trainingaccount": Page("students.view_trainingaccount"),
    "students_lead": Page("students.view_lead", add="students.add_lead"),
    "students_programpolicy": Page(
        "students.view_programpolicy", "students.change_programpolicy", "students.add_programpolicy"
    ),
    "students_refundrule": Page("students.view_refundrule", "students.change_refundrule", "students.add_refundrule"),
    "students_riskfinding": Page("students.view_riskfinding"),
    "students_pirlschema": Page("students.view_pirlschema"),
    "students_certificate": Page("students.view_certificate"),
    "students_milestone": Page("students.view_milestone", add="students.control_milestone"),
    "students_student": Page("students.view_student"),
    "students_studentpaper": Page("students.view_studentpaper"),
    "students_waitingplace": Page("students.view_waitingplace"),
    "students_weeklyreport": Page("students.view_weeklyreport"),
    "students_servicereceived": Page("students.view_servicereceived", add="students.record_servicereceived"),
    "students_participationperiod": Page("students.view_participationperiod"),
    "students_participationchange": Page("students.view_participationchange"),
    "students_performancetarget": Page(
        "students.view_performancetarget", "students.change_performancetarget", "students.add_performancetarget"
    ),
    "auth_user": Page("auth.view_user", "auth.change_user", "auth.add_user", SUPERUSER),
    "auth_group": Page("auth.view_group", "auth.change_group", "auth.add_group", SUPERUSER),
    "mfa_authenticator": Page("mfa.view_authenticator"),
    "usersessions_usersession": Page("usersessions.view_usersession"),
    "axes_accessattempt": Page("axes.view_accessattempt"),
    "axes_accesslog": Page("axes.view_accesslog"),
}


@dataclass(frozen=True)
class Rule:
    """Who comes in by GET and HEAD, and who by POST; by another method nobody does, unless `other` says who."""

    get: str = NOBODY
    post: str = NOBODY
    other: str = NOBODY


FORM, READ = Rule(EVERYBODY, EVERYBODY), Rule(EVERYBODY)
OWN_FORM, OWN_PAGE = Rule(SIGNED_IN, SIGNED_IN), Rule(SIGNED_IN)
ROUTES = {
    # The public site
    "home": READ,
    "programs:apply": FORM,
    "programs:received": READ,
    "programs:status": READ,
    "programs:continue": FORM,
    "programs:correct": FORM,
    "programs:join": FORM,
    "programs:catalog": READ,
    "programs:sitemap": READ,
    "programs:robots": READ,
    "programs:catalog_program": NOBODY,  # a program that is not there; tests/programs/test_catalog.py has those that are
    "programs:catalog_asked": NOBODY,
    "certificates:keys": READ,
    "certificates:ask": READ,
    "certificates:*": NOBODY,  # a code, key and list that are not there; tests/students/test_certificate_pages.py has those that are
    # The holders' portal is for their members, of whom there is none here; tests/programs has the table of their roles
    "portal:choose": OWN_PAGE,
    "portal:*": NOBODY,
    # A student's own portal: for who has a record, of whom there is none here; tests/students/test_me.py has them
    "me:join": FORM,
    "me:*": NOBODY,
    # Probes, and what signs its messages
    "healthz": READ,
    "readyz": READ,
    "callback": NOBODY,
    "metrics": NOBODY,
    # What describes the API is open; the rest of it is for tokens, which have a table beside the API's tests
    "api:schema": READ,
    "api:docs": READ,
    "api:*": NOBODY,
    # Signing in; the second page of it is open only in its middle, and leads who is in to the office
    "account_login": FORM,
    "account_inactive": READ,
    "account_reset_password": FORM,
    "account_reset_password_done": READ,
    "account_reset_password_from_key": FORM,
    "account_reset_password_from_key_done": READ,
    "mfa_authenticate": OWN_FORM,
    # One's own sign-in; somebody else's key is not found
    "account_logout": OWN_FORM,
    "account_reauthenticate": OWN_FORM,
    "account_set_password": OWN_FORM,
    "account_change_password": OWN_FORM,
    "account_stay": Rule(NOBODY, SIGNED_IN),
    "usersessions_list": Rule(SIGNED_IN, NOBODY),
    "mfa_index": OWN_PAGE,
    "mfa_reauthenticate": OWN_FORM,
    "mfa_reauthenticate_webauthn": OWN_FORM,
    "mfa_activate_totp": OWN_FORM,
    "mfa_deactivate_totp": OWN_FORM,
    "mfa_view_recovery_codes": OWN_PAGE,
    "mfa_generate_recovery_codes": OWN_FORM,
    "mfa_list_webauthn": OWN_PAGE,
    "mfa_add_webauthn": OWN_FORM,
    "mfa_remove_webauthn": NOBODY,
    "mfa_edit_webauthn": NOBODY,
    # The office
    "admin:index": Rule(OFFICE, OFFICE),
    "admin:login": Rule(OFFICE, OFFICE),
    "admin:logout": Rule(NOBODY, OFFICE),
    "admin:password_change": Rule(OFFICE, OFFICE),
    "admin:password_change_done": Rule(OFFICE),
    "admin:jsi18n": Rule(OFFICE),
    "admin:app_list": Rule(ANY_GROUP, ANY_GROUP),
    "admin:autocomplete": NOBODY,
    "admin:view_on_site": NOBODY,
    "admin:dashboard": Rule("autopilot.view_job"),
    "admin:checkpoint_decide": Rule(NOBODY, "group Reviewer"),
    "admin:checkpoint_amend": Rule("autopilot.view_checkpoint", "autopilot.view_checkpoint"),
    "admin:checkpoint_claim": Rule(NOBODY, "group Reviewer"),
    "admin:checkpoint_release": Rule(NOBODY, "autopilot.view_checkpoint"),  # which says that nobody has it
    "admin:checkpoint_assign": Rule(NOBODY, "autopilot.assign_checkpoint"),
    "admin:checkpoint_comment": Rule(NOBODY, "autopilot.decide_checkpoint"),
    "admin:checkpoint_changes": Rule(NOBODY, "autopilot.decide_checkpoint"),
    "admin:checkpoint_picture": NOBODY,  # of a packet that has no document
    "admin:checkpoint_attachment": NOBODY,  # of a packet that has none
    "admin:checkpoint_bulk": Rule(NOBODY, "autopilot.view_checkpoint"),  # which decides each by its own right
    "admin:checkpoint_shortcuts": Rule("autopilot.view_checkpoint", "autopilot.view_checkpoint"),
    "admin:document_file": Rule("autopilot.view_document"),
    "admin:formedition_state": Rule(NOBODY, "autopilot.change_formedition"),
    "admin:formedition_map": Rule(NOBODY, "autopilot.change_formedition"),
    "admin:formedition_approve": Rule(NOBODY, "autopilot.approve_formedition"),
    "admin:formedition_picture": Rule("autopilot.view_formedition"),
    "admin:program_review": Rule(NOBODY, "programs.review_program"),
    "admin:listing_withdraw": Rule(NOBODY, "programs.review_program"),
    "admin:program_export": Rule("programs.view_program"),
    "admin:templateversion_revise": Rule(NOBODY, "autopilot.change_templateversion"),
    "admin:templateversion_approve": Rule(NOBODY, "autopilot.approve_templateversion"),
    "admin:templateversion_picture": Rule("autopilot.view_templateversion"),
    "admin:job_deed": Rule("autopilot.control_job", "autopilot.control_job"),
    "admin:job_deed_all": Rule("autopilot.control_job", "autopilot.control_job"),
    "admin:job_csv": Rule("autopilot.view_job"),
    "admin:job_export": Rule("autopilot.view_job"),
    "admin:job_failures": Rule("autopilot.view_job"),
    "admin:autopilot_job_save_search": Rule(NOBODY, "autopilot.view_job"),
    "admin:autopilot_job_delete_search": NOBODY,  # a search that is not there
    "admin:mou_edit": Rule(NOBODY, "programs.prepare_mou"),
    "admin:mou_send": Rule(NOBODY, "programs.prepare_mou"),
    "admin:mou_terminate": Rule(NOBODY, "programs.prepare_mou"),
    "admin:mou_paper": Rule(NOBODY, "programs.prepare_mou"),
    "admin:mou_sign": Rule(NOBODY, "programs.sign_mou"),
    "admin:mou_confirm": Rule(NOBODY, "programs.sign_mou"),
    "admin:mou_decline": Rule(NOBODY, "programs.sign_mou"),
    "admin:mou_file": NOBODY,  # of an MOU that has none yet
    "admin:mou_picture": NOBODY,
    "admin:submission_receipt": Rule(NOBODY, "autopilot.record_submission"),
    "admin:submission_decision": Rule(NOBODY, "autopilot.record_submission"),
    "admin:webhookendpoint_rotate": Rule("autopilot.change_webhookendpoint", "autopilot.change_webhookendpoint"),
    "admin:webhookendpoint_topics": Rule("autopilot.change_webhookendpoint", "autopilot.change_webhookendpoint"),
    "admin:outboxmessage_mail": Rule(NOBODY, "autopilot.resend_outboxmessage"),
    "admin:billing_report": Rule("programs.view_invoice"),
    "admin:invoice_*": Rule(NOBODY, "programs.manage_invoice"),
    "admin:payoutbatch_approve": Rule(NOBODY, "programs.approve_payoutbatch"),
    "admin:payoutbatch_pay": Rule(NOBODY, "programs.prepare_payoutbatch"),
    "admin:payoutbatch_cancel": Rule(NOBODY, "programs.prepare_payoutbatch"),
    "admin:bankaccount_reveal": Rule(NOBODY, "programs.reveal_bankaccount"),
    "admin:auditentry_export": Rule(NOBODY, "autopilot.view_auditentry"),
    "admin:auth_user_password_change": Rule("auth.change_user", "auth.change_user"),
    "admin:holder_activate": Rule(NOBODY, "programs.control_holder"),
    "admin:holder_export": Rule("programs.view_holder"),
    "admin:requirement_verdict": Rule(NOBODY, "programs.review_requirement"),
    "admin:requirement_file": NOBODY,  # a file that is not there
    "admin:requirement_picture": NOBODY,
    "admin:certificate_file": NOBODY,  # of one that is being made
    "admin:enrollment_move": Rule(NOBODY, "students.control_enrollment"),
    # A page that adds a record asks for the student in its address
    "admin:students_casenote_add": NOBODY,
    "admin:students_individualplan_add": NOBODY,
    "admin:students_supportiveservice_add": NOBODY,
    "admin:casenote_correct": Rule(NOBODY, "students.add_casenote"),
    "admin:individualplan_*": Rule(NOBODY, "students.change_individualplan"),
    "admin:trainingaccount_enter": Rule(NOBODY, "students.manage_trainingaccount"),
    "admin:lead_import": Rule("students.add_lead", "students.add_lead"),
    "admin:lead_*": Rule(NOBODY, "students.add_lead"),
    "admin:enrollment_account": Rule(NOBODY, "students.add_casenote"),
    "admin:enrollment_refund": Rule(NOBODY, "group Administrator"),  # who sees enrollments, and bills
    "admin:agreement_file": Rule("students.view_agreement"),
    "admin:studentpaper_file": Rule("students.view_studentpaper"),
    "admin:studentpaper_*": Rule(NOBODY, "students.review_studentpaper"),
    "admin:servicereceived_withdraw": Rule(NOBODY, "students.record_servicereceived"),
    "admin:determination_facts": Rule("students.assess_determination", "students.assess_determination"),
    "admin:determination_evidence_file": NOBODY,  # a proof that is not there
    "admin:determination_evidence_withdraw": NOBODY,
    "admin:determination_begin": NOBODY,  # of an enrollment that is not there
    "admin:determination_*": Rule(NOBODY, "students.assess_determination"),
    "admin:servicereceived_*": Rule("students.record_servicereceived", "students.record_servicereceived"),
    "admin:student_details": Rule("students.view_studentdetails"),
    "admin:student_details_enter": Rule(NOBODY, "students.change_studentdetails"),
    "admin:student_details_reveal": Rule(NOBODY, "students.reveal_studentdetails"),
    "admin:student_details_join": Rule(NOBODY, "students.change_studentdetails"),
    # Leads to the page of the row, which asks for the right, or back to the list
    "admin:programs_mou_history": Rule(OFFICE, OFFICE),
    "admin:programs_application_history": Rule(OFFICE, OFFICE),
    "admin:programs_holder_history": Rule(OFFICE, OFFICE),
    **{
        f"admin:students_{model}_history": Rule(OFFICE, OFFICE)
        for model in (
            "student",
            "enrollment",
            "attendance",
            "weeklyreport",
            "certificate",
            "milestone",
            "determination",
            "pirlschema",
        )
    },
    # An old form of a row's address, which leads to the new one; and all that is not there
    "admin:admin/*/<path:object_id>/": Rule(OFFICE, OFFICE),
    "admin:admin/(?P<url>.*)$": NOBODY,
}
# What reading writes: recovery codes note that they were shown, a link out of a mail which address it went to, and the
# archive who read a document.
WRITES_WHEN_READ = {
    "admin:students_determination_change",
    "admin:determination_facts",
    "mfa_view_recovery_codes",
    "account_reset_password_from_key",
    "admin:document_file",
    "admin:agreement_file",
    "admin:studentpaper_file",
}

VALUES = {
    "token": "0" * 64,
    "slug": "in",
    "name": "retry",
    "uidb36": "1",
    "key": "abc-def",
    "app_label": "autopilot",
    "number": "1",
    "place": "1",
    "kind": "sample.simple",
    "extension": "csv",
    "url": "no/such/page",
    "content_type_id": "1",
    "mou_id": "0190b1f2-0000-7000-8000-00000000ffff",
    "which": "document",
    "member_id": "0190b1f2-0000-7000-8000-00000000ffff",
    "invitation_id": "0190b1f2-0000-7000-8000-00000000ffff",
    "requirement_id": "0190b1f2-0000-7000-8000-00000000ffff",
    "evidence_id": "0190b1f2-0000-7000-8000-00000000ffff",
    "upload_id": "0190b1f2-0000-7000-8000-00000000ffff",
    "document_id": "0190b1f2-0000-7000-8000-00000000ffff",
    "step": "1",
    "invoice_id": "0190b1f2-0000-7000-8000-00000000ffff",
    "note_id": "0190b1f2-0000-7000-8000-00000000ffff",
    "payout_id": "0190b1f2-0000-7000-8000-00000000ffff",
    "program_id": "0190b1f2-0000-7000-8000-00000000ffff",
    "job_id": "0190b1f2-0000-7000-8000-00000000ffff",
    "enrollment_id": "0190b1f2-0000-7000-8000-00000000ffff",
    "certificate_id": "0190b1f2-0000-7000-8000-00000000ffff",
    "completion_id": "0190b1f2-0000-7000-8000-00000000ffff",
    "batch_id": "0190b1f2-0000-7000-8000-00000000ffff",
    "code": "aaaa-bbbb-cccc-dddd-eeee-ffff-gggg",
    "kid": "none",
    "roster_id": "0190b1f2-0000-7000-8000-00000000ffff",
    "form": "csv",
    "week": "2026-11-15",
    "site_id": "0190b1f2-0000-7000-8000-00000000ffff",
    "cohort_id": "0190b1f2-0000-7000-8000-00000000ffff",
    "session_id": "0190b1f2-0000-7000-8000-00000000ffff",
    "rule_id": "0190b1f2-0000-7000-8000-00000000ffff",
    "closure_id": "0190b1f2-0000-7000-8000-00000000ffff",
    "plan_id": "0190b1f2-0000-7000-8000-00000000ffff",
    "determination_id": "0190b1f2-0000-7000-8000-00000000ffff",
    "paper_id": "0190b1f2-0000-7000-8000-00000000ffff",
    "enquiry_id": "0190b1f2-0000-7000-8000-00000000ffff",
    "listing_id": "0190b1f2-0000-7000-8000-00000000ffff",
}
SENT: dict[str, dict[str, Any]] = {
    "admin:checkpoint_decide": {"version": 1, "verdict": "approve", "comment": ""},
    "admin:submission_receipt": {"number": "R-1"},
    "admin:submission_decision": {"decision": "accepted", "number": "R-1"},
}

# --- How it is asked ------------------------------------------------------------------------------------------------

WRITE = re.compile(r'^\s*(?:INSERT INTO|UPDATE|DELETE FROM) "(\w+)"', re.IGNORECASE)
OF_THE_SESSION = {"django_session", "usersessions_usersession", "axes_accessattempt", "axes_accesslog"}


def rule_of(route: Route) -> Rule | None:
    """Return what the table says about a route; None if it does not know it."""
    found = next((rule for pattern, rule in ROUTES.items() if _fits(route.name, pattern)), None)
    if found is not None:
        return found if isinstance(found, Rule) else Rule()
    model, _, kind = route.name.removeprefix("admin:").rpartition("_")
    page = PAGES.get(model)
    return _page_rules(page).get(kind) if page else None


def _fits(name: str, pattern: str) -> bool:
    return name == pattern or fnmatchcase(name, pattern)


def _page_rules(page: Page) -> dict[str, Rule]:
    return {
        "changelist": Rule(page.view, page.view),
        "change": Rule(page.view, page.change),
        "add": Rule(page.add, page.add),
        "delete": Rule(page.delete, page.delete),
        "history": Rule(page.view, page.view),
        "export": Rule(page.view),
    }


def may_enter(role: str, who: str) -> bool:
    """Tell whether somebody comes in, by a word of the table or a permission."""
    if who in (EVERYBODY, NOBODY):
        return who == EVERYBODY
    if role == "anonymous" or who == SIGNED_IN:
        return role != "anonymous"
    if role == "superuser" or who == SUPERUSER:
        return role == "superuser"
    if who in (OFFICE, ANY_GROUP):
        return role in GROUPS or (who == OFFICE and role == "staff without rights")
    return role in ({who.removeprefix("group ")} if who.startswith("group ") else GRANTED[who])


def entered(answer: Any, method: str) -> bool:
    """Tell whether an answer let its asker in: neither refused, nor led away to sign in, nor told it is not there."""
    if answer.status_code in (301, 302):
        return not answer["Location"].startswith(("/accounts/login/", "/admin/login/"))
    told_methods = method == "OPTIONS" and not getattr(answer, "content", b"x")
    return answer.status_code not in (400, 401, 403, 404, 405) and not told_methods


def _is_led_away(role: str, answer: Any) -> bool:
    """Tell whether somebody is led on who is not let in: a stranger anywhere, an outsider to the office."""
    is_led = answer.status_code in (301, 302)
    return is_led and (role == "anonymous" or (role == "outsider" and answer["Location"] == "/admin/"))


def expected(rule: Rule | None, role: str, method: str) -> bool:
    """Tell whether the table lets a role in by a method."""
    if rule is None:
        return False
    who = {"GET": rule.get, "HEAD": rule.get, "POST": rule.post}.get(method, rule.other)
    return may_enter(role, who)


@pytest.fixture
def world(monkeypatch):
    """A row of every kind, the seven groups, and pages that are not drawn: who comes in is settled before."""
    monkeypatch.setattr(Template, "render", lambda self, context: "")
    monkeypatch.setattr(logging.root.manager, "disable", logging.CRITICAL)
    ensure_groups()
    with registry.registered_for_test():
        packets.register()
        yield _rows()


def _rows() -> dict[str, Any]:
    somebody = User.objects.create_user("somebody", "somebody@provost.example")
    now = clock.now()
    token, _ = create_token(name="A token", user=somebody, scopes=["jobs:read"], by=None)
    school = holder()
    more = [
        *one_of_each_student(),
        *one_of_each_determination(),
        *participation(),
        token,
        submitted(),
        school,
        school.requirements.order_by("pk")[0],
        RequirementType.objects.order_by("pk")[0],
        Mou.objects.create(holder=school, version=1, share=33),
        somebody,
        Group.objects.create(name="Empty"),
        Authenticator.objects.create(user=somebody, type="webauthn", data={"name": "A key"}),
        UserSession.objects.create(user=somebody, ip="192.0.2.1", session_key="x" * 32, last_seen_at=now),
        AccessAttempt.objects.create(username="x", ip_address="192.0.2.1", failures_since_start=1, attempt_time=now),
        AccessLog.objects.create(username="x", ip_address="192.0.2.1", attempt_time=now),
    ]
    more += _money(school, somebody) + _offers(school)
    rows = one_of_each().by_model
    more += _retention(rows["document"], somebody)
    return rows | {str(row._meta.model_name): row for row in more}


def _money(school: Any, somebody: User) -> list[Any]:
    earning, account = earned(school), banked(school)
    batch = PayoutBatch.objects.create(number="PAY-202611-9999", prepared_by=somebody)
    payout = Payout.objects.create(batch=batch, holder=school, bank_account=account, amount=1)
    invoice = sent(school)
    revenue = Revenue.objects.create(
        holder=school, program=school.programs.get(), reference="r", description="x", gross=1, cleared_on=clock.today()
    )
    payment = Payment.objects.create(invoice=invoice, reference="p", amount=1, received_on=clock.today())
    note = CreditNote.objects.create(invoice=invoice, number="CRN-202611-9999", amount=1, reason="x")
    return [earning, account, batch, payout, invoice, invoice.charges.get(), revenue, payment, note]


def _offers(school: Any) -> list[Any]:
    program = school.programs.get()
    enquiry = Enquiry.objects.create(program=program, name="x", email="x@provost.example", form_key=uuid7())
    return [program, cohort(school), enquiry, Listing.objects.create(program=program, state="IN")]


def _retention(document: Any, somebody: User) -> list[Any]:
    today = clock.today()
    return [
        RetentionRule.objects.create(years=3, start="archived", source="A contract", effective_from=today),
        Award.objects.create(number="A-1", begins_on=today, ends_on=today),
        Disposal.objects.create(document=document, reason="x", proposed_by=somebody),
    ]


def _somebody_as(role: str) -> Client:
    client = Client()
    if role == "anonymous":
        return client
    user = User.objects.create_user(f"one {role}", is_staff=role != "outsider", is_superuser=role == "superuser")
    user.set_password("not asked for here")
    user.save()
    user.groups.set(Group.objects.filter(name=role))
    TOTP.activate(user, "A" * 32)
    RecoveryCodes.activate(user)
    client.force_login(user, "allauth.account.auth_backends.AuthenticationBackend")
    return client


def _address(route: Route, rows: dict[str, Any]) -> str:
    named = f"_{route.name.replace(':', '_').replace('/', '_')}_"
    models = sorted((model for model in rows if f"_{model}_" in named), key=len)
    # The keys of the account pages are rows of authenticators.
    row = rows[models[-1]] if models else rows["authenticator"]
    keys = dict.fromkeys(("object_id", "pk", "id"), row.pk)
    of = {"reference": rows["application"].reference, "holder_id": rows["holder"].pk}
    return route.filled(keys | VALUES | of)


def _written(queries: CaptureQueriesContext) -> set[str]:
    tables = {found[1] for query in queries if (found := WRITE.match(query["sql"]))}
    return tables - OF_THE_SESSION


def ask(client: Client, role: str, route: Route, rows: dict[str, Any]) -> list[str]:
    """Ask for a route by every method, and undo it; return what differs from the table."""
    rule, address = rule_of(route), _address(route, rows)
    signed_in, wrong = SimpleCookie(client.cookies), []
    cache.clear()  # so many requests of one caller are too many in earnest
    for method in METHODS:
        reset_queries()  # the log holds 9000 of them, and all routes together ask for more
        with transaction.atomic(), CaptureQueriesContext(connection) as queries:
            data = SENT.get(route.name, {}) if method == "POST" else None
            answer = client.generic(method, address) if data is None else client.post(address, data)
            transaction.set_rollback(True)
        client.cookies = SimpleCookie(signed_in)
        is_in, may = entered(answer, method) and not _is_led_away(role, answer), expected(rule, role, method)
        if is_in != may:
            wrong.append(f"{route.name}: {method} gives {role} {answer.status_code}, expected {'in' if may else 'out'}")
        if answer.status_code >= 500:
            wrong.append(f"{route.name}: {method} breaks for {role}")
        written = _written(queries)
        if written and not (is_in and (method == "POST" or route.name in WRITES_WHEN_READ)):
            wrong.append(f"{route.name}: {method} by {role} writes {sorted(written)}")
    return wrong


# --- The tests ------------------------------------------------------------------------------------------------------


def test_the_table_knows_every_route():
    unknown = [route.name for route in routes() if rule_of(route) is None]

    assert not unknown, f"Say in the table who comes in at: {unknown}"


def test_the_table_names_no_route_that_is_gone():
    names = {route.name for route in routes()}

    assert [pattern for pattern in ROUTES if not any(_fits(name, pattern) for name in names)] == []
    assert [model for model in PAGES if f"admin:{model}_changelist" not in names] == []


def test_the_groups_hold_what_the_table_says():
    ensure_groups()

    held: dict[str, set[str]] = {}
    for group in Group.objects.filter(name__in=GROUPS):
        for permission in group.permissions.select_related("content_type"):
            name = f"{permission.content_type.app_label}.{permission.codename}"
            held.setdefault(name, set()).add(group.name)

    assert held == GRANTED


@pytest.mark.parametrize("role", ROLES)
def test_it_lets_in_whom_the_table_names(world, role):
    client = _somebody_as(role)

    wrong = [fault for route in routes() for fault in ask(client, role, route, world)]

    assert not wrong, "\n".join(wrong)


def test_it_finds_a_route_that_nobody_thought_of():
    planted = Route("admin:autopilot_secret_changelist", "admin/autopilot/secret/", ())

    assert rule_of(planted) is None
    assert rule_of(Route("no_name", "no/name/", ())) is None


def test_it_tells_who_is_in_from_who_is_not():
    assert entered(HttpResponse("x"), "GET")
    assert entered(HttpResponse(status=422), "POST")
    assert not entered(HttpResponse(status=403), "GET")
    assert not entered(HttpResponse(status=302, headers={"Location": "/accounts/login/?next=/"}), "GET")
    assert not entered(HttpResponse(b""), "OPTIONS")
