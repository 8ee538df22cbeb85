"""Staff pages: the officers' queue and cases, rules, outbox, owners, people."""

from dispatch.admin import (  # noqa: F401 - importing registers
    crews,
    deliveries,
    escalations,
    learning,
    message_texts,
    outbox,
    owners,
    people,
    referrals,
    replies,
    reports,
    rules,
    second_look,
    webhooks,
)
