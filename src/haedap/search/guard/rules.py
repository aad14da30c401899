"""The rules: each names one trait of advertisements and says how many points a text has for it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from haedap.search.guard import bare, contacts, disguise, need
from haedap.search.guard.contacts import Contact
from haedap.search.guard.need import Need
from haedap.search.guard.vocabulary import ORDINARY, PROMISE, Found, squeeze, vocabulary


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was found in a text: ``plain`` is its reading, ``rest`` that without contacts.

    ``share`` is the part of the letters of ``rest`` that are words of the list, in [0, 1].
    """

    text: str
    plain: str
    rest: str
    contacts: tuple[Contact, ...]
    trade: tuple[Found, ...]
    promises: frozenset[str]
    share: float
    need: Need

    def has(self, *kinds: str) -> bool:
        """Whether there is a contact of one of ``kinds``."""
        return any(contact.kind in kinds for contact in self.contacts)


@dataclass(frozen=True, slots=True)
class Rule:
    """A named rule: ``points`` gives 0 where it does not apply."""

    name: str
    points: Callable[[Evidence], float]


def gather(text: str) -> Evidence:
    """Look for everything that the rules weigh."""
    plain = disguise.read(text)
    found_contacts = contacts.find(plain)
    rest = contacts.blank(plain, found_contacts)
    words = [word for word in vocabulary().find(rest) if word.family != ORDINARY]
    offers = {match.group()[-1] for match in _OFFER.finditer(rest)}  # by unit: a row of percentages is one offer
    size = len(squeeze(rest)[0])
    return Evidence(
        text=text,
        plain=plain,
        rest=rest,
        contacts=found_contacts,
        trade=tuple({word.word: word for word in words if word.family != PROMISE}.values()),
        promises=frozenset({word.word for word in words if word.family == PROMISE} | offers),
        share=sum(word.length for word in words) / size if size else 0.0,
        need=need.find(plain),
    )


# Offers in numbers: 30분 도착, 월 300, 첫충 30%, 5만 지급.
_OFFER = re.compile(
    r"(?:월|하루|시급|건당|일당|개당)\s?\d"
    r"|(?<![\d,])[\d,]{1,10}\s?(?:분\s?(?:도착|이내|입금|승인)|%|만\s?원?|천?원|[명건])"
)
_ORNAMENT = re.compile(
    r"[★☆♥♡❤❥♠♤♣♧♦♢●○◎◆◇■▲▶◀▷◁►◄✅✔☑🔥💯💎💰💋💛💕🎰🎲🃏🎁⚽🏀⚾🏆🚀☎☏📞📲▣◈▩↔⇒⇐➡⬅✦✧✨⭐🌟👉👈☞☜🔞🆔🔴🔵⚡┏┓┗┛━┃◐◑♬♪"
    r"【】《》〔〕〖〗❰❱⟦⟧『』｛｝［］〘〙≪≫◤◥◢◣]|>>>|(?<![$\w]){\w+,\w+"
)
_OPENING = re.compile(r"[\[【《〔〖『「{≪<★☆♥♡♣♠◆◇▶▷◈☞👉⇒☎┏●■💛→][\s:]{0,2}$")
_CLOSING = re.compile(r"[\s]{0,2}[\]】》〕〗』」}≫>★☆♥♡♣♠◆◇◀◁◈☜👈⇐┓┛●■💛←]")
_HANGUL = re.compile(r"[가-힣ㄱ-ㅎ]")
_LETTERS = re.compile(r"[^\W\d_]")


def _messenger(evidence: Evidence) -> float:
    """A messenger's name with an id to write to."""
    if evidence.has("messenger"):
        return 1.5
    return 1.0 if evidence.has("handle") else 0.0


def _phone(evidence: Evidence) -> float:
    """A telephone number to call."""
    return 1.0 if evidence.has("phone") else 0.0


def _address(evidence: Evidence) -> float:
    """A web address."""
    if not evidence.has("address"):
        return 0.0
    return 1.0 if evidence.trade or evidence.promises else 0.5


def _code(evidence: Evidence) -> float:
    """A code to sign up with."""
    return 0.5 if evidence.has("code") else 0.0


def _disguised(evidence: Evidence) -> float:
    """A contact written so that filters miss it."""
    return 0.5 if any(contact.disguised for contact in evidence.contacts) else 0.0


def _framed(evidence: Evidence) -> float:
    """A contact set off in brackets or between ornaments."""
    for contact in evidence.contacts:
        if contact.kind == "address" and evidence.plain[contact.end :].lstrip()[:1] in ("]", "}"):
            continue
        before, after = evidence.plain[max(0, contact.start - 3) : contact.start], evidence.plain[contact.end :]
        if _OPENING.search(before) and _CLOSING.match(after):
            return 1.0
    return 0.0


def _ornaments(evidence: Evidence) -> float:
    """Symbols and brackets for show."""
    return min(1.0, 0.5 * len(_ORNAMENT.findall(evidence.text)))


def _trade(evidence: Evidence) -> float:
    """Goods that are advertised this way."""
    return min(1.5, 0.5 * len(evidence.trade))


def _promises(evidence: Evidence) -> float:
    """Promises and calls to act in a row."""
    if evidence.trade or evidence.contacts:
        return min(1.0 if evidence.trade else 0.75, 0.25 * len(evidence.promises))
    return 0.5 if len(evidence.promises) > 2 else 0.0


def _offer_with_contact(evidence: Evidence) -> float:
    """Goods that are advertised this way together with where to get them."""
    return 0.5 if evidence.trade and evidence.contacts and not evidence.need else 0.0


def _nothing_but_an_offer(evidence: Evidence) -> float:
    """A contact beside bare nouns: no sentence, no need and nothing that a help center is asked about."""
    if evidence.need or not bare.only_nouns(evidence.plain, evidence.rest, evidence.contacts):
        return 0.0
    words = bare.count(evidence.rest)
    if evidence.has("messenger", "handle"):
        return 0.75 if words >= 2 else 0.0
    personal = evidence.has("phone", "address") and not contacts.is_office_phone(evidence.plain)
    return 0.75 if personal and words >= 3 and (evidence.promises or evidence.trade) else 0.0


def _stuffing(evidence: Evidence) -> float:
    """Word after word of a trade and hardly anything else."""
    count = len(evidence.trade)
    if evidence.need or count < 2 or evidence.share < 0.5:
        return 0.0
    if count >= 4 or (count >= 3 and evidence.share >= 0.65):
        return 1.0
    return 0.5 if count >= 3 or (evidence.share >= 0.75 and len(evidence.promises) >= 2) else 0.0


def _foreign(evidence: Evidence) -> float:
    """A trade advertised in a language other than the site's."""
    letters, hangul = len(_LETTERS.findall(evidence.rest)), len(_HANGUL.findall(evidence.rest))
    trade = [word for word in evidence.trade if not _HANGUL.search(word.word)]
    if not trade or evidence.need or hangul > 0.3 * letters:
        return 0.0
    return 1.0 if len(trade) > 1 or evidence.promises or evidence.contacts else 0.5


def _need(evidence: Evidence) -> float:
    """Someone tells what happened, asks or reports: what an advertisement does not do."""
    return -1.5 * evidence.need.told - 1.0 * evidence.need.reported


RULES: tuple[Rule, ...] = (
    Rule("messenger-id", _messenger),
    Rule("phone-number", _phone),
    Rule("web-address", _address),
    Rule("sign-up-code", _code),
    Rule("disguised-contact", _disguised),
    Rule("framed-contact", _framed),
    Rule("ornaments", _ornaments),
    Rule("advertised-goods", _trade),
    Rule("promises", _promises),
    Rule("offer-with-contact", _offer_with_contact),
    Rule("nothing-but-an-offer", _nothing_but_an_offer),
    Rule("word-stuffing", _stuffing),
    Rule("foreign-advertising", _foreign),
    Rule("describes-a-need", _need),
)
