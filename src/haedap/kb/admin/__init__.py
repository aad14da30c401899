"""The knowledge base in Django's admin. Every change of an article goes through :mod:`haedap.kb.publishing`."""

from haedap.kb.admin import articles, places, words

__all__ = ["articles", "places", "words"]
