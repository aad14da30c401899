"""The flow of mozilla-django-oidc, with what it leaves out: issuer, audience and subject are checked, PKCE is used.

Invariant: an account is found by issuer and subject, never by its e-mail address; who is let in has a verified address
of an allowed domain, at every sign-in.
"""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext
from mozilla_django_oidc.auth import OIDCAuthenticationBackend
from mozilla_django_oidc.views import OIDCAuthenticationCallbackView, OIDCAuthenticationRequestView

from haedap.admin.oidc import TIMEOUT, Refused, provider, to_login, wanted
from haedap.kb import roles
from haedap.kb.models import User

SESSION_SECONDS = 12 * 3600
_NAMES = {
    "OIDC_OP_AUTHORIZATION_ENDPOINT": "authorization",
    "OIDC_OP_TOKEN_ENDPOINT": "token",
    "OIDC_OP_USER_ENDPOINT": "userinfo",
    "OIDC_OP_JWKS_ENDPOINT": "keys",
    "OIDC_RP_SIGN_ALGO": "algorithm",
}
_FIXED = {
    "OIDC_RP_SCOPES": "openid email profile",
    "OIDC_USE_PKCE": True,
    "OIDC_TIMEOUT": TIMEOUT,
    "OIDC_AUTHENTICATION_CALLBACK_URL": "desk:oidc-callback",
    "OIDC_RP_IDP_SIGN_KEY": None,
}


def setting(name: str, *default: Any) -> Any:
    """What the package asks its settings for: ours, and what the provider says of itself."""
    if name in _NAMES:
        return getattr(provider(wanted().issuer), _NAMES[name])
    if name in ("OIDC_RP_CLIENT_ID", "OIDC_RP_CLIENT_SECRET"):
        oidc = wanted()
        return oidc.client_id if name.endswith("ID") else oidc.client_secret
    if name in _FIXED:
        return _FIXED[name]
    return default[0] if default else None


class Backend(OIDCAuthenticationBackend):
    """Lets company accounts in."""

    get_settings = staticmethod(setting)

    def __init__(self) -> None:
        # Made for every request of who has signed in: the provider is asked only when somebody does.
        self.UserModel = User

    def authenticate(self, request: HttpRequest | None, **kwargs: Any) -> User | None:
        """The user whom the provider vouches for; None where this is no return from it. Raises :class:`Refused`."""
        if request is None or not kwargs.get("nonce"):
            return None
        super().__init__()
        found: User | None = super().authenticate(request, **kwargs)
        return found

    def verify_token(self, token: str, **kwargs: Any) -> dict[str, Any]:
        """The content of an id token that is signed, of this issuer, for this center and this sign-in."""
        payload: dict[str, Any] = super().verify_token(token, **kwargs)
        audience = payload.get("aud")
        audiences = audience if isinstance(audience, list) else [audience]
        if str(payload["iss"]) != provider(wanted().issuer).issuer or wanted().client_id not in audiences:
            raise ValueError("The token is of another issuer or for another application.")
        if "exp" not in payload or not payload.get("sub"):
            raise ValueError("The token names no end or no subject.")
        return payload

    def get_or_create_user(self, access_token: str, id_token: str, payload: dict[str, Any]) -> User:
        """Who it is, from the token; what they are called, from the provider's answer about the same subject."""
        claims = self.get_userinfo(access_token, id_token, payload)
        if claims.get("sub") != payload["sub"]:
            raise ValueError("The provider answered about another subject.")
        email = _allowed_email(claims)
        subject = f"{wanted().issuer} {payload['sub']}"
        with transaction.atomic():
            user = User.objects.filter(oidc_subject=subject).first() or _new_user(subject, email)
            user.email = email
            user.first_name = str(claims.get("given_name") or user.first_name)[:150]
            user.last_name = str(claims.get("family_name") or user.last_name)[:150]
            user.save()
        return user


class Start(OIDCAuthenticationRequestView):
    """Out to the provider."""

    get_settings = staticmethod(setting)


class Return(OIDCAuthenticationCallbackView):
    """Back from the provider."""

    get_settings = staticmethod(setting)

    def get(self, request: HttpRequest) -> HttpResponse:
        """Theirs; but an address with an error in it signs nobody out."""
        if "error" in request.GET:
            return self.login_failure()
        answer: HttpResponse = super().get(request)
        return answer

    @property
    def success_url(self) -> str:
        return self.request.session.get("oidc_login_next") or reverse("admin:index")

    def login_success(self) -> HttpResponse:
        if not self.user.is_staff:
            waits = gettext("%(name)s 계정에 아직 역할이 없습니다. 관리자가 역할을 주면 들어올 수 있습니다.")
            return to_login(self.request, waits % {"name": self.user.username}, messages.INFO)
        answer: HttpResponse = super().login_success()
        self.request.session.set_expiry(SESSION_SECONDS)
        return answer

    def login_failure(self) -> HttpResponse:
        user = getattr(self, "user", None)
        if user is not None and not user.is_active:
            return to_login(self.request, gettext("쓸 수 없게 된 계정입니다. 관리자에게 물어보세요."))
        return to_login(self.request, gettext("로그인하지 않았습니다. 다시 시도하세요."))


def _allowed_email(claims: dict[str, Any]) -> str:
    email = str(claims.get("email") or "").strip().lower()
    name, at, domain = email.rpartition("@")
    if not (name and at) or str(claims.get("email_verified")).lower() != "true":
        raise Refused(gettext("이메일 주소가 확인된 회사 계정만 들어올 수 있습니다."))
    if domain not in wanted().domains:
        raise Refused(gettext("이 고객센터에 들어올 수 없는 이메일 주소입니다: %(email)s") % {"email": email})
    return email


def _new_user(subject: str, email: str) -> User:
    """An account that has no password, named by the address, or by it and a number where that name is taken."""
    names = (email[:140] + more for more in ("", *(f"-{number}" for number in range(2, 10_000))))
    free = next(name for name in names if not User.objects.filter(username=name).exists())
    user = User(username=free, email=email, oidc_subject=subject)
    user.set_unusable_password()
    user.save()
    role = roles.BY_NAME.get(wanted().role)
    if role is not None:
        roles.set_role(user, role)
    return user
