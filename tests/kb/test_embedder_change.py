"""A center that changes the adapter of its embedder, with the real models."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from haedap.kb import publishing
from haedap.kb.indexer import Indexer
from haedap.kb.searching import Center, SearchParams

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
TITLES = ("환불은 언제 되나요?", "정산 지급일 안내", "비밀번호를 재설정하는 방법", "알림이 울리지 않습니다")


def cosines(center: Center) -> dict[str, float]:
    found = center.explain(SearchParams("비번 까먹어서 못 들어가요"))
    assert found["mode"] == "hybrid" and found["results"]
    return {result["id"]: result["signals"]["cosine"] for result in found["results"]}


def test_the_old_adapter_answers_until_the_new_one_has_all_vectors(
    draft, settings, tmp_path: Path, model_home: Path
) -> None:
    model_home.mkdir(exist_ok=True)
    (tmp_path / "models").symlink_to(model_home)
    settings.HAEDAP_HOME, settings.HAEDAP_INDEX = tmp_path, tmp_path / "index"
    settings.HAEDAP_EMBEDDER, settings.HAEDAP_EMBEDDER_ADAPTER = "e5", "none"
    for title in TITLES:
        publishing.create_article(replace(draft, title=title), publish=True)
    first = Center()
    with Indexer(*first.preload(), settings.HAEDAP_INDEX) as indexer:
        indexer.drain()
        while indexer.embed():
            pass
    before = cosines(first)

    settings.HAEDAP_EMBEDDER_ADAPTER = "shipped"
    second = Center()
    with Indexer(*second.preload(), settings.HAEDAP_INDEX) as indexer:
        assert cosines(second) == before
        while indexer.embed(1):
            assert cosines(second) == before
        after = cosines(second)
    assert after != before
    assert cosines(Center()) == after
