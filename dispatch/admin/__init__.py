"""Staff pages: the officers' queue and cases, rules, outbox, people."""

from dispatch.admin import escalations, learning, outbox, people, referrals, reports, rules, second_look  # noqa: F401 - importing registers
