"""When two articles say the same, in one center or in two: what a round trip through an export has to keep."""

from __future__ import annotations

from typing import Any

from haedap.importing.articles import record_of_article
from haedap.importing.canonical import object_of
from haedap.importing.records import Record
from haedap.kb.models import Article


def content_of(article: Article) -> dict[str, Any]:
    """The content of an article; two articles say the same exactly if their contents are equal.

    It is: title and titles of translations; status and visibility; slugs and names of service and category; paths of
    further categories, in any order; tags and questions in their order; dates of writing and of the last change;
    review-by day; views; and every body with its platforms, language and format, character by character. Its number,
    its revisions and their authors, schedules and requests for review are not part of it. A published article counts
    as it is published, any other as it was written last.
    """
    content = object_of(record_of_article(article))
    del content["id"]
    return content


def says_the_same(source: Record, here: Record) -> bool:
    """True if writing ``source`` could change nothing of the article ``here``, both whole articles.

    Names of places are not compared, since an import leaves them alone, and views only if the source has more.
    """
    return _compared(source) == _compared(here) and (source.hits or 0) <= (here.hits or 0)


def _compared(record: Record) -> dict[str, Any]:
    content = object_of(record)
    content["variants"].sort(key=lambda variant: (variant["language"], variant["platforms"]))
    left_out = ("id", "service_name", "category_name", "hits")
    return {name: value for name, value in content.items() if name not in left_out}
