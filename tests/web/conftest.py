"""A small published center, and pages that remember nothing of another test."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from haedap.kb import publishing
from haedap.kb.indexer import Indexer
from haedap.kb.models import Article
from haedap.kb.publishing import ArticleDraft, VariantDraft, ensure_category, ensure_service
from haedap.search.cache import LruCache
from haedap.web.views import article, search

PERSON = "Mozilla/5.0 (Linux; Android 15; SM-S931N) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Safari/604.1"


def index() -> None:
    """Bring the index to the state of the database."""
    with Indexer() as indexer:
        indexer.drain()


@pytest.fixture(autouse=True)
def fresh_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "_kept", LruCache(400))
    monkeypatch.setattr(article, "_related", LruCache(400))


@pytest.fixture
def write(db) -> Callable[..., Article]:
    """Publish an article: a title, bodies by platform ("" is 공통), and what else a draft takes."""

    def make(title: str, bodies: dict[str, str] | str = "본문입니다.", **fields) -> Article:
        bodies = {"": bodies} if isinstance(bodies, str) else bodies
        variants = tuple(VariantDraft(tuple(filter(None, key.split(","))), body) for key, body in bodies.items())
        return publishing.create_article(ArticleDraft(title=title, variants=variants, **fields), publish=True)

    return make


@pytest.fixture
def center(write) -> dict[str, Article]:
    """Two services, articles with and without bodies by platform, one without a service; indexed."""
    talk = ensure_service("talk", "여울톡", name_en="Yeoul Talk", description="메신저")
    pay = ensure_service("pay", "여울페이", name_en="Yeoul Pay", description="지갑")
    ensure_category(talk, "backup", "백업·기기 변경", name_en="Backup")
    ensure_category(talk, "chat", "채팅", name_en="Chats")
    ensure_category(pay, "refund", "취소·환불", name_en="Refunds")
    made = {
        "backup": write(
            "대화 내용을 백업하는 방법",
            {
                "android,android-onestore": "## 서버 백업\n\n1. 더보기에서 대화 백업을 누릅니다.\n2. 암호를 정합니다.",
                "ios": "아이폰에서는 톱니바퀴에서 대화 백업을 누릅니다.",
                "": "PC에서는 대화 내보내기로 저장합니다.",
            },
            service="talk",
            category="backup",
            tags=("백업",),
            hits=50,
            updated_at=datetime(2026, 10, 27, 20, 0, tzinfo=UTC),
        ),
        "restore": write("대화 백업을 복원하고 싶어요", "백업한 대화를 복원합니다.", service="talk", category="backup"),
        "chat": write("채팅방을 나가는 방법", "채팅방에서 나가기를 누릅니다.", service="talk", category="chat"),
        "refund": write("환불은 언제 되나요?", "환불은 3일 안에 됩니다.", service="pay", category="refund", hits=90),
        "loose": write("환불 규정 <안내>", "환불 규정의 전체 내용입니다."),
    }
    index()
    return made
