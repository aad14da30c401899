"""The rules: each names one trait of advertisements and says how many points a text has for it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from haedap.search.guard import contacts, disguise, need
from haedap.search.guard.contacts import Contact
from haedap.search.guard.need import Need
from haedap.search.guard.vocabulary import ORDINARY, PROMISE, Found, squeeze, vocabulary


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was found in a text. ``share`` is the part of its letters, contacts aside, that are words of the list."""

    text: str
    plain: str
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
    offers = {match.group() for match in _OFFER.finditer(rest)}
    size = len(squeeze(rest)[0])
    return Evidence(
        text=text,
        plain=plain,
        contacts=found_contacts,
        trade=tuple({word.word: word for word in words if word.family != PROMISE}.values()),
        promises=frozenset({word.word for word in words if word.family == PROMISE} | offers),
        share=sum(word.length for word in words) / size if size else 0.0,
        need=need.find(plain),
    )


# Offers in numbers: 30분 도착, 월 300, 첫충 30%, 5만 지급.
_OFFER = re.compile(
    r"\d+\s?분\s?(?:도착|이내|입금|승인)|(?:월|하루|시급|건당|일당|개당)\s?\d+|\d{1,3}\s?%|\d+\s?만\s?원?|\d[\d,]*\s?(?:원|천원|명|건)"
)
_ORNAMENT = re.compile(
    r"[★☆♥♡❤❥♠♤♣♧♦♢●○◎◆◇■□▲△▶◀▷◁►◄✅✔☑🔥💯💎💰💋💛💕🎰🎲🃏🎁⚽🏀⚾🏆🚀☎☏📞📲▣◈▩※→←↔⇒⇐➡⬅✦✧✨⭐🌟👉👈☞☜🔞🆔🔴🔵⚡┏┓┗┛━┃◐◑♬♪"
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
    return 1.0 if evidence.has("address") else 0.0


def _code(evidence: Evidence) -> float:
    """A code to sign up with."""
    return 0.5 if evidence.has("code") else 0.0


def _disguised(evidence: Evidence) -> float:
    """A contact written so that filters miss it."""
    return 1.0 if any(contact.disguised for contact in evidence.contacts) else 0.0


def _framed(evidence: Evidence) -> float:
    """A contact set off in brackets or between ornaments."""
    for contact in evidence.contacts:
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
    return min(1.0, 0.25 * max(0, len(evidence.promises) - (not evidence.trade)))


def _offer_with_contact(evidence: Evidence) -> float:
    """Goods that are advertised this way together with where to get them."""
    return 0.5 if evidence.trade and evidence.contacts and not evidence.need else 0.0


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
    letters, hangul = len(_LETTERS.findall(evidence.plain)), len(_HANGUL.findall(evidence.plain))
    if not evidence.trade or evidence.need or hangul > 0.3 * letters:
        return 0.0
    return 1.0 if len(evidence.trade) > 1 or evidence.promises or evidence.contacts else 0.5


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
    Rule("word-stuffing", _stuffing),
    Rule("foreign-advertising", _foreign),
    Rule("describes-a-need", _need),
)
