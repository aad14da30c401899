"""A process that changes the words of a center, once: ``synonym EXPRESSION TARGETS``, ``word WORD`` or
``fill ARTICLES`` (JSON)."""

from __future__ import annotations

import json
import sys

import django

django.setup()

from haedap.kb import words  # noqa: E402
from haedap.kb.indexer import Indexer  # noqa: E402
from haedap.kb.models import Synonym, UserWord  # noqa: E402
from haedap.kb.publishing import ArticleDraft, VariantDraft, bulk_create  # noqa: E402

match sys.argv[1:]:
    case ["synonym", expression, targets]:
        words.save_synonym(Synonym(expression=expression, targets=targets))
    case ["word", word]:
        words.save_user_word(UserWord(word=word))
    case ["fill", articles]:
        bulk_create([ArticleDraft(title, (VariantDraft((), body),)) for title, body in json.loads(articles)])
with Indexer() as indexer:
    indexer.drain()
