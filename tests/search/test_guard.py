"""The guard by example: each rule with an advertisement it catches and the honest twin it must let through."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from haedap.search.guard import LIMIT, inspect
from haedap.search.guard.disguise import read
from haedap.search.guard.vocabulary import vocabulary

DATA = Path(__file__).parents[1] / "data"


def lines(name: str) -> list[str]:
    return [line for line in (DATA / name).read_text(encoding="utf-8").splitlines() if line.strip()]


# rule, an advertisement that it helps to catch, an honest text with the same words
TWINS = [
    ("messenger-id", "무직자대출 급전 카톡 loan0000", "카톡 loan0000 이라는 사람이 급전 대출을 권해요 신고"),
    ("messenger-id", "출장안마 텔레 @fake_00 후불", "텔레그램 @help_center 라는 계정이 공식인가요"),
    ("messenger-id", "대출 贷款 微信loan000000", "微信支付失败怎么办"),
    ("phone-number", "당일대출 신용불량자 가능 010-0000-0010 24시간 상담", "010-1234-5678 번호로 피싱 문자가 왔어요"),
    ("phone-number", "포장이사 견적 무료 전국 최저가 1577-0000", "1577-0000 이 번호 대표번호 맞나요"),
    ("web-address", "스포츠중계 무료중계 tvfake.test", "example.com 도메인 연결"),
    ("sign-up-code", "온라인카지노 첫충 보너스 가입코드 fake77", "추천인 코드 abc123 입력이 안 돼요"),
    ("disguised-contact", "강남출장 공일공-0000-0000 후불", "공일공 번호 아니면 인증 안 되나요"),
    ("disguised-contact", "꽁머니 지급 카지노 fake88쩜컴", "도메인 끝이 점 컴퓨터로 자동 수정돼요"),
    ("framed-contact", "【톡:AB12】24시간 지금 바로 예약", "【공지】 서비스 점검 시간 언제까지인가요"),
    ("ornaments", "★출장샵★ 010-0000-1234 후불제", "닉네임 ★별이★ 로 바꾸고 싶은데 특수문자가 안 돼요"),
    ("advertised-goods", "신분증 제작 면허증 위조 텔레 id_fake00", "위조 신분증 판매 글 신고"),
    ("promises", "비트코인 정보방 무료 입장 보장 coinfake.test", "무료 체험 끝나고 자동 결제됐어요"),
    ("offer-with-contact", "명품 레플리카 사이트 카톡상담 test_bag", "명품 레플리카 파는 상점 신고 카톡 E-4032"),
    ("nothing-but-an-offer", "밈코인 선점 단톡 입장 텔레 meme_fake88", "텔레그램 봇 연동 토큰 abc_123"),
    ("nothing-but-an-offer", "호텔 방문 테라피 톡 spa0099 환불 안내", "카톡 spa0099 계정 차단 환불"),
    ("word-stuffing", "출장샵추천 출장안마 출장마사지 출장업소 출장콜걸", "출장마사지 광고가 톡으로 와요 막아주세요"),
    ("word-stuffing", "토토사이트 먹튀검증 안전놀이터 메이저놀이터 추천", "토토 광고 문자 안 오게 해주세요"),
    ("foreign-advertising", "купить диплом с занесением в реестр", "как вернуть деньги"),
    ("foreign-advertising", "スーパーコピー ブランド 時計 N級品", "パスワードを忘れました"),
    ("foreign-advertising", "vay tiền nhanh không thế chấp", "quên mật khẩu"),
    ("foreign-advertising", "网上博彩 彩票平台 首存送100%", "如何修改密码"),
]


@pytest.mark.parametrize(("rule", "advertisement", "honest"), TWINS, ids=[f"{t[0]}-{i}" for i, t in enumerate(TWINS)])
def test_a_rule_tells_an_advertisement_from_its_honest_twin(rule: str, advertisement: str, honest: str) -> None:
    verdict = inspect(advertisement)
    assert verdict.notice == "spam", verdict
    assert rule in verdict.reasons
    assert verdict.score >= LIMIT
    assert inspect(honest).notice is None, inspect(honest)


@pytest.mark.parametrize(
    ("disguised", "meant"),
    [
        ("ⓞ①ⓞ-⓪⓪⓪⓪", "o1o-0000"),
        ("０１０－１２３４", "010-1234"),
        ("카 지 노 솔 루 션 a b 0 0", "카지노솔루션 ab00"),
        ("(톡)(a)(b)(0)(0)", "(톡 ab00)"),
        ("ㅌㅔㄹㄹㅔ", "텔레"),
        ("텔ㄹㅔ그램", "텔레그램"),
        ("ㅂㅏㅋㅏㄹㅏ", "바카라"),
        ("🅺🅰🅺🅰🅾 𝐓𝐀𝐋𝐊", "kakao talk"),
        ("카\u200b톡", "카톡"),
        ("ㅋㅋㅋ ㅠㅠ 안돼ㅐㅐ", "ㅋㅋㅋ ㅠㅠ 안돼ㅐㅐ"),
    ],
)
def test_reading_through_disguise(disguised: str, meant: str) -> None:
    assert read(disguised) == meant


@pytest.mark.parametrize(
    "tail",
    [
        "지금 조치를 취하십시오",
        "고객센터 문의",
        "환불 안내",
        "결제 취소 방법",
        "배송 조회",
        "이용 방법 안내",
        "자주 묻는 질문",
        "문제가 해결되지 않나요",
        "신고 접수 방법",
        "로그인이 안 될 때",
    ],
)
def test_an_everyday_phrase_at_the_end_rescues_no_advertisement(tail: str) -> None:
    assert inspect(f"강남출장안마【톡:fake00】전지역 24시 {tail}").notice == "spam"
    assert inspect(f"작업대출 급전 텔레 loan_fake0 당일 지급 {tail}").notice == "spam"
    assert inspect(tail).notice is None


@pytest.mark.parametrize(
    "text",
    ["", " ", "카지노", "대출", "성인 인증", "대출 승인은 언제", "도박 사이트 광고 신고", "불법촬영물 신고", "비아그라"]
    + ["카지노 사기 당했어요", "오피스텔 주소 오류", "온라인 abc123", "PC 카톡 v10.2 오류 E-4032", "카톡 iOS17 알림"]
    + ["정산 조회 기간 2021.04.01 ~ 2021.04.30", "'출장안마 24시 010-0000-0000' 이런 문자가 계속 와요 신고"],
)
def test_words_alone_are_not_spam(text: str) -> None:
    assert inspect(text).notice is None, inspect(text)


@pytest.mark.parametrize("name", ["guard-legit.txt", "guard-off-topic.txt", "guard-legit-held-out.txt"])
def test_no_honest_text_is_flagged(name: str) -> None:
    assert [line for line in lines(name) if inspect(line).notice] == []


@pytest.mark.parametrize(("name", "share"), [("guard-spam.txt", 0.98), ("guard-spam-held-out.txt", 0.9)])
def test_nearly_all_spam_is_flagged(name: str, share: float) -> None:
    texts = lines(name)
    missed = [text for text in texts if not inspect(text).notice]
    assert len(missed) <= (1 - share) * len(texts), missed


def test_reasons_stand_strongest_first_and_explain_the_score() -> None:
    verdict = inspect("★출장샵★ 010-0000-1234 후불제")
    assert verdict.reasons[0] in {"advertised-goods", "ornaments", "phone-number"}
    assert "describes-a-need" not in verdict.reasons


def test_every_family_has_words_and_none_is_empty() -> None:
    families = {word.family for word in vocabulary().words.values()}
    assert {"escort", "gambling", "loan", "documents", "promise", "ordinary"} <= families
    assert "" not in families
    assert all(letters and " " not in letters for letters in vocabulary().words)


PIECES = [
    "카톡",
    "텔",
    "출장",
    "안마",
    "0",
    "010",
    "a",
    "b1",
    "쩜",
    "컴",
    ".",
    " ",
    "-",
    ":",
    "@",
    "★",
    "【",
    "】",
    "ㅋ",
    "ㅏ",
    "어요",
]


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.text(max_size=200), st.lists(st.sampled_from(PIECES), max_size=100).map("".join)))
def test_any_text_gets_a_verdict(text: str) -> None:
    verdict = inspect(text)
    assert (verdict.notice == "spam") == (verdict.score >= LIMIT)
    assert inspect(text) == verdict


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=3).map("".join))
def test_repetition_does_not_make_a_pattern_explode(piece: str) -> None:
    """A pattern that backtracks exponentially would never come back from this."""
    inspect((piece * 5000)[:5000])


@given(st.characters())
def test_lone_surrogates_and_any_character_are_read(char: str) -> None:
    inspect(char + "\ud800" + char)
