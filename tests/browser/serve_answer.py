"""A process that serves a center which searches by meaning and has an answer to quote; prints its port once it does."""

from __future__ import annotations

import sys
from pathlib import Path

import django

django.setup()
sys.path.insert(0, str(Path(__file__).parents[2]))

from django.core.management import call_command  # noqa: E402
from serve_here import serve  # noqa: E402

from haedap.kb import searching  # noqa: E402
from haedap.kb.indexer import Indexer  # noqa: E402
from haedap.kb.publishing import ArticleDraft, VariantDraft, create_article, ensure_service  # noqa: E402
from tests.search.embedders import Characters  # noqa: E402

STEPS = f"""지문을 쓰는 방법을 알려 드립니다.

## 휴대폰에서 켜기

1. 설정을 엽니다. {"지문인증잠금켜는방법" * 8}
2. 지문 인증 잠금을 켭니다.
"""

searching.open_embedder = lambda *_, **__: Characters("characters-1")  # type: ignore[assignment]
call_command("migrate", verbosity=0)
ensure_service("talk", "여울톡", name_en="Yeoul Talk")
for title, text in (("지문 인증으로 잠금을 켜는 방법", STEPS), ("환불은 언제 되나요?", "환불은 3일 안에 됩니다.")):
    create_article(ArticleDraft(title, (VariantDraft(("ios",), text),), service="talk"), publish=True)
with Indexer() as indexer:
    indexer.drain()
    while indexer.embed():
        pass

serve()
