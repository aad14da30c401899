"""A process that fills a new HAEDAP_HOME with a small center and serves it; prints its port once it answers."""

from __future__ import annotations

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY  # noqa: E402
from django.contrib.sessions.backends.db import SessionStore  # noqa: E402
from django.core.management import call_command  # noqa: E402
from serve_here import STAFF, serve  # noqa: E402

from haedap.kb import roles  # noqa: E402
from haedap.kb.indexer import Indexer  # noqa: E402
from haedap.kb.models import User  # noqa: E402
from haedap.kb.publishing import (  # noqa: E402
    ArticleDraft,
    VariantDraft,
    create_article,
    ensure_category,
    ensure_service,
)

IOS = """톱니바퀴에서 대화 백업을 누릅니다.

> [!WARNING]
> 암호를 잊으면 복원할 수 없습니다.

## 백업 유형

| 구분 | 서버 백업 | 파일 백업 | 기기 간 직접 옮기기 |
| --- | --- | --- | --- |
| 저장 위치 | 여울톡 서버 | 휴대폰 또는 SD 카드 | 새 휴대폰 |

```
아주 긴 줄은 화면을 넓히지 않고 그 안에서 움직입니다. 아주 긴 줄은 화면을 넓히지 않고 그 안에서 움직입니다.
```
"""


def write(title: str, bodies: dict[str, str], service: str, category: str, hits: int = 0) -> None:
    variants = tuple(VariantDraft((platform,) if platform else (), body) for platform, body in bodies.items())
    draft = ArticleDraft(title, variants, service=service, category=category, tags=("백업", "기기 변경"), hits=hits)
    create_article(draft, publish=True)


call_command("migrate", verbosity=0)
talk = ensure_service("talk", "여울톡", name_en="Yeoul Talk", description="친구와 대화하는 메신저")
pay = ensure_service("pay", "여울페이", name_en="Yeoul Pay", description="간편한 지갑")
ensure_category(talk, "backup", "백업·기기 변경", name_en="Backup")
ensure_category(pay, "refund", "취소·환불", name_en="Refunds")
long_link = "https://example.com/" + "very-long-path/" * 12
write(
    "대화 내용을 백업하는 방법",
    {"android": "더보기에서 대화 백업을 누릅니다.", "ios": IOS, "": f"대화 내보내기로 저장합니다. 주소는 {long_link}"},
    "talk",
    "backup",
    hits=50,
)
for number in range(12):
    write(f"대화 백업 오류 T-41{number:02}", {"": "대화 백업을 다시 시도합니다."}, "talk", "backup")
write("환불은 언제 되나요?", {"": "환불은 3일 안에 됩니다."}, "pay", "refund", hits=9)
create_article(
    ArticleDraft(
        "상담원용 대화 백업 지침",
        (VariantDraft((), "상담원은 대화 백업을 대신 하지 않습니다."),),
        service="talk",
        category="backup",
        visibility="staff",
        hits=40,
    ),
    publish=True,
)
with Indexer() as indexer:
    indexer.drain()

writer = User.objects.create_user("writer", is_staff=True)
roles.set_role(writer, roles.BY_NAME["writer"])
signed_in = {
    SESSION_KEY: str(writer.pk),
    BACKEND_SESSION_KEY: settings.AUTHENTICATION_BACKENDS[0],
    HASH_SESSION_KEY: writer.get_session_auth_hash(),
}
session = SessionStore().create_model_instance(signed_in)
session.session_key = STAFF
session.save(force_insert=True)

serve()
