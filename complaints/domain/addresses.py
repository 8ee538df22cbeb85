"""Whose share of a limit a network address uses up: the rule is the city's, staff's sign-in shares it."""

from city.domain.network import household

__all__ = ["household"]
