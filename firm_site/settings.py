"""Settings, in Django's own order. Whatever differs between machines comes from the environment.

Every variable read here stands in README, "Settings". A wrong value stops the start with a
sentence that says what to write instead.
"""

import os
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import dj_database_url
from django.core.exceptions import ImproperlyConfigured
from django.templatetags.static import static
from django.utils.csp import CSP
from django.utils.functional import lazy

from firm_site import logs
from firm_site.access_log import tell_of_each_job

BASE_DIR = Path(__file__).resolve().parent.parent


def _text(name: str, default: str | None = None) -> str:
    """The variable's value; without a default it must be set."""
    value = os.environ.get(name, "").strip() or default
    if value is None:
        raise ImproperlyConfigured(
            f"{name} is not set. Start with `make run`, or `manage.py`, which provide it; "
            "in production set it in the environment (README, Settings)."
        )
    return value


def _flag(name: str) -> bool:
    value = os.environ.get(name, "").strip().lower()
    if value not in {"", "0", "1", "no", "yes", "false", "true", "off", "on"}:
        raise ImproperlyConfigured(f"{name} is “{value}”: write 1 for yes, or leave it out for no.")
    return value in {"1", "yes", "true", "on"}


def _list(name: str) -> list[str]:
    return [part.strip() for part in os.environ.get(name, "").split(",") if part.strip()]


def _database(name: str, url: str) -> dict[str, object]:
    try:
        database = dj_database_url.parse(url, conn_max_age=600, conn_health_checks=True)
    except ValueError as error:
        raise ImproperlyConfigured(
            f"{name} cannot be read ({error}): write postgres://user:password@host:5432/database"
        ) from error
    if database["ENGINE"] != "django.db.backends.postgresql":
        raise ImproperlyConfigured(f"{name} must name a PostgreSQL: postgres://…")
    database.setdefault("OPTIONS", {}).setdefault("connect_timeout", 2)  # libpq's least
    return dict(database)


def _mailer(url: str) -> dict[str, object]:
    """Django's MAILERS entry for EMAIL_URL: file:///folder, smtp:// (STARTTLS) or smtps://."""
    parts = urlsplit(url)
    if parts.scheme == "file":
        return {
            "BACKEND": "django.core.mail.backends.filebased.EmailBackend",
            "OPTIONS": {"file_path": unquote(parts.path)},
        }
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
        raise ImproperlyConfigured(
            "EMAIL_URL cannot be read: write smtp://user:password@host:587, smtps://… or file:///folder"
        )
    plain = parse_qs(parts.query).get("tls") == ["no"]  # a relay on this very machine
    return {
        "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "OPTIONS": {
            "host": parts.hostname,
            "port": parts.port or (465 if parts.scheme == "smtps" else 587),
            "username": unquote(parts.username or ""),
            "password": unquote(parts.password or ""),
            "use_ssl": parts.scheme == "smtps",
            "use_tls": parts.scheme == "smtp" and not plain,
            "timeout": 10,  # seconds; Django's default is to wait for ever
        },
    }


# Core

DEBUG = _flag("DEBUG")
SECRET_KEY = _text("SECRET_KEY")
DATA_DIR = Path(os.environ.get("DATA") or BASE_DIR / "var").absolute()
SITE_URL = _text("SITE_URL", "http://localhost:8000").rstrip("/")
if urlsplit(SITE_URL).scheme not in {"http", "https"} or not urlsplit(SITE_URL).hostname:
    raise ImproperlyConfigured("SITE_URL cannot be read: write https://www.example.com")
ALLOWED_HOSTS = _list("ALLOWED_HOSTS") or [
    "localhost",
    "127.0.0.1",
    "[::1]",
    str(urlsplit(SITE_URL).hostname),
]
TRUSTED_PROXIES = _list("TRUSTED_PROXIES")
NOTIFY = _list("NOTIFY")
CONFLICT_SIMILARITY = 0.6  # of a name to what is written, from which on a partner must look

INSTALLED_APPS = [
    "firm_site.apps.FirmSiteConfig",
    "firm_site.apps.StaffAdminConfig",
    "pages.apps.PagesConfig",
    "callbacks.apps.CallbacksConfig",
    "crispy_forms",
    "django_prose_editor",
    "phonenumber_field",
    "procrastinate.contrib.django",
    "simple_history",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "firm_site.access_log.tell_of_each_request",  # around all else
    "firm_site.health.answer_balancers",  # before all else: any Host, plain http
    "firm_site.proxies.believe_our_proxies",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "firm_site.errors.give_every_error_a_page",
    "firm_site.refusing.refuse_what_cannot_be_read",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",  # who saved a version
]

ROOT_URLCONF = "firm_site.urls"
WSGI_APPLICATION = "firm_site.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.csp",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "firm_site.details.firm",
                "callbacks.opening.opening",
            ],
        },
    },
]

CRISPY_ALLOWED_TEMPLATE_PACKS = "firm"
CRISPY_TEMPLATE_PACK = "firm"

# Database. The owner's role migrates; the site's own may do less (firm_site.owner).

DATABASES = {"default": _database("DATABASE_URL", _text("DATABASE_URL"))}
OWNER_DATABASE = "default"
if os.environ.get("OWNER_DATABASE_URL", "").strip():
    OWNER_DATABASE = "owner"
    DATABASES["owner"] = _database("OWNER_DATABASE_URL", _text("OWNER_DATABASE_URL")) | {
        "TEST": {"MIRROR": "default"}
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000  # bytes; the longest honest form is some 20,000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 200
FILE_UPLOAD_HANDLERS = [
    "firm_site.uploads.RefuseWhatIsTooLarge",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]

# Mail: owed with the request, sent by the worker

MAILERS = {"default": _mailer(_text("EMAIL_URL", f"file://{DATA_DIR}/mail"))}

# Language and time: stored in UTC, shown in London

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "Europe/London"
USE_TZ = True
PHONENUMBER_DEFAULT_REGION = "GB"
PHONENUMBER_DB_FORMAT = "E164"

# Static files

STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = [  # compressed already; and the editor's map, which takes seconds
    "jpg",
    "jpeg",
    "png",
    "gif",
    "webp",
    "zip",
    "gz",
    "br",
    "woff",
    "woff2",
    "map",
]

# The editor, whose buttons are chosen in pages/body.py: one of them is ours

DJANGO_PROSE_EDITOR_EXTENSIONS = [
    {
        "js": [lazy(static, str)("staff-pictures.js")],
        "extensions": {"Picture": "django_prose_editor.config.process_figure"},
    }
]

# Staff

AUTH_USER_MODEL = "firm_site.User"
LOGIN_URL = "admin:login"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
SESSION_COOKIE_AGE = 12 * 60 * 60  # seconds: a working day
CSRF_FAILURE_VIEW = "firm_site.errors.csrf_failure"

# Transport and headers

_https = SITE_URL.startswith("https://")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _https
SECURE_SSL_REDIRECT = _https
SECURE_HSTS_SECONDS = 2 * 365 * 24 * 60 * 60 if _https else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = _https
SECURE_REFERRER_POLICY = "same-origin"  # no-referrer would make a form's Origin null
X_FRAME_OPTIONS = "DENY"
SECURE_CSP = {
    "default-src": [CSP.NONE],
    "script-src": [CSP.SELF],
    "style-src": [CSP.SELF],
    "font-src": [CSP.SELF],
    "img-src": [CSP.SELF],
    "manifest-src": [CSP.SELF],
    "connect-src": [CSP.SELF],
    "form-action": [CSP.SELF],
    "base-uri": [CSP.NONE],
    "frame-ancestors": [CSP.NONE],
}

LOGGING = logs.CONFIG
PROCRASTINATE_WORKER_DEFAULTS = {"task_middleware": [tell_of_each_job]}
