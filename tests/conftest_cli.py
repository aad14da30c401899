"""The command line as a user meets it: a real process, a home of its own, words only."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

LIMIT = 120.0
"""Seconds after which a command counts as hanging; far more than any needs on a busy machine."""

Run = Callable[..., subprocess.CompletedProcess[str]]


def environment(home: Path, **settings: str) -> dict[str, str]:
    """The environment of a command: nothing of Haedap or Django from outside."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("HAEDAP_", "DJANGO_"))}
    return {**kept, "HAEDAP_HOME": str(home), "HAEDAP_EMBEDDER": "none", "PYTHONUTF8": "1", **settings}


def haedap(
    home: Path, *arguments: object, input: bytes | None = None, **settings: str
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end; output as text, with what is not UTF-8 escaped."""
    done = subprocess.run(
        [sys.executable, "-m", "haedap.cli", *map(str, arguments)],
        env=environment(home, **settings), cwd=home.parent, input=input, capture_output=True, timeout=LIMIT,
    )  # fmt: skip
    out, err = (stream.decode("utf-8", "backslashreplace") for stream in (done.stdout, done.stderr))
    return subprocess.CompletedProcess(done.args, done.returncode, out, err)


def write_jsonl(path: Path, rows: Iterable[dict[str, Any]]) -> Path:
    """A file of one object a line."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


FOOTER = "\n\n위 도움말이 도움이 되었나요?\n별점을 남겨 주시면 서비스 개선에 활용하겠습니다."
TOPICS = (
    "비밀번호를 잊어버렸어요", "환불은 언제 되나요", "알림이 오지 않아요", "계좌를 바꾸고 싶어요", "배송지를 변경하고 싶어요",
    "쿠폰을 쓸 수 없어요", "영수증을 다시 받고 싶어요", "회원에서 탈퇴하고 싶어요", "사진이 올라가지 않아요", "결제가 취소되었어요",
)  # fmt: skip


def records(count: int = 40) -> list[dict[str, Any]]:
    """A scrape as a crawler leaves it: places, tags, dates, and a footer that all share."""
    return [
        {
            "id": str(number),
            "question": f"[안내] {TOPICS[number % len(TOPICS)]} {number}번",
            "answer": f"{TOPICS[number % len(TOPICS)]}라고 물으셨네요. 설정에서 {number}번 메뉴를 누르면 처리됩니다.{FOOTER}",
            "service": ("여울페이", "여울톡")[number % 2],
            "category": ("환불", "계정")[number % 2],
            "platform": ["ios"] if number == 3 else [],
            "updated": "2026-05-01",
        }
        for number in range(count)
    ]


@pytest.fixture(scope="session")
def imported(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A home with :func:`records` imported and indexed, which no test may change; and what the import said."""
    folder = tmp_path_factory.mktemp("cli")
    file = write_jsonl(folder / "shop" / "faq.jsonl", records())
    done = haedap(folder / "home", "import", file)
    assert done.returncode == 0, done.stderr
    return folder / "home", done.stdout


@pytest.fixture(scope="session")
def home(imported: tuple[Path, str]) -> Path:
    """The home of :func:`imported`."""
    return imported[0]
