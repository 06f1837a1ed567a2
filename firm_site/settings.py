"""Settings, in Django's own order. Whatever differs between machines comes from the environment.

Every variable read here stands in README, "Settings". A wrong value stops the start with a
sentence that says what to write instead.
"""

import os
from datetime import timedelta
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


def _secret(name: str, default: str | None = None) -> str:
    """A value that only the site may know, from the environment or from the file that NAME_FILE names
    (a secret of Docker's or systemd's). No message repeats it.
    """
    value, file = os.environ.get(name, "").strip(), os.environ.get(f"{name}_FILE", "").strip()
    if value and file:
        raise ImproperlyConfigured(f"{name} and {name}_FILE are both set: leave one of them out.")
    if not file:
        return _text(name, default)
    try:
        value = Path(file).read_text().strip()
    except (OSError, UnicodeDecodeError) as problem:
        reason = problem.strerror if isinstance(problem, OSError) else "it is not text"
        raise ImproperlyConfigured(f"{name}_FILE: {file} cannot be read: {reason}.") from None
    if not value:
        raise ImproperlyConfigured(f"{name}_FILE: {file} is empty.")
    return value


def _flag(name: str) -> bool:
    value = os.environ.get(name, "").strip().lower()
    if value not in {"", "0", "1", "no", "yes", "false", "true", "off", "on"}:
        raise ImproperlyConfigured(f"{name} is “{value}”: write 1 for yes, or leave it out for no.")
    return value in {"1", "yes", "true", "on"}


def _list(name: str) -> list[str]:
    return [part.strip() for part in os.environ.get(name, "").split(",") if part.strip()]


# What libpq bears: two seconds to connect, its least; a minute of a machine that is no more, which the worker
# would else wait for by the hour.
PATIENCE_WITH_A_SERVER = {
    "connect_timeout": 2,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,
}


def _database(name: str, url: str) -> dict[str, object]:
    try:
        database = dj_database_url.parse(url, conn_max_age=600, conn_health_checks=True)
    except ValueError:  # which may repeat the password
        raise ImproperlyConfigured(
            f"{name} cannot be read: write postgres://user:password@host:5432/database, "
            "with %2F for a / in the password"
        ) from None
    if database["ENGINE"] != "django.db.backends.postgresql":
        raise ImproperlyConfigured(f"{name} must name a PostgreSQL: postgres://…")
    options = PATIENCE_WITH_A_SERVER | database.get("OPTIONS", {})
    return dict(database) | {"ENGINE": "firm_site.postgres", "OPTIONS": options}


def _mailer(url: str) -> dict[str, object]:
    """Django's MAILERS entry for EMAIL_URL: file:///folder, smtp:// (STARTTLS) or smtps://."""
    try:
        parts = urlsplit(url)
        scheme, host, port = parts.scheme, parts.hostname, parts.port
    except ValueError:  # which may repeat the password
        scheme, host, port = "", None, None
    if scheme == "file":
        return {
            "BACKEND": "django.core.mail.backends.filebased.EmailBackend",
            "OPTIONS": {"file_path": unquote(parts.path)},
        }
    if scheme not in {"smtp", "smtps"} or not host:
        raise ImproperlyConfigured(
            "EMAIL_URL cannot be read: write smtp://user:password@host:587, smtps://… or file:///folder, "
            "with %2F for a / in the password"
        )
    plain = parse_qs(parts.query).get("tls") == ["no"]  # a relay on this very machine
    return {
        "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "OPTIONS": {
            "host": host,
            "port": port or (465 if scheme == "smtps" else 587),
            "username": unquote(parts.username or ""),
            "password": unquote(parts.password or ""),
            "use_ssl": scheme == "smtps",
            "use_tls": scheme == "smtp" and not plain,
            "timeout": 10,  # seconds; Django's default is to wait for ever
        },
    }


# Core

DEBUG = _flag("DEBUG")
SECRET_KEY = _secret("SECRET_KEY")
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
SRA_BADGE = _flag("SRA_BADGE")
CONFLICT_SIMILARITY = 0.6  # of a name to what is written, from which on a partner must look

INSTALLED_APPS = [
    "firm_site.apps.FirmSiteConfig",
    "firm_site.apps.StaffAdminConfig",
    "pages.apps.PagesConfig",
    "callbacks.apps.CallbacksConfig",
    "axes",
    "crispy_forms",
    "django_otp",
    "django_otp.plugins.otp_static",
    "django_otp.plugins.otp_totp",
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
    "firm_site.proxies.believe_our_proxies",
    # What goes on every answer, so before all that may answer or refuse
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "firm_site.headers.put_on_every_answer",
    "firm_site.health.answer_balancers",  # any Host, plain http
    "django.middleware.security.SecurityMiddleware",  # from here on https
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "firm_site.errors.give_every_error_a_page",
    "firm_site.refusing.refuse_what_cannot_be_read",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "firm_site.sessions.end_what_is_over",
    "simple_history.middleware.HistoryRequestMiddleware",  # who saved a version
    "axes.middleware.AxesMiddleware",  # answers whoever was wrong too often
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
                "firm_site.badge.badge",
                "callbacks.opening.opening",
            ],
        },
    },
]

CRISPY_ALLOWED_TEMPLATE_PACKS = "firm"
CRISPY_TEMPLATE_PACK = "firm"

# Database. The owner's role migrates; the site's own may do less (firm_site.owner).

DATABASES = {"default": _database("DATABASE_URL", _secret("DATABASE_URL"))}
OWNER_DATABASE = "default"
if _owner := _secret("OWNER_DATABASE_URL", ""):
    OWNER_DATABASE = "owner"
    DATABASES["owner"] = _database("OWNER_DATABASE_URL", _owner) | {"TEST": {"MIRROR": "default"}}
BACKUP_KEY = _secret("BACKUP_KEY", "")  # for whom backups are sealed: public keys of age, with commas
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000  # bytes; the longest honest form is some 20,000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 200
FILE_UPLOAD_HANDLERS = [
    "firm_site.uploads.RefuseWhatIsTooLarge",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]

# Mail: owed with the request, sent by the worker

MAILERS = {"default": _mailer(_secret("EMAIL_URL", f"file://{DATA_DIR}/mail"))}

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
WHITENOISE_ALLOW_ALL_ORIGINS = False
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

# Staff: a password, then a code of the second factor (firm_site.login)

AUTH_USER_MODEL = "firm_site.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
SESSION_COOKIE_AGE = 12 * 60 * 60  # seconds: a working day, however busy (firm_site.sessions)
CSRF_FAILURE_VIEW = "firm_site.errors.csrf_failure"
OTP_TOTP_ISSUER = "Callback desk"  # what the authenticator shows: a telephone is seen by others
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]  # so that strangers shut no owner of a name out
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_RESET_ON_SUCCESS = True
AXES_CLIENT_IP_CALLABLE = "firm_site.throttle.address_of"
AXES_CLIENT_STR_CALLABLE = "firm_site.throttle.somebody"
AXES_LOCKOUT_CALLABLE = "firm_site.throttle.shut_out"
AXES_SENSITIVE_PARAMETERS = ["username", "ip_address", "code", "csrfmiddlewaretoken"]
AXES_DISABLE_ACCESS_LOG = True
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False

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
    "form-action": [CSP.SELF],
    "base-uri": [CSP.NONE],
    "frame-ancestors": [CSP.NONE],
}

# The badge of the Solicitors Regulation Authority, from its one supplier: on the pages that carry it
# (firm_site.badge), while it is switched on
SRA_BADGE_FRAME = "https://cdn.yoshki.com/iframe/55845r.html"
CSP_WITH_BADGE = SECURE_CSP | {"frame-src": ["https://cdn.yoshki.com"]}

LOGGING = logs.CONFIG

# The worker

PROCRASTINATE_WORKER_DEFAULTS = {
    "concurrency": 2,  # so that what takes long, a restore drill, holds no e-mail back
    "delete_jobs": "always",
    "shutdown_graceful_timeout": 2,  # seconds; then what takes long is asked to stop
    "task_middleware": [tell_of_each_job],
}
