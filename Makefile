# All that a newcomer needs: Python 3.12 or newer, and make. `make run`, then `make test`.
# Paths stay relative, since the checkout's own may hold a space. A variable given to make
# (PORT=8123, DATA=some/folder) is in the environment of every command below.

.PHONY: run test fast check bench drill audit pictures requirements licences
MAKEFLAGS += --no-print-directory
PORT ?= 8000

run: .venv/run
	@.venv/bin/python manage.py up --port $(PORT)

test: .venv/dev
	@.venv/bin/python -m pytest -n 2

fast: .venv/dev
	@.venv/bin/python -m pytest -n 2 -m "not browser and not faults" --hypothesis-profile=quick

# As in production. The last line only tells what the firm has still to fill in.
check: export SITE_URL = https://www.example.com
check: export EMAIL_URL = smtp://localhost
check: export NOTIFY = desk@example.com
check: .venv/dev
	@.venv/bin/python -m ruff check --quiet .
	@.venv/bin/python -m ruff format --quiet --check .
	@DATABASE_URL=postgres:///none SECRET_KEY=none .venv/bin/python -m mypy
	@.venv/bin/python -m djlint --quiet --lint templates
	@.venv/bin/python -m djlint --check templates
	@.venv/bin/python manage.py makemigrations --check
	@.venv/bin/python manage.py check --deploy --fail-level WARNING
	@.venv/bin/python manage.py check --database default

# The guide and the form beside the least that they could cost; the desk among a thousand requests and a million.
bench: .venv/dev
	@.venv/bin/python -m tests.bench.speed
	@.venv/bin/python -m tests.bench.posts
	@.venv/bin/python -m tests.bench.desk $(ROWS)

# The disk full, clocks set forward and back, a million rows backed up and restored. `make drill ROWS=100000` for
# fewer, `make drill ONLY=disk` for one of disk, clocks, rows.
drill: .venv/dev
	@.venv/bin/python -m tests.drill

# What outside checkers say: Mozilla's HTTP Observatory, the Nu Html Checker, the list of known holes in packages.
audit: .venv/dev
	@.venv/bin/python -m tests.audit

# Every page on a phone and on a laptop, in light and in dark.
pictures: .venv/dev
	@.venv/bin/python -m pytest -q tests/browser/pictures.py

# The hashed requirements files, from pyproject.toml. What stands in them stays, but with UPGRADE=--upgrade.
COMPILE = .venv/bin/uv pip compile --quiet $(UPGRADE) --universal --python-version 3.12 \
	--generate-hashes --no-emit-index-url --no-header pyproject.toml
requirements: .venv/dev
	@$(COMPILE) -o requirements.txt
	@$(COMPILE) --extra dev -c requirements.txt -o requirements-dev.txt

# docs/licences.md, from what is installed. After `make requirements`.
licences: .venv/dev
	@.venv/bin/python -m tests.audit.licences

# The virtual environment. .venv/whole is there but while packages are being installed: without it nobody knows what
# an interrupted installation left, and .venv is made anew. So it is when the Python that it was made with has gone.
FIND_PYTHON = for python in python$$(cat .python-version) python3 python3.13 python3.14 python3.12 /usr/bin/python3; do \
	$$python -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 12))' >/dev/null 2>&1 \
	&& echo $$python && break; done
NO_PYTHON = Python 3.12 or newer is needed, with its venv module (Debian, Ubuntu: apt install python3 python3-venv)
PYTHON = $(or $(shell $(FIND_PYTHON)),$(error $(NO_PYTHON)))

define install
	@test -e .venv/whole -a -x .venv/bin/python || $(PYTHON) -m venv --clear .venv
	@rm -f .venv/whole
	@echo "Installing $(1) …"
	@.venv/bin/python -m pip install -qq --disable-pip-version-check --no-input --require-hashes -r $(1)
	@touch .venv/whole $(2)
endef

.venv/run: requirements.txt
	$(call install,$<,$@)

.venv/dev: requirements-dev.txt
	$(call install,$<,$@ .venv/run)

ifneq ($(shell test -x .venv/bin/python && echo sound),sound)
.PHONY: .venv/run .venv/dev
endif
