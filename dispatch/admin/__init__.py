"""Staff pages: the officers' queue and cases, rules, outbox, people."""

from dispatch.admin import deliveries, escalations, learning, outbox, people, referrals, reports, rules  # noqa: F401 - importing registers
