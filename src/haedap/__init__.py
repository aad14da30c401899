"""Haedap (해답): a help center whose search understands Korean."""

__version__ = "0.1.0"
