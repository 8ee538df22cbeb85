"""Celery: queues, schedule and a transport that comes back by itself.

A message is only a nudge: what is to be done stands in the database's outbox (docs/adr/0002-outbox.md).
So messages may be lost or doubled without harm, results are not kept, and nothing here is durable.
"""

import os
import warnings

from celery import Celery
from celery.exceptions import CPendingDeprecationWarning
from celery.schedules import crontab
from celery.signals import worker_process_init, worker_ready
from kombu import Queue

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lapor.settings")

from django.conf import settings

QUEUES = ("routing", "media", "notify")  # of the outbox
INSIGHTS = "insights"  # long sums that nobody waits for
SWEEP_EVERY_S = 5.0
MINUTE_S = 60.0
HOUR_S = 3600.0

app = Celery("lapor")
app.conf.update(
    broker_url=settings.BROKER_URL,
    # A dead worker's message comes back after 15 s, which is longer than any call runs (see BUDGET_S).
    broker_transport_options={
        "visibility_timeout": 15,
        "unacked_restore_interval": 5,
        "unacked_restore_throttle": 1,
        "socket_keepalive": True,
        "socket_connect_timeout": 5,
        "health_check_interval": 25,
        **settings.BROKER_TRANSPORT_OPTIONS,
    }
    if settings.BROKER_URL.startswith("redis")
    else settings.BROKER_TRANSPORT_OPTIONS,
    # The worker waits for its broker for ever, at the start and later.
    broker_connection_retry=True,
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    worker_cancel_long_running_tasks_on_connection_loss=False,
    # Queues
    task_queues=[Queue(name) for name in (*QUEUES, INSIGHTS)],
    task_default_queue="routing",
    worker_prefetch_multiplier=1,
    # Tasks
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    task_ignore_result=True,
    result_backend=None,
    task_publish_retry=False,
    task_time_limit=300,
    # Plain data only
    task_serializer="json",
    accept_content=["json"],
    timezone=settings.TIME_ZONE,
    enable_utc=True,
    worker_hijack_root_logger=False,
    worker_send_task_events=False,
    # A sweep that could not start before the next one is due is not needed any more.
    beat_schedule={
        **{
            f"sweep-{name}": {
                "task": "dispatch.drain",
                "schedule": SWEEP_EVERY_S,
                "args": [name],
                "options": {"queue": name, "expires": SWEEP_EVERY_S},
            }
            for name in (*QUEUES, INSIGHTS)
        },
        "exports": {
            "task": "dispatch.make_exports",
            "schedule": SWEEP_EVERY_S,
            "options": {"queue": INSIGHTS, "expires": SWEEP_EVERY_S},
        },
        "close-silent": {
            "task": "dispatch.close_silent",
            "schedule": HOUR_S,
            "options": {"queue": "notify", "expires": HOUR_S},
        },
        "escalate": {
            "task": "dispatch.escalate",
            "schedule": MINUTE_S,
            "options": {"queue": "notify", "expires": MINUTE_S},
        },
        "ask-owners": {
            "task": "dispatch.ask_owners",
            "schedule": MINUTE_S,
            "options": {"queue": "notify", "expires": MINUTE_S},
        },
        "digests": {
            "task": "dispatch.digests",
            "schedule": 10 * MINUTE_S,
            "options": {"queue": "notify", "expires": 10 * MINUTE_S},
        },
        "forget": {
            "task": "dispatch.forget",
            "schedule": HOUR_S,
            "options": {"queue": "notify", "expires": HOUR_S},
        },
        "follow-calendars": {
            "task": "dispatch.follow_calendars",
            "schedule": 10 * MINUTE_S,
            "options": {"queue": INSIGHTS, "expires": 10 * MINUTE_S},
        },
        "count-places": {
            "task": "dispatch.count_places",
            "schedule": 15 * MINUTE_S,
            "options": {"queue": INSIGHTS, "expires": 15 * MINUTE_S},
        },
        "count-offices": {
            "task": "dispatch.count_offices",
            "schedule": HOUR_S,
            "options": {"queue": INSIGHTS, "expires": HOUR_S},
        },
        "learn": {
            "task": "dispatch.learn",
            "schedule": crontab(hour=2, minute=30),
            "options": {"queue": INSIGHTS, "expires": HOUR_S},
        },
        "prune": {
            "task": "dispatch.prune",
            "schedule": HOUR_S,
            "options": {"queue": "media", "expires": HOUR_S},  # whoever has the photos' folder
        },
    },
)
app.autodiscover_tasks(["dispatch"])


@worker_ready.connect
def _be_quiet(**kwargs) -> None:
    """Running work is meant to go on while the broker is away; Celery announces another default for its
    version 6 each time. Its worker turns these warnings on when it starts, hence not earlier."""
    warnings.filterwarnings("ignore", category=CPendingDeprecationWarning)


@worker_process_init.connect
def _read_the_city(**kwargs) -> None:
    """Build the city's snapshot before the first report needs it."""
    import logging

    from city import snapshot

    try:
        snapshot.current()
    except Exception:  # an empty database must not keep a worker from starting
        logging.getLogger(__name__).warning("the city could not be read yet", exc_info=True)
