"""Bare nouns around a contact: an advertisement lists, a person who needs help writes a sentence or names a matter."""

from __future__ import annotations

import re

from haedap.search.guard.contacts import Contact

_WORD = re.compile(r"[^\W_]+")
_IN_SENTENCE = re.compile(
    r".(?:[을를]|이랑|에서|에게|한테|으로|까지|부터|처럼|해서|하고|인데|라는|(?<![드팝삽십])니다|습니까)$"
)
_PARTICLE = re.compile(r"\s?(?:[을를이가은는에의]|에서|으?로|한테|에게|라고|라는|이라[고는]|번으로)(?![가-힣])")

# What help centers are asked about.
_MATTERS = re.compile(
    r"로그인|인증|변경|오류|에러|설정|등록|해지|해제|탈퇴|삭제|정지|연동|연결|비밀번호|비번|아이디|친구|업데이트|버전|설치|알림"
    r"|환불|취소|교환|반품|배송|주문|송장|운송장|계좌|예금주|영수증|계산서|메일|명의|닉네임|프로필|고객센터|도움말|공지|약관|번호"
    r"|서류|복구|도메인|홈페이지|가게|백업|동기화"
    r"|密码|登录|支付|退|パスワード|ログイン|password|log ?in|account|order|refund|invoice|пароль|mật khẩu"
)


def only_nouns(plain: str, rest: str, contacts: tuple[Contact, ...]) -> bool:
    """Whether ``contacts`` stand beside nouns that are no matter for a help center.

    ``rest`` is ``plain`` with the contacts blanked. False without contacts, and where a particle ties one into a
    sentence ("010-0000-0000 으로"). What follows the last contact is left aside when two words stand before it:
    there spammers put the innocent phrase.
    """
    if not contacts or any(_PARTICLE.match(plain, contact.end) for contact in contacts):
        return False
    before = rest[: contacts[-1].start]
    words = _WORD.findall(before if count(before) >= 2 else rest)
    return not any(_IN_SENTENCE.search(word) for word in words) and not _MATTERS.search(" ".join(words))


def count(rest: str) -> int:
    """The number of words in ``rest``."""
    return len(_WORD.findall(rest))
