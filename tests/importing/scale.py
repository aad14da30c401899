"""Many generated records, the same in every run: Korean help articles of an invented company, with their places.

One record in forty has a copy for another platform, so that merging has something to do; one in nine carries the foot
of a scraped page.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

PLACES = {
    "여울계정": ["가입·탈퇴", "로그인", "비밀번호", "2단계 인증"],
    "여울페이": ["충전·계좌", "결제", "취소·환불", "카드", "영수증"],
    "여울톡": ["채팅·메시지", "친구", "알림", "백업·복원", "이모티콘"],
    "여울스토어": ["주문", "배송", "교환·반품", "상품 등록", "정산"],
    "여울지도": ["길찾기", "즐겨찾기", "장소 제보"],
    "여울드라이브": ["올리기", "공유", "용량", "동기화"],
}
THINGS = [
    "알림 소리",
    "결제 비밀번호",
    "배송지",
    "프로필 사진",
    "대화 내용",
    "정기 결제",
    "쿠폰",
    "적립금",
    "현금영수증",
    "가족 계정",
    "자동 로그인",
    "인증서",
    "공동 구매",
    "선물 상자",
    "판매자 정보",
    "즐겨찾기 목록",
    "휴지통",
    "공유 링크",
    "화면 테마",
    "글자 크기",
    "청구서",
    "보안 알림",
]
ACTS = [
    "바꾸다",
    "지우다",
    "옮기다",
    "되돌리다",
    "숨기다",
    "내보내다",
    "확인하다",
    "새로 등록하다",
    "연결하다",
    "해제하다",
]
STEMS = {act: act[:-1] for act in ACTS}
ENDS = (
    "{thing} {stem}는 방법", "{thing} {stem}기가 안 돼요", "{thing}: {stem}려면 무엇이 필요한가요?",
    "{place}에서 {thing} {stem}고 싶어요", "{thing} {stem}다가 오류 {number}번이 나와요", "[{place}] {thing} {stem}는 순서",
)  # fmt: skip
SENTENCES = (
    "[더보기 > 설정 > {place}]에서 {thing} 메뉴를 누릅니다.",
    "하루에 {number}번까지 {thing} {stem}기를 할 수 있습니다.",
    "바꾼 내용은 최대 {number}분 뒤에 모든 기기에 나타납니다.",
    "오류 코드 E-{code}가 보이면 앱을 최신 버전으로 올린 다음 다시 해 보세요.",
    "이미 처리된 건은 {service} 고객센터의 1:1 문의로만 되돌릴 수 있습니다.",
    "만 {number}세 미만이면 보호자의 동의가 필요합니다.",
    "와이파이가 아닌 곳에서는 데이터 요금이 나올 수 있습니다.",
    "{place} 화면 오른쪽 위의 점 세 개를 누르면 {thing} 기록을 볼 수 있습니다.",
    "같은 이름이 {number}개 넘게 있으면 먼저 만든 것부터 보여 줍니다.",
    "처리에는 영업일 기준 {number}일이 걸리며, 끝나면 알림을 보냅니다.",
)
FOOT = "\n\n이 글이 도움이 됐나요?\n예\n아니요"
PLATFORMS = ("iOS", "안드로이드", "Windows", "Mac")


def records(count: int, seed: int = 20240611) -> Iterator[dict[str, Any]]:
    """``count`` records in the generic JSON-lines format; ids are distinct."""
    chance = random.Random(seed)
    number = 0
    while number < count:
        made = _record(chance, number)
        copied = number % 40 == 39 and number + 1 < count
        yield {**made, "platform": "안드로이드"} if copied else made
        number += 1
        if copied:
            yield {**made, "id": f"q{number}", "platform": "iOS", "answer": f"iPhone에서 하는 법.\n{made['answer']}"}
            number += 1


def write_records(path: Path, count: int) -> Path:
    """Write them to a file, one object a line."""
    with path.open("w", encoding="utf-8") as file:
        for record in records(count):
            file.write(json.dumps(record, ensure_ascii=False) + "\n")
    return path


def _record(chance: random.Random, number: int) -> dict[str, Any]:
    service = chance.choice(list(PLACES))
    act = chance.choice(ACTS)
    words = {
        "service": service, "place": chance.choice(PLACES[service]), "thing": chance.choice(THINGS), "stem": STEMS[act],
    }  # fmt: skip
    steps = [_filled(chance, sentence, words) for sentence in chance.choices(SENTENCES, k=chance.randint(6, 30))]
    body = "\n".join(f"{step}" if chance.random() < 0.7 else f"{step}\n" for step in steps)
    made = {
        "id": f"q{number}",
        "question": f"{_filled(chance, chance.choice(ENDS), words)} ({number})",
        "answer": body + (FOOT if number % 9 == 0 else ""),
        "service": service,
        "category": words["place"],
        "tags": chance.sample(THINGS, 2),
        "updated": f"20{chance.randint(20, 25)}-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}",
        "hits": int(chance.paretovariate(0.8)) % 100_000,
    }
    if chance.random() < 0.15:
        made["platform"] = chance.choice(PLATFORMS)
    return made


def _filled(chance: random.Random, text: str, words: dict[str, str]) -> str:
    return text.format(number=chance.randint(2, 60), code=chance.randint(1000, 9999), **words)
