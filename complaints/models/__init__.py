"""What a citizen says and what becomes of it."""

from complaints.models.clients import ApiClient
from complaints.models.counts import CellCount, PlaceFigures
from complaints.models.incident import Merge
from complaints.models.people import Feedback, OneTimeCode, Reporter, Subscription, Supporter
from complaints.models.photo import Photo, PhotoTrace, StagedPhoto, original_path, served_path
from complaints.models.redaction import HiddenWords, PhotoRedaction, kept_path
from complaints.models.report import Report
from complaints.models.timeline import Event
from complaints.models.undo import TakenBack

__all__ = [
    "ApiClient",
    "CellCount",
    "Event",
    "Feedback",
    "HiddenWords",
    "Merge",
    "OneTimeCode",
    "Photo",
    "PhotoRedaction",
    "PhotoTrace",
    "PlaceFigures",
    "Report",
    "Reporter",
    "StagedPhoto",
    "Subscription",
    "Supporter",
    "TakenBack",
    "kept_path",
    "original_path",
    "served_path",
]
