"""A described need: what a person who asks or reports writes and an advertisement does not."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Need:
    """``told``: someone tells what happened or asks; ``reported``: someone names it as unwanted."""

    told: bool
    reported: bool

    def __bool__(self) -> bool:
        return self.told or self.reported


def find(plain: str) -> Need:
    """The need described in ``plain``. Standing phrases of help centers do not count: spammers append them."""
    own = _STANDING.sub(" ", plain)
    return Need(bool(_TOLD.search(own) or _ASKED_ABROAD.search(own)), bool(_REPORTED.search(own)))


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns))


# Said to a customer and not by one: phrases of help pages, and what an advertisement says it is free of.
_STANDING = _any(
    r"조치를 취하(?:십시오|세요)|불편을 드려|궁금(?:하신가요|한 점)|무엇을 도와드릴까요",
    r"문제가 해결되지 않(?:나요|으셨나요|았나요)|(?:도움이|해결이) 되(?:었나요|셨나요|지 않았나요)",
    r"신고(?: ?접수)? ?(?:방법|안내|센터|하기)(?: 안내)?|차단 ?(?:방법|해제 방법)(?: 안내)?|오류 ?(?:해결|코드)",
    r"(?:사기|사고|먹튀|차단|실패) ?(?:없는|없이|없음|no|걱정|예방)|피해 ?(?:예방|복구|구제)",
)

_END = r"(?=[\s?!.~,…ㅠㅜㅋ^\"'”’)]|$)"
_CANNOT = r"(?:돼|되|됨|됩|와|옴|오|왔|떠|뜨|뜸|뜹|열|보여|보임|나와|들어|가|받|해|함|합|켜|꺼|눌|찾|맞|먹)"
_TOLD = _any(
    # Questions; with an honorific (하신가요, 찾으시나요) it is the seller who asks.
    rf"(?<![시신셨])(?:나요|까요|가요|을까|는지|은지|인지|건지){_END}",
    r"어떻게|어떡|어디(?:서|에|로|인)|언제|왜\s|왜$|얼마(?:예|인|나)|하려면|으려면|려고|려는데",
    # Endings of talk; 드려요 and 팔아요 are a seller's, 좋아요 is the name of a button.
    rf"(?<![좋팔])[어아]요{_END}|(?<!드)려요{_END}",
    rf"(?:해|돼|되|와|여|네|래|대|데|재|겨|져|켜|워|봐|예|에|거든)요{_END}|죠{_END}",
    rf"(?:던데|는데도?|은데|한데|인데|텐데){_END}",
    # The past.
    r"[었았했됐왔졌겼났갔렸였냈봤혔켰]\s?(?:[어음다나지]|습니다|고요|대요|네요|는데|던데|더니|다고|다는)",
    # Wishes and what does not work; "안 될 때" is a title and not a complaint.
    rf"싶[어은습다음]|[안못]\s?{_CANNOT}|않(?:[아습네음]|는데)|모르겠|없어요|사라졌|[뜹옵]니다",
    r"(?:풀어|막아|취소해|환불해|변경해|바꿔|삭제해|확인해|알려|도와|돌려|살려|차단해|처리해|찾아|발급해|해제해|고쳐)\s?(?:주|줘|달라)|부탁",
    r"(?:실패|오류|에러|안됨|안옴)$",
)
_REPORTED = _any(
    r"신고|차단|피싱|스팸|사칭|도용|사기|의심|협박|당했|당한|당해|피해|수상|유포|거절|거부",
    r"불법\s?(?:광고|사이트|촬영물)(?!\s?(?:판매|공유|거래))",
    r"이런\s?(?:광고|문자|메시지|글|사람|톡|전화)|광고\s?(?:가|를|글|방에?|문자|메시지|계정[을이은])",
    r"라는데|라고\s|이라고|라는\s|다는\s|이\s?번호|번호로",
)
_ASKED_ABROAD = _any(
    r"(?<![a-z])(?:can't|cannot|can not|how (?:do|to|can)|did not|didn't|doesn't|not working)(?![a-z])",
    r"(?<![a-z])(?:failed|fails|forgot|lost)(?![a-z])",
    r"(?<![a-z])(?:my (?:account|order|password)|report|please help|what should|why|is it safe|scam|refund)(?![a-z])",
    r"怎么|怎麼|如何|为什么|為什麼|失败|无法|不能|忘记|退款|吗$|吗\?",
    r"[かの]\?|ません|忘れ|できない|どう(?:すれば|やって)",
    r"как\s|почему|не могу|не работает|забыл",
    r"ยังไง|อย่างไร|ไม่ได้|ลืม",
    r"quên|làm sao|thế nào|tại sao|không (?:thể|được|vào)|bị (?:lỗi|khóa|lừa)",
)
