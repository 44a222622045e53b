"""What the staff's pages, the commands and later the API tell of jobs, checkpoints and submissions: read only."""

from autopilot.reports.attachments import attachments_of
from autopilot.reports.clusters import clusters
from autopilot.reports.deeds import find_deeds
from autopilot.reports.inbox import TABS, WAITING, Tab, Told, inbox, neighbors, tell
from autopilot.reports.jobs import active_counts, waiting_for
from autopilot.reports.moments import Moment
from autopilot.reports.reviews import Outcome, outcome_of, pending_reviews, review_history, wish_for_changes
from autopilot.reports.submissions import document_of, submissions_of
from autopilot.reports.timeline import job_history
from autopilot.reports.workers import worker_figures

__all__ = [
    "TABS",
    "WAITING",
    "Moment",
    "Outcome",
    "Tab",
    "Told",
    "active_counts",
    "attachments_of",
    "clusters",
    "document_of",
    "find_deeds",
    "inbox",
    "job_history",
    "neighbors",
    "outcome_of",
    "pending_reviews",
    "review_history",
    "submissions_of",
    "tell",
    "waiting_for",
    "wish_for_changes",
    "worker_figures",
]
