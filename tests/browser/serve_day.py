"""A process that fills a new HAEDAP_HOME with a small center and its people, and becomes ``haedap serve``."""

from __future__ import annotations

import os
import sys

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connections  # noqa: E402

from haedap.kb import roles  # noqa: E402
from haedap.kb.models import User  # noqa: E402
from haedap.kb.publishing import (  # noqa: E402
    ArticleDraft,
    VariantDraft,
    create_article,
    ensure_category,
    ensure_service,
)

PASSWORD = os.environ["HAEDAP_USER_PASSWORD"]

call_command("migrate", verbosity=0)
for name, family, given in (("writer", "박", "하늘"), ("reviewer", "이", "나루"), ("manager", "김", "여울")):
    roles.add_user(name, PASSWORD, role=roles.BY_NAME[name])
    User.objects.filter(username=name).update(last_name=family, first_name=given)
talk, pay = ensure_service("talk", "여울톡"), ensure_service("pay", "여울페이")
ensure_category(talk, "settings", "설정·화면")
ensure_category(pay, "refund", "취소·환불")
for title, body in (
    ("대화 내용을 백업하는 방법", "더보기에서 대화 백업을 누릅니다."),
    ("글자 크기를 바꾸는 방법", "설정에서 화면을 누르고 글자 크기를 고릅니다."),
    ("환불은 언제 되나요?", "영업일 기준 3일 안에 됩니다."),
):
    create_article(ArticleDraft(title, (VariantDraft((), body),), service="talk"), publish=True)
connections.close_all()

os.execv(sys.executable, [sys.executable, "-m", "haedap.cli", "serve", "--port", "0", "--workers", "1"])
