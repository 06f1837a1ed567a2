#!/usr/bin/env bash
# Puts the code of this checkout where visitors are, without losing one: the tables first, on which the code before
# goes on serving; then one web server after the other, while nginx asks the one that is there; then the worker. What
# fails ends it, and leaves what is still to be replaced as it was: mend it, or check out the code before, and run
# it again.
set -euo pipefail
cd "$(dirname "$0")"

docker compose build
docker compose run --rm migrate
for each in web-1 web-2 worker; do
  docker compose up --detach --no-deps --wait --wait-timeout 120 "$each"
done
