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


# Phrases of help pages themselves, said to the customer and not by one.
_STANDING = re.compile(
    r"조치를 취하(?:십시오|세요)|문제가 해결되지 않(?:나요|으셨나요|았나요)|(?:도움이|해결이) 되(?:었나요|셨나요|지 않았나요)|무엇을 도와드릴까요"
    r"|불편을 드려|궁금(?:하신가요|한 점)|신고(?: ?접수)? ?(?:방법|안내|센터|하기)(?: 안내)?|차단 ?(?:방법|해제 방법)(?: 안내)?|오류 ?(?:해결|코드)"
    r"|사기 ?(?:없는|예방|걱정)|(?:사고|먹튀|차단|실패|사기) ?(?:없는|없이|없음|no|걱정)|피해 ?(?:예방|복구|구제)"
)
# Endings of someone who speaks for themselves. Honorific ones (하신가요, 드려요) speak to a customer.
_END = r"(?=[\s?!.~,…ㅠㅜㅋ^\"'”’)]|$)"
_TOLD = re.compile(
    rf"(?<![시신셨])(?:나요|까요|가요|을까|는지|은지|인지|건지){_END}"
    rf"|(?<!팔)(?<!드)(?:(?<!좋)(?:[어아]요)|해요|돼요|되요|와요|여요|네요|래요|대요|데요|재요|려요|겨요|져요|켜요|워요|봐요|예요|에요|죠|거든요|던데|는데도?|은데|한데|인데|텐데){_END}"
    rf"|(?:었|았|했|됐|왔|졌|겼|났|갔|렸|였|냈|봤|혔|켰)\s?(?:어|음|다|습니다|고요|대요|네요|는데|나|지|던데|더니|다고|다는)"
    rf"|싶(?:어|은|습|다|음)|하려면|으려면|려고|려는데|(?:안|못|안\s|못\s)(?:돼|되|됨|됩|와|옴|오|왔|떠|뜨|뜸|뜹|열|보여|보임|나와|들어|가|받|해|함|합|켜|꺼|눌|찾|맞|먹)(?!\s?때)(?!\s?경우)"
    r"|않(?:아|습|네|음|는데)|어떻게|어떡|어디(?:서|에|로|인)|언제|왜\s|왜$|뭔가요|얼마(?:예|인|나)|뜹니다|나옵니다|옵니다|모르겠|없어요|사라졌|의심"
    r"|(?:풀어|막아|취소해|환불해|변경해|바꿔|삭제해|확인해|알려|도와|돌려|살려|차단해|처리해|찾아|발급해|해제해|고쳐)\s?(?:주|줘|달라)|부탁"
    r"|(?:실패|오류|에러|안됨|안옴)$"
)
_REPORTED = re.compile(
    r"신고|차단|피싱|스팸|사칭|도용|사기|의심|협박|당했|당한|당해|피해|수상|불법\s?(?:광고|사이트|촬영물)(?!\s?(?:판매|공유|거래))"
    r"|이런\s?(?:광고|문자|메시지|글|사람|톡|전화)|광고\s?(?:가|를|글|방에?|문자|메시지|계정[을이은])|유포|라는데|라고\s|이라고|라는\s|다는\s|이\s?번호|번호로|거절|거부"
)
_ASKED_ABROAD = re.compile(
    r"(?<![a-z])(?:can't|cannot|can not|how (?:do|to|can)|did not|didn't|doesn't|not working|failed|fails|forgot|lost|my account|my order"
    r"|my password|report|please help|what should|why|is it safe|scam|refund)(?![a-z])"
    r"|怎么|怎麼|如何|为什么|為什麼|失败|无法|不能|忘记|退款|吗$|吗？|[かの][?？]|ません|忘れ|できない|どう(?:すれば|やって)|как\s|почему|не могу|не работает|забыл"
    r"|ยังไง|อย่างไร|ไม่ได้|ลืม|quên|làm sao|thế nào|tại sao|không (?:thể|được|vào)|bị (?:lỗi|khóa|lừa)"
)
