"""The truth of the center. Only :mod:`haedap.kb.publishing` changes articles; a search index is derived from this."""

from haedap.kb.models.articles import Article, OldSlug, Revision, Variant, VariantPlatform
from haedap.kb.models.sync import ImportRecord, Outbox
from haedap.kb.models.taxonomy import Category, Platform, Service
from haedap.kb.models.users import User
from haedap.kb.models.words import Synonym, UserWord, WordsStamp

__all__ = [
    "Article",
    "Category",
    "ImportRecord",
    "OldSlug",
    "Outbox",
    "Platform",
    "Revision",
    "Service",
    "Synonym",
    "User",
    "UserWord",
    "Variant",
    "VariantPlatform",
    "WordsStamp",
]
