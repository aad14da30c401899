"""Telling programs from people by their user agent, so that only people count in views and the search log."""

from __future__ import annotations

import re

_BOT = re.compile(
    r"bot\b|bot/|crawl|spider|slurp|yeti|daum|mediapartners|facebookexternalhit|scrap|preview|monitor|uptime|"
    r"curl|wget|python|java/|go-http|okhttp|httpclient|libwww|headlesschrome|lighthouse|axios|node-fetch|feed",
    re.IGNORECASE,
)
# In-app browsers of people carry the names of portals that crawl, too.
_PERSON = re.compile(r"KAKAOTALK|NAVER\(inapp|DaumApps", re.IGNORECASE)


def is_bot(user_agent: str) -> bool:
    """True for a crawler, a script, or a client that does not say what it is."""
    return not user_agent or (_BOT.search(user_agent) is not None and _PERSON.search(user_agent) is None)
