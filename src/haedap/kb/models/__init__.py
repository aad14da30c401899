"""The truth of the center. Only :mod:`haedap.kb.publishing` changes articles; a search index is derived from this."""

from haedap.kb.models.articles import Article, OldSlug, Revision, Translation, Variant, VariantPlatform
from haedap.kb.models.curation import PinnedResult, RestrictedTerm
from haedap.kb.models.notices import ServiceNotice
from haedap.kb.models.structure import LegacyLink, OldPlace, OldPlatform, RemovedRecord, SourcePlace, Tombstone
from haedap.kb.models.sync import ImportRecord, Outbox
from haedap.kb.models.taxonomy import Category, Platform, Service
from haedap.kb.models.uploads import Upload
from haedap.kb.models.users import User
from haedap.kb.models.words import Synonym, UserWord, WordsStamp
from haedap.kb.models.work import EditSession, Job

__all__ = [
    "Article",
    "Category",
    "EditSession",
    "ImportRecord",
    "Job",
    "LegacyLink",
    "OldPlace",
    "OldPlatform",
    "OldSlug",
    "Outbox",
    "PinnedResult",
    "Platform",
    "RemovedRecord",
    "RestrictedTerm",
    "Revision",
    "Service",
    "ServiceNotice",
    "SourcePlace",
    "Synonym",
    "Tombstone",
    "Translation",
    "Upload",
    "User",
    "UserWord",
    "Variant",
    "VariantPlatform",
    "WordsStamp",
]
