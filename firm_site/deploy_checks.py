"""What must be right before the site goes on the internet: `check --deploy`, beside Django's own checks."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Tags, Warning, register
from django.db import Error, connection
from django.utils.csp import CSP

from firm_site.admin_site import EDITOR_CSP

CSP_MIDDLEWARE = "django.middleware.csp.ContentSecurityPolicyMiddleware"
THIS_MACHINE = {"localhost", "127.0.0.1", "::1"}

# What stands in keys that somebody typed, or copied from a page; in one of 50 random characters it does
# not come up.
OF_NO_RANDOM_KEY = ("change", "example", "for-tests", "insecure", "password", "secret")
AGAIN = 8  # characters, which no random key has twice

# With these PostgreSQL writes neither a statement nor a row that it refuses, and both hold people's words.
LOGS_NO_WORD = {
    "log_min_error_statement": {"log", "fatal", "panic"},
    "log_error_verbosity": {"terse"},
    "log_statement": {"none", "ddl"},
    "log_min_duration_statement": {"-1"},
}


@register(Tags.security, deploy=True)
def the_policy_is_strict(**kwargs: Any) -> list[CheckMessage]:
    """A warning for each fault of what visitors are sent, or staff, whose policy is the widest."""
    faults = {
        fault
        for policy in (settings.SECURE_CSP, EDITOR_CSP)
        for fault in _faults_of(settings.MIDDLEWARE, policy)
    }
    return [
        Warning(
            f"Content security policy: {fault}.",
            hint="Mend SECURE_CSP and MIDDLEWARE in firm_site/settings.py, or STAFF_CSP in admin_site.py.",
            id="firm.W101",
        )
        for fault in sorted(faults)
    ]


def _faults_of(middleware: list[str], policy: dict[str, Any]) -> Iterator[str]:
    if CSP_MIDDLEWARE not in middleware or not policy:
        yield "none is sent"
        return
    if next(iter(policy.items())) != ("default-src", [CSP.NONE]):
        yield "it does not begin with default-src 'none'"
    for directive, sources in policy.items():
        for source in sources:
            if "unsafe" in source or source in {"*", "http:", "https:", "data:"}:
                yield f"{directive} allows {source}"


@register(Tags.security, deploy=True)
def the_secret_key_was_drawn_at_random(**kwargs: Any) -> list[CheckMessage]:
    """A warning for a key that is long enough for Django (security.W009), and was made by hand."""
    key = settings.SECRET_KEY
    repeats = any(key[at : at + AGAIN] in key[at + AGAIN :] for at in range(len(key) - AGAIN))
    if not repeats and not any(word in key.lower() for word in OF_NO_RANDOM_KEY):
        return []
    return [
        Warning(
            "SECRET_KEY was not drawn at random: whoever guesses it forges logins and links.",
            hint='Write what this prints: python -c "import secrets; print(secrets.token_urlsafe(50))"',
            id="firm.W102",
        )
    ]


@register(Tags.security, deploy=True)
def somebody_is_told(**kwargs: Any) -> list[CheckMessage]:
    """A warning while notices to the desk have no address."""
    if settings.NOTIFY:
        return []
    return [
        Warning(
            "NOTIFY is empty: nobody at the desk is told by e-mail that somebody asked to be called.",
            hint="Write the desk's e-mail addresses into NOTIFY, with commas.",
            id="firm.W103",
        )
    ]


@register(Tags.security, deploy=True)
def mail_leaves_sealed(**kwargs: Any) -> list[CheckMessage]:
    """A warning for mail that goes nowhere, or over the network for all to read."""
    given: Any = settings.MAILERS["default"]["OPTIONS"]
    if "host" not in given:
        return [
            Warning(
                "E-mail is written to files, and sent to nobody.",
                hint="Write the mail server into EMAIL_URL: smtp://user:password@host:587",
                id="firm.W104",
            )
        ]
    if given["use_tls"] or given["use_ssl"] or given["host"] in THIS_MACHINE:
        return []
    return [
        Warning(
            f"E-mail goes to {given['host']} without TLS.",
            hint="Leave ?tls=no out of EMAIL_URL: it is for a relay on this very machine.",
            id="firm.W105",
        )
    ]


@register(Tags.database, deploy=True)
def the_database_logs_no_word(*, databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """A warning for each setting by which the server's own log would hold what people write (`check --deploy
    --database default`)."""
    if not databases:
        return []
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT name, current_setting(name) FROM unnest(%s::text[]) AS name", [list(LOGS_NO_WORD)]
            )
            found = cursor.fetchall()
    except Error:
        return []  # away: Django says so
    return [
        Warning(
            f"PostgreSQL's own log may hold what people write: {name} is “{value}”.",
            hint="Set it for the database, as deploy/README.md says (Two roles).",
            id="firm.W106",
        )
        for name, value in found
        if value not in LOGS_NO_WORD[name]
    ]
