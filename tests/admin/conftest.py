"""A small center, and the people who work in it."""

from conftest_kb import draft, pay
from conftest_people import manager, reader, reviewer, writer

__all__ = ["draft", "manager", "pay", "reader", "reviewer", "writer"]
