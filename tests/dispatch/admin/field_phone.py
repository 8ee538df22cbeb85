"""A crew's phone as the tests drive it: what it asks and sends, without a browser."""

import json
import uuid

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from tests.conftest import HERE, make_proof

PAGE, DATA, SEND, PHOTO = (f"admin:field{part}" for part in ("", "_data", "_send", "_photo"))


def data(client, **headers):
    response = client.get(reverse(DATA), **headers)
    assert response.status_code == 200
    return response.json()


def seen(client, report) -> dict:
    """What the page says of a stop: what a phone sends back as version and seen."""
    body = data(client)
    return next(item for item in body["stops"] + body["paused"] if item["id"] == report.pk)


def step(client, user, report, name, *, key=None, stop=None, raw=None, **more):
    stop = stop or seen(client, report)
    body = {
        "key": str(key or uuid.uuid4()),
        "user": user.pk,
        "report": report.pk,
        "step": name,
        "version": stop["version"],
        "seen": stop["seen"],
        "said_at": timezone.now().isoformat(),
        "photos": [],
        "claim": None,
        **more,
        **(raw or {}),
    }
    return client.post(reverse(SEND), json.dumps(body), content_type="application/json")


def photograph(client, key, *, place=HERE, seed=1, **more) -> str:
    """Upload a photo of a repair under a step's key."""
    file = SimpleUploadedFile("sesudah.jpg", make_proof(place, seed=seed, **more), content_type="image/jpeg")
    response = client.post(reverse(PHOTO), {"key": str(key), "photos": file})
    assert response.status_code == 201, response.content
    return response.json()["uuid"]


def problem(response) -> tuple[int, str]:
    assert response.headers["Content-Type"] == "application/problem+json"
    body = response.json()
    assert body["status"] == response.status_code
    assert body["detail"]
    return response.status_code, body["code"]
