"""Fills the home; run by `make.sh` in `haedap manage shell` of the first version that had a command line."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from haedap.insights.models import SearchLog
from haedap.kb import publishing
from haedap.kb.models import Article, User
from haedap.kb.publishing import ArticleDraft, VariantDraft, current_draft, ensure_category, ensure_service

editor = User.objects.create_user("editor", "editor@example.com", "haedap-0.1-editor", is_staff=True)
User.objects.create_superuser("manager", "manager@example.com", "haedap-0.1-manager")
pay = ensure_service("pay", "여울페이", name_en="Yeoul Pay")
ensure_category(pay, "refund", "취소·환불")
ensure_category(pay, "charge", "충전·계좌", name_en="Charge")


def write(title, *bodies, publish=True, **more):
    draft = ArticleDraft(title=title, variants=tuple(VariantDraft(*body) for body in bodies), **more)
    return publishing.create_article(draft, publish=publish, author=editor, note="first")


refund = write(
    "환불은 언제 되나요?",
    ((), "영업일 기준 3일 안에 환불됩니다.\n\n카드 결제는 카드사에 따라 **최대 7일**이 걸립니다."),
    (("ios", "mac"), "App Store에서 산 것은 애플에 환불을 신청하세요."),
    service="pay", category="refund", extra_categories=("pay/charge",), tags=("환불", "결제"),
    created_at=datetime(2023, 3, 2, tzinfo=UTC), updated_at=datetime(2024, 5, 1, tzinfo=UTC),
)  # fmt: skip
charge = write(
    "충전 계좌 등록", ((), "[더보기 > 계좌]에서 은행과 계좌 번호를 넣습니다."), service="pay", category="charge"
)
draft = current_draft(charge)
publishing.revise_article(
    charge.pk, replace(draft, title="충전 계좌를 바꾸는 방법"), publish=True, author=editor, note="title"
)
newer = replace(
    current_draft(charge), variants=(VariantDraft((), "아직 발행하지 않은 본문: 무지개 은행을 지원합니다."),)
)
publishing.revise_article(charge.pk, newer, author=editor, note="not shown yet")
write("준비 중인 안내", ((), "초안에만 있는 낱말 꿀렁딜."), publish=False)
staff = write(
    "직원용 환불 승인 절차", ((), "승인 번호 7741을 적고 관리자에게 올립니다."), service="pay", visibility="staff"
)
old = write(
    "종료된 포인트 서비스", ((), "포인트 서비스는 끝났습니다. 낱말: 두루미포인트."), service="pay", category="refund"
)
publishing.archive(old.pk)
gone = write("지워진 도움말", ((), "이 글은 남아 있지 않습니다."))
publishing.delete_article(gone.pk)
publishing.add_hits({refund.pk: 321, charge.pk: 12})
for number, query in enumerate(["환불", "충전 계좌", "없는말"]):
    SearchLog.objects.create(
        query=query, total=2 - number, source="web", created_at=datetime.now(UTC) - timedelta(days=number)
    )
print(Article.objects.count(), "articles")
