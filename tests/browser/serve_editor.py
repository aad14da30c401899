"""A process that fills a new HAEDAP_HOME with a small center and two editors, and serves it; prints its port."""

from __future__ import annotations

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from serve_here import serve  # noqa: E402

from haedap.kb.models import User  # noqa: E402
from haedap.kb.publishing import (  # noqa: E402
    ArticleDraft,
    VariantDraft,
    create_article,
    ensure_category,
    ensure_service,
)

call_command("migrate", verbosity=0)
User.objects.create_superuser("manager", password="pw", last_name="김", first_name="여울")
User.objects.create_superuser("writer", password="pw", last_name="박", first_name="하늘")
talk, pay = ensure_service("talk", "여울톡"), ensure_service("pay", "여울페이")
ensure_category(talk, "backup", "백업·기기 변경")
ensure_category(pay, "refund", "취소·환불")
BACKUP = "더보기에서 **대화 백업**을 누릅니다.\n\n## 백업 유형\n\n1. 설정을 엽니다.\n2. 백업을 누릅니다."
for title in ("대화 내용을 백업하는 방법", "두 사람이 고치는 도움말", "지우지 않는 글", "남이 먼저 고친 글"):
    bodies = (VariantDraft((), BACKUP), VariantDraft(("ios",), BACKUP.replace("더보기", "톱니바퀴")))
    create_article(ArticleDraft(title, bodies, service="talk", category="backup"), publish=True)
create_article(
    ArticleDraft("환불은 언제 되나요?", (VariantDraft((), "3일 안에 됩니다."),), service="pay"), publish=True
)

serve()
