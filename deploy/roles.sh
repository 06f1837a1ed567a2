#!/usr/bin/env bash
# Makes the database and its two roles in a new cluster: the owner's, which migrates, and the site's own, which is
# given what it needs by the migrations (firm_site/owner.py). Names and passwords are read from the very URLs that
# the site is given, so that the two cannot differ; a password is letters and digits.
set -euo pipefail

part() { sed -nE "s|^postgres(ql)?://([^:/@]+):([^:/@]+)@[^/@]+/([^/?]+).*\$|\\$2|p" "$1"; }
export OWNER SITE OWNER_PASSWORD SITE_PASSWORD NAME
OWNER=$(part "$OWNER_DATABASE_URL_FILE" 2) OWNER_PASSWORD=$(part "$OWNER_DATABASE_URL_FILE" 3)
SITE=$(part "$DATABASE_URL_FILE" 2) SITE_PASSWORD=$(part "$DATABASE_URL_FILE" 3)
NAME=$(part "$DATABASE_URL_FILE" 4)

for each in "$OWNER" "$OWNER_PASSWORD" "$SITE" "$SITE_PASSWORD" "$NAME"; do
  [ -n "$each" ] || { echo "roles.sh: write postgres://role:password@host:5432/database into both URL files" >&2; exit 1; }
done

psql --set ON_ERROR_STOP=1 --quiet --no-psqlrc --username "${POSTGRES_USER:-postgres}" --dbname postgres <<'SQL'
\getenv owner OWNER
\getenv owner_password OWNER_PASSWORD
\getenv site SITE
\getenv site_password SITE_PASSWORD
\getenv name NAME
CREATE ROLE :"owner" LOGIN PASSWORD :'owner_password';
CREATE ROLE :"site" LOGIN PASSWORD :'site_password';
CREATE DATABASE :"name" OWNER :"owner";
REVOKE ALL ON DATABASE :"name" FROM PUBLIC;
GRANT CONNECT ON DATABASE :"name" TO :"site";
SQL
