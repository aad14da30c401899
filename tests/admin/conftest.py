"""A small center."""

from conftest_kb import draft, pay

__all__ = ["draft", "pay"]
