"""Answers that carry a secret, and the way back to a report's page."""

from django.shortcuts import redirect

from complaints import links
from complaints.web import access

# Where the page says what was done: browsers go there and focus it, so that it is seen and read out.
SAID = "pesan"


def private(response):
    """Pages whose address or content carries a secret: nobody keeps them, no other site hears of them.

    `same-origin` and not `no-referrer`: the latter makes browsers send `Origin: null` with our own forms,
    which the CSRF check must refuse.
    """
    response["Referrer-Policy"] = "same-origin"
    response["Cache-Control"] = "private, no-store"
    response["X-Robots-Tag"] = "noindex"
    return response


def back(found: access.Access, anchor: str):
    path = links.public_path(found.report)
    query = f"?kunci={found.secret}" if found.secret else ""
    return redirect(f"{path}{query}#{anchor}")
