"""No personal data reaches the log."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from haedap.insights.masking import mask


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("010-1234-5678 인증이 안돼요", "[전화번호] 인증이 안돼요"),
        ("+82 10 1234 5678로 보냈어요", "[전화번호]로 보냈어요"),
        ("02)123-4567 전화", "[전화번호] 전화"),
        ("1588-1234 고객센터", "[전화번호] 고객센터"),
        ("hong.gildong@mail.example 로 메일이 안 와요", "[이메일] 로 메일이 안 와요"),
        ("900101-1234567 주민번호", "[주민번호] 주민번호"),
        ("900101-1****** 입력", "[주민번호] 입력"),
        ("카드 1234-5678-9012-3456 등록", "카드 [번호] 등록"),
        ("계좌 110-123-456789 오류", "계좌 [번호] 오류"),
        ("아이디 gildong77 찾기", "아이디 [아이디] 찾기"),
        ("계정: hong_gd 잠김", "계정: [아이디] 잠김"),
        ("@gildong_77 차단", "[아이디] 차단"),
        ("id:gildong77", "id:[아이디]"),
        ("2001-11-10 생일", "[번호] 생일"),
    ],
)
def test_personal_data_is_replaced(text, masked):
    assert mask(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "오류 코드 P-3021",
        "iOS 17.5.1 업데이트",
        "2026년 11월 10일 점검",
        "50만원 한도",
        "아이디 찾기",
        "계정이 잠겼어요",
        "비밀번호 8자리",
        "android 14 알림",
        "1,000,000원 송금",
    ],
)
def test_ordinary_queries_stay(text):
    assert mask(text) == text


gaps = st.sampled_from(["", "-", " ", ".", " - ", "/", "·"])


@given(st.lists(st.tuples(st.sampled_from("0123456789"), gaps), min_size=8, max_size=40), st.text(max_size=20))
def test_no_long_number_survives_however_it_is_written(digits, around):
    masked = mask(around + "가" + "".join(digit + gap for digit, gap in digits))
    assert not re.search(r"\d(?:[\s.\-/·]{0,3}\d){7,}", masked.rpartition("가")[2])


@given(st.from_regex(r"[a-z0-9][a-z0-9._+]{0,20}@[a-z0-9]{1,10}\.(com|co\.kr|example)", fullmatch=True))
def test_no_address_survives(address):
    assert "@" not in mask(f"메일 {address} 인데요")


@given(st.text(max_size=300))
def test_masking_is_total_and_settled(text):
    assert mask(mask(text)) == mask(text)
