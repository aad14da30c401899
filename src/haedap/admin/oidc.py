"""Sign-in with company accounts: where the provider answers, and the two addresses of ours that it takes.

What the package of the extra ``haedap[oidc]`` does is in :mod:`haedap.admin.oidc_flow`, loaded only where it is set up.
"""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext

from haedap import conf

log = logging.getLogger(__name__)

TIMEOUT = 10.0
"""Seconds for one answer of the provider."""
KEPT = 3600.0
"""Seconds that the provider's addresses are believed."""
ALGORITHMS = ("RS256", "ES256", "PS256", "RS384", "RS512", "ES384", "ES512")
"""How a provider may sign, the usual first. Those with a shared secret are left out."""


class ProviderError(Exception):
    """The provider of company accounts cannot be used now; the message says why, for the log."""


class Refused(Exception):
    """This account does not come in; the message says why, for who tried."""


@dataclass(frozen=True, slots=True)
class Provider:
    """Where the provider answers, as it says itself."""

    issuer: str
    authorization: str
    token: str
    userinfo: str
    keys: str
    algorithm: str


_known: dict[str, tuple[float, Provider]] = {}
_lock = threading.Lock()


def wanted() -> conf.Oidc:
    """The settings. Raises Http404 where company sign-in is not set up."""
    oidc: conf.Oidc | None = settings.HAEDAP_OIDC
    if oidc is None:
        raise Http404("Company sign-in is not set up.")
    return oidc


def provider(issuer: str) -> Provider:
    """Where the provider answers; asked for once an hour. Raises :class:`ProviderError`."""
    with _lock:
        until, found = _known.get(issuer, (0.0, None))
        if found is None or time.monotonic() > until:
            found = _discovered(issuer)
            _known[issuer] = time.monotonic() + KEPT, found
        return found


def forget_providers() -> None:
    """Ask again at the next sign-in."""
    _known.clear()


def _discovered(issuer: str) -> Provider:
    import requests

    address = f"{issuer.rstrip('/')}/.well-known/openid-configuration"
    try:
        answer = requests.get(address, timeout=TIMEOUT)
        answer.raise_for_status()
        said: dict[str, Any] = answer.json()
        names = ("issuer", "authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri")
        stated, authorization, token, userinfo, keys = (str(said[name]) for name in names)
    except (requests.RequestException, ValueError, KeyError, TypeError) as error:
        raise ProviderError(f"{address} cannot be used: {type(error).__name__}: {error}") from error
    if stated.rstrip("/") != issuer.rstrip("/"):
        raise ProviderError(f"{address} is of the issuer {stated}, not of HAEDAP_OIDC_ISSUER={issuer}.")
    offered = said.get("id_token_signing_alg_values_supported") or ["RS256"]
    algorithm = next((name for name in ALGORITHMS if name in offered), None)
    if algorithm is None:
        raise ProviderError(f"{address} offers no signature that is accepted: {', '.join(map(str, offered))}.")
    return Provider(stated, authorization, token, userinfo, keys, algorithm)


def sign_in(request: HttpRequest) -> HttpResponse:
    """Send the browser to the provider."""
    wanted()
    from haedap.admin import oidc_flow

    return _guarded(request, oidc_flow.Start.as_view())


def callback(request: HttpRequest) -> HttpResponse:
    """The browser comes back from the provider."""
    wanted()
    from haedap.admin import oidc_flow

    return _guarded(request, oidc_flow.Return.as_view())


def to_login(request: HttpRequest, message: str, level: int = messages.ERROR) -> HttpResponse:
    """Back to the sign-in page, which says why."""
    messages.add_message(request, level, message)
    return HttpResponseRedirect(reverse("admin:login"))


def _guarded(request: HttpRequest, view: Any) -> HttpResponse:
    import requests
    from django.core.exceptions import SuspiciousOperation
    from jwt import PyJWTError

    try:
        answer: HttpResponse = view(request)
    except Refused as refused:
        log.warning("A company account was refused: %s", refused)
        return to_login(request, str(refused))
    except (ProviderError, requests.RequestException) as error:
        log.error("Company sign-in failed: %s", error)
        said = gettext("회사 계정 서비스가 답하지 않습니다. 잠시 뒤에 다시 시도하거나 비밀번호로 로그인하세요.")
        return to_login(request, said)
    except (SuspiciousOperation, PyJWTError, ValueError, KeyError, TypeError, AttributeError) as error:
        log.warning("Company sign-in was not as expected: %s: %s", type(error).__name__, error)
        return to_login(request, gettext("로그인을 확인하지 못했습니다. 처음부터 다시 로그인하세요."))
    return answer
