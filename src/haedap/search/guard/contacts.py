"""Contacts: what an advertisement wants the reader to write to, call or open."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Kind = Literal["messenger", "handle", "phone", "address", "code"]


@dataclass(frozen=True, slots=True)
class Contact:
    """A contact at ``[start, end)`` of the plain text; ``disguised`` when it is written so that filters miss it."""

    kind: Kind
    start: int
    end: int
    disguised: bool = False


def find(plain: str) -> tuple[Contact, ...]:
    """The contacts in ``plain`` (as ``disguise.read`` gives it), in order, none overlapping."""
    found: list[Contact] = []
    for contact in _all(plain):
        if all(contact.end <= other.start or other.end <= contact.start for other in found):
            found.append(contact)
    return tuple(sorted(found, key=lambda contact: contact.start))


def blank(plain: str, contacts: tuple[Contact, ...]) -> str:
    """``plain`` with its contacts as spaces, so that what is left is words."""
    parts, at = [], 0
    for contact in contacts:
        parts += [plain[at : contact.start], " " * (contact.end - contact.start)]
        at = contact.end
    return "".join((*parts, plain[at:]))


def is_office_phone(plain: str) -> bool:
    """Whether ``plain`` has a number of a company or a switchboard (1588-0000, 02-000-0000)."""
    return bool(_OFFICE_PHONE.search(plain))


def _all(plain: str) -> Iterator[Contact]:
    for match in _MESSENGER_ID.finditer(plain):
        if _is_id(match):
            yield Contact("messenger", match.start(), match.end(), bool(_BROKEN_NAME.search(match["name"])))
    for match in _PHONE.finditer(plain):
        yield Contact("phone", match.start(), match.end(), not _PLAIN_PHONE.fullmatch(match.group()))
    for match in _OFFICE_PHONE.finditer(plain):
        yield Contact("phone", match.start(), match.end())
    for match in _ADDRESS.finditer(plain):
        yield Contact("address", match.start(), match.end())
    for match in _BROKEN_ADDRESS.finditer(plain):
        yield Contact("address", match.start(), match.end(), disguised=True)
    for match in _BRAND_ADDRESS.finditer(plain):
        yield Contact("address", match.start(), match.end())
    for match in _HANDLE.finditer(plain):
        yield Contact("handle", match.start(), match.end())
    for match in _CODE.finditer(plain):
        yield Contact("code", match.start(), match.end())


# --- messengers ------------------------------------------------------------------------------------------------------

_J = r"[\W_]{0,2}"
_KOREAN_NAME = (
    rf"[카까캬ㅋk]{_J}(?:[카까]{_J}오{_J})?[톡똑톸ㅌ]톡?|카카오(?:채널)?|톡톡?|똑"
    rf"|[텔탤테]{_J}[레래렛릐]{_J}(?:그{_J}[램렘람])?|(?<![가-힣])텔|(?<![가-힣])라{_J}인"
    rf"|위{_J}챗|웨이신|왓츠(?:앱|업)?|디코|디스코드|시그널|잘로|스카이프|오픈채팅"
)
_LATIN_NAME = (
    r"(?<![a-z])(?:tele(?:gram)?|tg|kakao ?(?:talk)?|ka?talk|katok|talk|line|whats ?app|wechat|wx|vx|qq|zalo|signal"
    r"|discord|skype|viber|sns)(?![a-z])"
)
_ASIAN_NAME = r"微信|威信|薇信|徽信|加微|飞机|飛機|电报|電報|扣扣|テレグラム|ライン|カカオ"
_WORDS_BETWEEN = r"(?:\s?(?:아이디|id|상담|문의|예약|연락|추가|追加|친추|채널|방|코드|초대|방코드|群|号)){0,2}"
_MESSENGER_ID = re.compile(
    rf"(?P<name>{_KOREAN_NAME}|{_LATIN_NAME}|{_ASIAN_NAME}){_WORDS_BETWEEN}(?P<mark>[^0-9a-z가-힣]{{0,6}})"
    r"(?P<id>live:[a-z0-9_]{3,40}|\+?\d[\d \-]{5,18}\d|[a-z0-9][a-z0-9_.\-]{1,40}[a-z0-9])(?![a-z0-9])"
)
_BROKEN_NAME = re.compile(r"[가-힣][\W_]+[가-힣]|^[kㅋ까]")
_POINTER = re.compile(r"[:;=@☞👉➡→⇒▶►【《\[{〖『「≪]")
_TAKES_NUMBERS = re.compile(r"微信|威信|薇信|wx|vx|qq|zalo|whats ?app|扣扣|wechat|위챗")

# A version, a device, a file type, an error code after a messenger's name: "카톡 v10.2", "카톡 E-4032".
_NO_ID = re.compile(
    r"(?:ios|ipados|win(?:dows)?|android|mac(?:os)?|galaxy|iphone|ipad|pc|tv|app|web|note|fold|flip|pro|max|ver|version"
    r"|beta|usb|wifi|lte|http|https|error|code|err|api|sdk|mp|kb|mb|gb|pay|sms|otp|ars|pin|id|url|qr|pdf|jpg|png|gif"
    r"|kakao|talk|line|login|help|friends|premium|[a-z])[-_ ]?\d{0,5}(?:\.\d+){0,3}|\d[\d.]*(?:[a-z]{1,2}|st|th)?"
)


def _is_id(match: re.Match[str]) -> bool:
    """An invented name (letters with digits or an underscore), or any name that a sign points at."""
    name, mark, text = match["name"], match["mark"], match["id"]
    if text.replace(" ", "").replace("-", "").lstrip("+").isdigit():
        return bool(_TAKES_NUMBERS.search(name)) and sum(c.isdigit() for c in text) >= 6
    if _NO_ID.fullmatch(text) or (not mark and name.isascii()):
        return False
    if any(c.isdigit() for c in text) or "_" in text or ":" in text:
        return any(c.isalpha() for c in text)
    return bool(_POINTER.search(mark))


_HANDLE = re.compile(r"(?<![\w.])@[a-z][a-z0-9_]{3,40}(?![\w]*\.[a-z])")

# --- telephones ------------------------------------------------------------------------------------------------------

_ZERO, _ONE, _DIGIT = "[0oㅇ공영]", "[1il일]", "[0-9oilㅇ공영일이삼사오육륙칠팔구]"
_S = r"[^0-9a-z가-힣ㄱ-ㅎ]{0,3}"
_PHONE = re.compile(
    rf"(?:(?:(?<!\d)0|(?<![0-9a-z가-힣])[oㅇ공영])(?P<gap>{_S}){_ONE}(?P=gap)|\+82{_S}0?1)[016-9oㅇ공영]"
    rf"(?:{_S}{_DIGIT}){{7,8}}(?!\d)"
)
_PLAIN_PHONE = re.compile(r"[\d\s.+()\-]+")
_OFFICE_PHONE = re.compile(
    r"(?<![\d\-])(?:0(?:2|[3-6]\d|70|50\d?|80)[)\s.\-~]{1,3}\d{3,4}[\s.\-~]{1,3}\d{4}|1[568]\d\d[\s.\-~]{1,2}\d{4}"
    r"|\+00[\s\-]\d{3}[\s\-]\d{3}[\s\-]\d{4})(?![\d\-])"
)

# --- addresses -------------------------------------------------------------------------------------------------------

# Top-level domains that are no words, so that they count also with a space before them.
_SURE = r"(?:com|net|org|kr|xyz|test|vip|casino|cc|tv|io|biz|cn|jp|ru|vn|icu|bet|top|site|club|gg)"
_ANY = (
    r"(?:com|net|org|co|kr|io|me|top|xyz|site|shop|club|vip|bet|casino|win|live|info|biz|cc|tv|app|link|online|store|fun"
    r"|pro|test|example|cn|jp|ru|vn|th|tk|icu|work|space|website|click|one|life|asia|to|gg|ws|in|us)"
)
_LABEL = r"[a-z0-9][a-z0-9-]{1,40}"
_ADDRESS = re.compile(
    rf"(?<![\w@.])(?:https?://)?(?:[a-z0-9가-힣][a-z0-9가-힣-]{{0,40}}\.){{1,4}}{_ANY}(?![a-z0-9@])(?:/[^\s가-힣]{{0,80}})?"
)
_DOT = r"(?:\s?[(\[{<]\s?(?:점|쩜|닷|dot|\.)\s?[)\]}>]\s?|\s?(?:쩜|dot)\s?|점|[,·ㆍ・․‧●]|\s{1,3}\.\s{0,3}|\.\s{1,3})"
_BROKEN_ADDRESS = re.compile(
    rf"(?<![a-z0-9])(?:www\s?[.,·ㆍ・․‧●\s]\s?{_LABEL}\s?[.,·ㆍ・․‧●]\s?{_ANY}|{_LABEL}{_DOT}(?:컴|콤|넷|{_SURE}))"
    r"(?![a-z0-9가-힣])|쩜\s?(?:컴|콤|넷|케이알)(?![가-힣])|(?<![가-힣])닷\s컴(?![가-힣])"
)
_BRAND_ADDRESS = re.compile(r"[가-힣a-z0-9]{2,20}(?:닷컴|점컴|닷넷)(?![가-힣])")

_CODE = re.compile(
    r"(?:(?:가입|추천|초대|보너스)\s?코드|추천인(?:\s?코드)?|代码)\s?[:=]?\s?(?=[a-z]{0,12}\d)[a-z0-9]{2,20}"
    r"|(?<![a-z])code\s?[:=]?\s?(?=[a-z]{1,12}\d)[a-z0-9]{2,20}"
)
