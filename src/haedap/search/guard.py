"""The guard: explainable rules that recognize search spam by its form.

A search page that answers advertisements becomes a billboard on a trusted domain. The guard judges *form* (a messenger
id in decorated brackets, an obfuscated domain, promises in a row), never content: loan or gambling words alone stand in
real help articles and real reports, and whether anything answers them is for the gate.

Each rule that applies adds its points; a text of :data:`LIMIT` points is spam. The reasons say which rules applied.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

from haedap.search.text import fold
from haedap.search.types import Notice

LIMIT = 2.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """``notice`` is "spam" or None; ``reasons`` are the names of the rules that applied, strongest first."""

    notice: Notice | None
    score: float = 0.0
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """A named rule: ``points`` gives 0 where it does not apply."""

    name: str
    points: Callable[[Form], float]


@dataclass(frozen=True, slots=True)
class Form:
    """A text seen as form: ``folded`` (case and width folded), ``tight`` (without spaces and joining marks)."""

    text: str
    folded: str
    tight: str


def inspect(text: str) -> Verdict:
    """Judge the form of ``text`` (any string). Never raises."""
    folded = fold(unicodedata.normalize("NFC", text))
    form = Form(text, folded, _JOINTS.sub("", folded))
    scored = sorted(((rule.points(form), rule.name) for rule in RULES), reverse=True)
    score = sum(points for points, _ in scored)
    reasons = tuple(name for points, name in scored if points > 0)
    return Verdict("spam" if score >= LIMIT else None, score, reasons)


_JOINTS = re.compile(r"[\s.,·ㆍ・_\-~*^/|!?'\"“”‘’()\[\]{}<>【】《》「」『』〔〕♥♡★☆●○◆◇■□▶◀▷◁→←↑↓♠♣♦✔✅🔥💯\ufe0f\u20e3]+")

_MESSENGER = (
    r"(?:카카오\s?톡|카카오|까까오톡|카\s?[톡똑]|ㅋㅌ|[톡똑]|텔레\s?그램|텔\s?레|텔|라인|위챗|웨이신|왓츠앱|왓츠|디코|시그널"
    r"|微信|威信|薇信|vx|wx|qq群?|飞机|电报|飛機|t[ea]l[ea]gram|tele|kakao(?:\s?talk)?|katalk|katok|talk|line|whats?app|wechat|zalo|signal|discord|sns)"
)
_ASK = r"(?:\s?(?:아이디|id|상담|문의|문의주세요|예약|연락|추가|친추|채널|주소|방|코드))?"
_ID = r"[a-z][a-z0-9]*(?:[_.-]?[a-z0-9]+)*"
_MARKED_ID = re.compile(rf"{_MESSENGER}{_ASK}\s*[:：;=@➡→▶]+\s*@?(?P<id>[a-z0-9][a-z0-9_.-]{{2,}})")
_AT_ID = re.compile(r"(?<![\w.])@[a-z][a-z0-9_]{3,}(?![\w.]*\.[a-z])")
_SPACED_ID = re.compile(rf"{_MESSENGER}{_ASK}\s+(?P<id>{_ID})(?![a-z0-9])")
_JOINED_ID = re.compile(rf"(?:카톡|톡|텔레|텔레그램|라인|위챗|微信)(?P<id>[a-z]{{1,8}}[_-]?\d{{2,}})(?![a-z0-9])")
_PLAIN = re.compile(
    r"(?:ios|ipados|win(?:dows)?|android|mac(?:os)?|galaxy|iphone|ipad|pc|tv|app|web|note|s|z|fold|flip|se|pro|max|v|ver|version"
    r"|beta|usb|wifi|lte|5g|http|https|error|code|err|api|sdk|mp|h|kb|mb|gb|pay|sms|otp|ars|pin|id|url|qr|pdf|jpg|png|gif|e|p|k|n|a|b|c)"
    r"[-_ ]?\d*(?:\.\d+)*"
)

_PHONE = re.compile(
    r"(?:☎|☏|📞|📱)?\s?(?:\+?82[\s.\-]?)?(?:0|o|공|영){1}(?:1|l|일)[\W_]?(?:0|o|공|영|1|6|7|8|9)(?:[\W_]{0,3}[0-9oㅇ공일이삼사오육칠팔구영]){7,8}"
)
_LINE_NUMBER = re.compile(r"(?<!\d)0(?:2|[3-6]\d|70|50\d?|80)[)\s.\-~*]{1,3}\d{3,4}[\s.\-~*]{1,3}\d{4}(?!\d)")

_TLD = (
    r"(?:com|net|org|co|kr|io|me|top|xyz|site|shop|club|vip|bet|casino|win|live|info|biz|cc|tv|app|link|online|store|fun|pro"
    r"|test|example|cn|jp|ru|vn|th|tk|icu|work|space|website|click|one|life|asia|to|gg|ws|in|us)"
)
_DOMAIN = re.compile(rf"(?<![\w@.])(?:https?://)?(?:[a-z0-9가-힣-]+\.)+{_TLD}(?![a-z0-9])")
_BROKEN_DOMAIN = re.compile(
    rf"(?:www|[a-z0-9-]{{2,}})\s?[,，。․‧ㆍ·・●\s]\s?[a-z0-9-]{{2,}}\s?[,，。․‧ㆍ·・●]\s?{_TLD}(?![a-z0-9])"
    rf"|[a-z0-9][a-z0-9-]{{2,}}\s+\.\s*{_TLD}(?![a-z0-9])"
    rf"|[a-z0-9][a-z0-9-]{{2,}}\s*\.\s+{_TLD}(?![a-z0-9])"
    rf"|[a-z0-9-]{{2,}}\s?(?:\(?(?:점|쩜|닷|dot)\)?|\[(?:점|쩜|닷|dot|\.)\]|\((?:\.)\)|[,，。․‧●])\s?(?:컴|콤|넷|닷컴|{_TLD})(?![a-z0-9가-힣])"
    r"|(?:쩜|점|닷)\s?(?:컴|콤|넷|케이알)"
)

_ORNAMENT = re.compile(
    r"[★☆♥♡❤❥♠♤♣♧♦♢●○◎◆◇■□▲△▶◀▷◁►◄✅✔☑🔥💯💎💰💋🎰🎲🃏⚽🏆🚀☎☏📞📲▣◈▩※→←⇒⇐➡⬅✦✧✨⭐🌟👉👈🔞🆔🔴🔵⚡❗‼Ⅹ♂♀∞]"
)
_BRACKETS = re.compile(r"[【】《》〔〕〖〗❰❱⟦⟧『』｛｝〘〙◤◥◢◣]")
_LOOSE_BRACES = re.compile(r"\{[^{}]*[a-z0-9][^{}]*\}")
_BRACKETED = re.compile(r"[\[【《〔〖『「({（［｛<〈](?P<inside>[^\]】》〕〗』」)}）］｝>〉]{3,40})[\]】》〕〗』」)}）］｝>〉]")

# Families of goods that are advertised this way. One alone says nothing: each stands in real articles and reports.
_TRADES: dict[str, str] = {
    "escort": r"출장\s?(?:안마|마사지|샵|아가씨|서비스|가능|업소|홈)|홈케어|홈타이|스웨디시|오피(?:추천|사이트|스타)?(?![가-힣])|역오피|건마|안마방|룸살롱|풀싸롱|하이퍼블릭|셔츠룸|키스방|유흥|밤문화|콜걸|와꾸|업소|여대생|조건\s?만남|애인대행|만남\s?(?:어플|사이트|주선)|섹파|원나잇|escort|massage",
    "gambling": r"카지노|바카라|토토|사설|먹튀|안전\s?놀이터|놀이터\s?추천|메이저\s?(?:사이트|추천|놀이터|순위)|파워볼|슬롯|룰렛|블랙잭|홀덤|포커|홀짝|사다리\s?(?:게임|픽)|픽스터|픽\s?공유|베팅|배팅|배당|첫충|매충|꽁머니|총판|가입\s?코드|롤링|환전|경마|릴게임|바다이야기|casino|baccarat|slots?\b|jackpot|betting|sportsbook|poker|gacor|togel|judi|казино|ставки|คาสิโน|บาคาร่า|สล็อต|เว็บพนัน|แทงบอล|cá cược|nhà cái|cờ bạc|カジノ|博彩|赌场|赌博|真人|百家乐|百家樂|棋牌|下注|彩金|彩票|私彩|老虎机|投注|娱乐城|送彩|体育|体彩|时时彩|六合彩|开户|返水",
    "loan": r"(?:당일|무직자|신용\s?불량|비대면|급전|일수|월변|개인|소액|작업|연체자|주부|대학생|무서류|무방문)\s?(?:대출|급전|일수)?\s?(?:100%|승인|가능|당일)|작업\s?대출|급전|일수\s?대출|사채|내구제|폰테크|현금화|소액\s?결제\s?(?:현금|대행|정책)|신용카드\s?현금|상품권\s?매입|깡\b|무직자|신용불량자?|quick loan|payday",
    "drugs": r"비아그라|시알리스|레비트라|팔팔정|정력제|발기|최음제|물뽕|흥분제|낙태약|미프진|다이어트약|수면제\s?(?:판매|구매)|졸피뎀|떨\s?(?:팝니다|판매)|아이스\s?(?:팝니다|판매)|대마|필로폰|스테로이드\s?(?:판매|구매)|viagra|cialis|xanax|steroids?|pills?\b|pharmacy",
    "documents": r"서류\s?위조|위조|졸업증명서\s?(?:제작|위조)|(?:신분증|면허증|여권|통장|학위|증명서|자격증|성적표)\s?(?:제작|위조|판매|대여|매매|삽니다|팝니다)|대포\s?(?:통장|폰|차)|유심\s?(?:매입|판매)|fake (?:id|passport|diploma|documents?)",
    "accounts": r"(?:팔로워|좋아요|구독자|조회수|리뷰|트래픽|유튜브|인스타|블로그|상위\s?노출|방문자|댓글|평점)\s?(?:구매|늘리기|판매|작업|대행|업체|조작|관리)|(?:아이디|계정|비번|db|디비)\s?(?:판매|매입|팝니다|삽니다|대여|매매|거래)|아이디\s?생성|인증\s?대행|상위\s?노출|백링크|backlinks?|seo\b|followers|likes|流量|推广|排名|收录|引流|粉丝|刷单|代刷|накрутка|продвижение",
    "hacking": r"해킹\s?(?:의뢰|대행|해드|가능|업체|전문|상담)|해커\s?(?:의뢰|고용|구함|상담)|(?:대화|카톡|문자|위치|통화)\s?(?:내역|내용)?\s?(?:복구|조회|추적|도청|감시)\s?(?:의뢰|업체|대행|전문|조회)|흥신소|심부름\s?센터|디도스|ddos|hacker|hack service|도청|위치\s?추적\s?(?:의뢰|업체|어플)",
    "streaming": r"(?:무료|실시간|고화질)\s?(?:다시보기|중계|야동|영화|드라마|웹툰|스트리밍|시청|보기)|스포츠\s?중계|다시보기|링크\s?모음|주소\s?모음|최신\s?주소|토렌트|야동|야설|성인\s?(?:방송|영상|사이트|웹툰|용품)|벗방|누누|19금|몰카|촬영물\s?(?:판매|공유|거래)|watch free|free movies|porn|xxx|torrent|私服|传奇|外挂",
    "replica": r"레플리카|레플|미러급|짝퉁|이미테이션|정품급|1:1\s?(?:미러|제작|명품)|sa급|명품\s?(?:시계|가방|지갑|신발)?\s?(?:레플|이미|사이트|쇼핑몰|직구)|replica|knockoff|cheap|고仿|高仿",
    "crypto": r"리딩\s?방|리딩|종목\s?추천|급등주|무료\s?(?:입장|체험|추천|리딩|픽)|수익률|고수익|원금\s?보장|재택\s?(?:알바|부업)|부업|투자\s?(?:방|정보|문의|권유|리딩)|코인\s?(?:리딩|픽|추천|시그널|선물)|선물\s?(?:대여|거래소|계좌)|해외\s?선물|crypto|bitcoin|forex|invest(?:ment)?\b|earn money|make money|заработок",
    "medical": r"(?:성형|임플란트|라식|탈모|지방흡입|필러|보톡스)\s?(?:이벤트|할인|최저가|추천|잘하는|저렴)",
    "moving": r"(?:이삿짐|포장이사|용달|인테리어|청소업체|누수|하수구|열쇠|중고차|렌트카|장기렌트|폐차|분양|아파트\s?분양|홀덤펍|꽃배달|간판|철거)\s?(?:견적|업체|추천|최저가|전문|무료|할인|출장|24시|문의|매입|잔여|특별|분양|모델)|모델하우스|잔여\s?세대|특별\s?분양",
}
_TRADE_RULES = {name: re.compile(pattern) for name, pattern in _TRADES.items()}

# What an advertisement promises and asks for.
_PROMISES = re.compile(
    r"24시간?|연중무휴|당일|즉시|즉석|바로\s?(?:예약|입금|연락|가능|상담)|지금\s?(?:바로|접속|예약|연락|가입|신청)|1?00%|9\d%|최저가|최고|정품|비밀\s?(?:보장|포장|유지|상담)|익명\s?보장"
    r"|후불(?:제)?|선불|보장|전국|전\s?지역|수도권|\d+분\s?(?:도착|이내|내|안)|신용\s?믿음|믿음|안전(?:한)?\s?(?:최고|거래|보장|업체)?|1위|정식|업체|전문|추천|순위|총집합|모음|무료\s?(?:배송|상담|체험|입장|견적)"
    r"|이벤트\s?중|특가|할인|혜택|보너스|환영|모집|(?:문의|상담|연락|예약|입장|가입)\s?(?:주세요|환영|가능|하세요|바랍니다|주십시오|받습니다)|예약\s?문의|상담\s?후|가격\s?문의"
    r"|링크|코드|주소|접속하세요|연락하세요|들어오세요|팝니다|삽니다|판매합니다|판매|구매|매입|모십니다|해드립니다|drop|buy|sale|discount|free shipping|worldwide|best price|order now"
    r"|click|join now|bonus|sign ?up|register|欢迎|咨询|注册|送|首存|充值|官网|登录|平台|скидка|бонус|купить|заказать|регистрация|สมัคร|ฟรี|เครดิต|โบนัส|đăng ký|khuyến mãi|uy tín|登録|無料|ボーナス"
)

# A person with a problem says so; an advertisement does not.
_NEED = re.compile(
    r"(?:안|못)\s?(?:돼|되|됨|됩|됐|되네|와요|옴|와서|왔|떠|뜨|뜹|열|보여|나와|나오|들어|가요|받|해|하|했|켜|꺼|눌|찾)|(?:이|가|을|를|은|는)\s?(?:안|못)\s|않(?:아|습|는|네|았)"
    r"|(?:나요|까요|ㄹ까|인가요|은가요|는가요|건가요|는데요|었어요|았어요|했어요|됐어요|왔어요|됩니까|습니까|는지|을까|될까|할까|하려면|려고|려는데|싶어|싶은|싶습|어떡|어떻게|당했|신고|차단|도용|피해|사기|오류|에러|실패|왜|취소|환불|해지|탈퇴|복구가|막아|스팸)(?:$|[\s?!.~요])"
    r"|신고|차단|피싱|사칭|도용|사기|당했|당한|의심|수상한|이상한|오류|실패|안전한가|맞나요|인증번호|error|cannot|can't|how (?:do|to|can)|failed|not working|refund|invoice|request|해제|설정|등록|변경"
)
_HAN = re.compile(r"[\u3400-\u9fff]")
_HANGUL = re.compile(r"[가-힣]")
_FOREIGN = re.compile(r"[\u0400-\u04ff\u0e00-\u0e7f\u3040-\u30ff\u0600-\u06ff]")


def _trades(form: Form) -> set[str]:
    return {name for name, rule in _TRADE_RULES.items() if rule.search(form.folded) or rule.search(form.tight)}


def _promises(form: Form) -> int:
    return len({match.group() for match in _PROMISES.finditer(form.folded)})


def _is_id(text: str) -> bool:
    """An invented name: letters with digits or an underscore, not a device, a version or an error code."""
    if _PLAIN.fullmatch(text) or len(text) < 4:
        return False
    return any(c.isdigit() for c in text) or "_" in text


def _messenger_id(form: Form) -> float:
    """A messenger's name followed by an id to write to."""
    for match in _MARKED_ID.finditer(form.folded):
        if not _PLAIN.fullmatch(match["id"]):
            return 2.0
    for pattern in (_SPACED_ID, _JOINED_ID):
        if any(_is_id(match["id"]) for match in pattern.finditer(form.folded)):
            return 1.5
    return 1.0 if _AT_ID.search(form.folded) else 0.0


def _bracketed_contact(form: Form) -> float:
    """A contact set off in decorated brackets."""
    for match in _BRACKETED.finditer(form.folded):
        inside = match["inside"]
        if _MARKED_ID.search(inside) or _SPACED_ID.search(inside) or _PHONE.search(inside) or _DOMAIN.search(inside):
            return 1.0
    return 0.0


def _phone(form: Form) -> float:
    """A telephone number to call, also spelled or decorated."""
    return 1.0 if _PHONE.search(form.folded) or _LINE_NUMBER.search(form.folded) else 0.0


def _domain(form: Form) -> float:
    """A web address; one written so that filters miss it weighs more."""
    if _BROKEN_DOMAIN.search(form.folded):
        return 1.5
    return 1.0 if _DOMAIN.search(form.folded) else 0.0


def _ornaments(form: Form) -> float:
    """Symbols and brackets for show."""
    brackets = len(_BRACKETS.findall(form.text)) + len(_LOOSE_BRACES.findall(form.folded))
    count = len(_ORNAMENT.findall(form.text)) + brackets
    return min(1.0, 0.5 * count) if count else 0.0


def _trade(form: Form) -> float:
    """Goods that are advertised this way; more with promises around them."""
    families = _trades(form)
    if not families:
        return 0.0
    return min(1.5, 0.5 + 0.25 * (len(families) - 1) + 0.25 * min(3, _promises(form)))


def _advertised_address(form: Form) -> float:
    """An address together with goods that are advertised this way."""
    return 0.5 if _domain(form) and _trades(form) else 0.0


def _sales_talk(form: Form) -> float:
    """Several promises in a row."""
    count = _promises(form)
    return 0.25 * min(4, count - 1) if count > 1 else 0.0


def _foreign_advertising(form: Form) -> float:
    """A string in a script that no Korean customer uses, about goods that are advertised this way."""
    foreign = len(_HAN.findall(form.text)) + len(_FOREIGN.findall(form.text))
    if foreign < 4 or foreign <= len(_HANGUL.findall(form.text)):
        return 0.0
    return 1.0 if _trades(form) or _promises(form) else 0.25


def _need(form: Form) -> float:
    """Someone describes a problem or asks: what an advertisement does not do."""
    return -1.0 if _NEED.search(form.folded) else 0.0


RULES: tuple[Rule, ...] = (
    Rule("messenger-id", _messenger_id),
    Rule("bracketed-contact", _bracketed_contact),
    Rule("phone-number", _phone),
    Rule("web-address", _domain),
    Rule("ornaments", _ornaments),
    Rule("advertised-goods", _trade),
    Rule("advertised-address", _advertised_address),
    Rule("sales-talk", _sales_talk),
    Rule("foreign-advertising", _foreign_advertising),
    Rule("describes-a-need", _need),
)
