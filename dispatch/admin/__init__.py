"""Staff pages of the dispatch room."""

from dispatch.admin import outbox, rules  # noqa: F401 - importing registers
