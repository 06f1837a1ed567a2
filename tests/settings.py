"""The site's own settings, but for what would only slow the tests down."""

from firm_site.settings import *  # noqa: F403

# Files by their own names: the hashed ones exist only after collectstatic.
STORAGES = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
WHITENOISE_AUTOREFRESH = WHITENOISE_USE_FINDERS = True

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # quick

for _database in DATABASES.values():  # noqa: F405
    _database["ENGINE"] = "tests.postgres"  # empties tables quickly
