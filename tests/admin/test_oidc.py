"""Sign-in with company accounts, against a real provider on this machine.

1. Who has a verified address of an allowed domain comes in with the role of new accounts; without one, waits.
2. An account is known by issuer and subject: an address alone takes over nothing.
3. Whatever is not as it should be (state, nonce, signature, audience, issuer, subject, time, domain, address), nobody
   comes in, no user is made, and the sign-in page says why.
4. A provider that is down is told, keeps nobody from signing in with a password, and is not asked for other pages.
"""

from __future__ import annotations

import re
import time
import urllib.parse

import pytest
import requests
from django.test import Client
from django.urls import reverse
from oidc_provider import CLIENT, SECRET, Provider

from haedap import conf
from haedap.admin.oidc import forget_providers
from haedap.kb import roles
from haedap.kb.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def provider(settings):
    """A running provider that the center knows."""
    with Provider() as running:
        forget_providers()
        settings.HAEDAP_OIDC = conf.Oidc(running.issuer, CLIENT, SECRET, ("example.com",), "writer")
        settings.AUTHENTICATION_BACKENDS = [
            "django.contrib.auth.backends.ModelBackend", "haedap.admin.oidc_flow.Backend"
        ]  # fmt: skip
        yield running
    forget_providers()


def go(client: Client, after: str = "") -> str:
    """Click the button and follow the provider; the address that the browser comes back to."""
    started = client.get(reverse("desk:oidc-sign-in"), {"next": after} if after else {})
    assert started.status_code == 302, started.content
    sent = requests.get(started["Location"], allow_redirects=False, timeout=20)
    return sent.headers["Location"].removeprefix("http://testserver")


def sign_in(client: Client, after: str = ""):
    return client.get(go(client, after))


def refusal(client: Client, answer) -> str:
    """What the sign-in page says; nobody is signed in."""
    assert answer.status_code == 302 and answer["Location"] == reverse("admin:login")
    page = client.get(answer["Location"]).content.decode()
    assert "_auth_user_id" not in client.session
    return page


def test_a_company_account_comes_in(client, provider):
    page = client.get(reverse("admin:login"), {"next": "/admin/kb/article/"}).content.decode()
    address = re.search(r'href="(/admin/oidc/sign-in/[^"]*)"', page)
    assert "회사 계정으로 로그인" in page and address
    assert urllib.parse.parse_qs(urllib.parse.urlsplit(address[1]).query) == {"next": ["/admin/kb/article/"]}
    answer = sign_in(client, "/admin/kb/article/")
    assert answer.status_code == 302 and answer["Location"] == "/admin/kb/article/"
    user = User.objects.get()
    assert (user.username, user.email, user.first_name, user.last_name) == (
        "kim@example.com",
        "kim@example.com",
        "민지",
        "김",
    )
    assert user.oidc_subject == f"{provider.issuer} 1001" and not user.has_usable_password()
    assert roles.role_of(user).name == "writer" and not user.is_superuser
    assert client.get(reverse("admin:kb_article_changelist")).status_code == 200
    assert client.get(reverse("admin:kb_synonym_changelist")).status_code == 403


def test_the_second_time_it_is_the_same_user_whatever_changed(provider):
    sign_in(Client())
    roles.set_role(User.objects.get(), roles.BY_NAME["reviewer"])
    provider.claims = {"email": "Minji.Kim@Example.com", "family_name": "이"}
    client = Client()
    assert sign_in(client)["Location"] == "/admin/"
    user = User.objects.get()
    assert (user.email, user.last_name) == ("minji.kim@example.com", "이") and roles.role_of(user).name == "reviewer"
    assert client.session.get_expiry_age() <= 12 * 3600


def test_an_address_alone_takes_over_nothing(client, provider):
    head = User.objects.create_superuser("kim@example.com", "kim@example.com", "long-enough-for-it")
    assert sign_in(client)["Location"] == "/admin/"
    made = User.objects.exclude(pk=head.pk).get()
    assert made.username == "kim@example.com-2" and not made.is_superuser
    assert client.session["_auth_user_id"] == str(made.pk)
    # Another subject with the same address is somebody else.
    provider.subject = "2002"
    other = Client()
    sign_in(other)
    assert User.objects.count() == 3 and other.session["_auth_user_id"] not in (str(head.pk), str(made.pk))


def test_an_account_without_a_role_waits(client, provider, settings):
    settings.HAEDAP_OIDC = conf.Oidc(provider.issuer, CLIENT, SECRET, ("example.com",))
    assert "아직 역할이 없습니다" in refusal(client, sign_in(client))
    roles.set_role(User.objects.get(), roles.BY_NAME["manager"])
    assert sign_in(client)["Location"] == "/admin/" and client.get("/admin/").status_code == 200


def test_an_account_that_was_switched_off_stays_out(client, provider):
    sign_in(Client())
    User.objects.update(is_active=False)
    assert "쓸 수 없게 된 계정" in refusal(client, sign_in(client))


WRONG = {
    "another domain": ({"email": "kim@example.org"}, {}, "들어올 수 없는 이메일"),
    "a domain that ends alike": ({"email": "kim@evilexample.com"}, {}, "들어올 수 없는 이메일"),
    "a domain below": ({"email": "kim@example.com.evil.org"}, {}, "들어올 수 없는 이메일"),
    "two addresses in one": ({"email": "kim@evil.org@example.net"}, {}, "들어올 수 없는 이메일"),
    "not verified": ({"email_verified": False}, {}, "확인된 회사 계정만"),
    "verified not said": ({"email_verified": None}, {}, "확인된 회사 계정만"),
    "no address": ({"email": None}, {}, "확인된 회사 계정만"),
    "no domain": ({"email": "kim"}, {}, "확인된 회사 계정만"),
    "another subject": ({"sub": "666"}, {}, "확인하지 못했습니다"),
    "a nonce of another sign-in": ({}, {"nonce": "replayed"}, "확인하지 못했습니다"),
    "no nonce": ({}, {"nonce": None}, "확인하지 못했습니다"),
    "another application": ({}, {"aud": "other-app"}, "확인하지 못했습니다"),
    "no audience": ({}, {"aud": None}, "확인하지 못했습니다"),
    "another issuer": ({}, {"iss": "http://127.0.0.1:1"}, "확인하지 못했습니다"),
    "expired": ({}, {"exp": int(time.time()) - 60}, "확인하지 못했습니다"),
    "no end": ({}, {"exp": None}, "확인하지 못했습니다"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_nobody_comes_in_with(client, provider, wrong):
    provider.claims, provider.token, said = WRONG[wrong]
    assert said in refusal(client, sign_in(client)) and not User.objects.exists()


def test_a_forged_signature(client, provider):
    provider.forged = True
    assert "확인하지 못했습니다" in refusal(client, sign_in(client)) and not User.objects.exists()


def test_a_state_of_somebody_else(client, provider):
    """What an attacker began is not finished in the browser of another."""
    address = go(Client())
    assert "로그인하지 않았습니다" in refusal(client, client.get(address))
    go(client)
    assert "확인하지 못했습니다" in refusal(client, client.get(address))
    assert not User.objects.exists()


def test_an_answer_is_taken_once(client, provider):
    address = go(client)
    assert client.get(address)["Location"] == "/admin/"
    client.logout()
    refusal(client, client.get(address))


def test_a_code_with_a_password_form_is_no_way_around_the_state(client, provider):
    query = urllib.parse.urlsplit(go(Client())).query
    client.post(f"{reverse('admin:login')}?{query}", {"username": "x", "password": "y"})
    assert "_auth_user_id" not in client.session and not User.objects.exists()


def test_the_provider_says_no(client, provider):
    refusal(client, client.get(reverse("desk:oidc-callback"), {"error": "access_denied", "state": "x"}))
    signed_in = Client()
    sign_in(signed_in)
    signed_in.get(reverse("desk:oidc-callback"), {"error": "access_denied"})
    assert signed_in.get("/admin/").status_code == 200


@pytest.mark.parametrize("after", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_it_leads_nowhere_else(client, provider, after):
    assert sign_in(client, after)["Location"] == "/admin/"


def test_a_provider_that_is_down(client, provider, settings):
    signed_in = Client()
    sign_in(signed_in)
    half = Client()
    address = go(half)
    provider.__exit__()
    forget_providers()
    assert "답하지 않습니다" in refusal(client, client.get(reverse("desk:oidc-sign-in")))
    assert "답하지 않습니다" in refusal(half, half.get(address))
    # Who is in stays in, and a password still works.
    assert signed_in.get("/admin/").status_code == 200
    User.objects.create_superuser("head", password="long-enough-for-it")
    client.post(reverse("admin:login"), {"username": "head", "password": "long-enough-for-it", "next": "/admin/"})
    assert client.get("/admin/").status_code == 200
    provider.__enter__()


def test_a_provider_that_fails_at_the_token(client, provider):
    provider.token_status = 503
    assert "답하지 않습니다" in refusal(client, sign_in(client)) and not User.objects.exists()


def test_a_provider_that_is_another(client, provider):
    provider.stated_issuer = "https://accounts.example.org"
    assert "답하지 않습니다" in refusal(client, client.get(reverse("desk:oidc-sign-in")))


def test_it_is_asked_where_it_answers_once(client, provider):
    for _ in range(3):
        sign_in(Client())
        client.get(reverse("admin:login"))
    assert provider.discoveries == 1


def test_without_settings_there_is_no_button_and_no_address(client):
    assert "회사 계정" not in client.get(reverse("admin:login")).content.decode()
    for name in ("oidc-sign-in", "oidc-callback"):
        assert client.get(reverse(f"desk:{name}")).status_code == 404


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"HAEDAP_OIDC_ISSUER": "http://accounts.example.com"}, "https://"),
        ({"HAEDAP_OIDC_ISSUER": "https://a.example", "HAEDAP_OIDC_CLIENT_ID": "x"}, "HAEDAP_OIDC_CLIENT_SECRET"),
        ({"HAEDAP_OIDC_ROLE": "admin"}, "none, writer, reviewer or manager"),
    ],
)
def test_settings_that_cannot_be_used_say_so(more, said):
    with pytest.raises(conf.ConfigError, match=re.escape(said)):
        conf.oidc(conf.load(more))


def test_settings_that_can_be_used():
    values = {
        "HAEDAP_OIDC_ISSUER": "https://a.example", "HAEDAP_OIDC_CLIENT_ID": "x", "HAEDAP_OIDC_CLIENT_SECRET": "y",
        "HAEDAP_OIDC_DOMAINS": "@Example.com, example.co.kr",
    }  # fmt: skip
    assert conf.oidc(conf.load(values)) == conf.Oidc("https://a.example", "x", "y", ("example.com", "example.co.kr"))
    assert conf.oidc(conf.load({})) is None
