"""A small center."""

from __future__ import annotations

import pytest

from haedap.kb.publishing import ArticleDraft, VariantDraft, ensure_category, ensure_service


@pytest.fixture
def pay(db):
    """The service ``pay`` with the categories ``refund`` and ``charge``."""
    service = ensure_service("pay", "여울페이", name_en="Yeoul Pay")
    ensure_category(service, "refund", "취소·환불")
    ensure_category(service, "charge", "충전·계좌")
    return service


@pytest.fixture
def draft(pay) -> ArticleDraft:
    """An article for all devices, with a body of its own for iOS and Mac."""
    return ArticleDraft(
        title="환불은 언제 되나요?",
        variants=(
            VariantDraft((), "영업일 기준 3일 안에 환불됩니다."),
            VariantDraft(("ios", "mac"), "App Store에서 산 것은 애플에 환불을 신청하세요."),
        ),
        service="pay",
        category="refund",
        tags=("환불",),
    )
