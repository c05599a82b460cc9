# make run | test | lint | fmt | bench | screenshots | messages; docs in README.md.
PORT ?= 8000
BENCH_N ?= 100000
ARGS ?=
PY := .venv/bin/python
DOMAIN := audit accounts notifications catalogs intake documents workflow insights config
CODE := $(DOMAIN) tests scripts $(wildcard bench) manage.py
export PORT BENCH_N
export PYTHONUNBUFFERED := 1

.DEFAULT_GOAL := help
.PHONY: help setup base run test lint checks fmt bench screenshots migrations messages lock clean
.PHONY: lint-code lint-format lint-types lint-templates lint-imports lint-migrations lint-deploy

help:
	@grep -E '^[a-z]+:.*##' Makefile | sed 's/:.*## /\t/' | expand -t 14

setup:  ## everything that working on the product needs, in .venv/
	@scripts/setup.sh dev

base:
	@scripts/setup.sh base

run: base  ## the whole product on http://localhost:$PORT, with demonstration data
	@exec $(PY) scripts/run.py

test: setup  ## every test: SQLite, PostgreSQL, Redis, browser (ARGS="-k word")
	@exec $(PY) scripts/test.py $(ARGS)

lint: setup  ## style, types, templates, import order, migrations, deployment checks
	@$(MAKE) --no-print-directory --keep-going checks

checks: lint-code lint-format lint-types lint-templates lint-imports lint-migrations lint-deploy

lint-code:
	$(PY) -m ruff check $(CODE)
lint-format:
	$(PY) -m ruff format --check $(CODE)
lint-types:
	$(PY) -m mypy --cache-dir .venv/mypy-cache
lint-templates:
	$(PY) -m djlint templates --lint --quiet
lint-imports:
	.venv/bin/lint-imports
lint-migrations:
	scripts/apart.sh makemigrations --check --dry-run
lint-deploy:
	scripts/check-deploy.sh

fmt: setup  ## put the code into shape
	$(PY) -m ruff check --fix --quiet $(CODE) || true
	$(PY) -m ruff format $(CODE)

bench: setup  ## one JSON line a benchmark, on BENCH_N dossiers (ARGS="queue search")
	@exec $(PY) -m bench $(ARGS)

screenshots: setup  ## pictures of every page at 1280 and 390 px, and of the papers
	@exec $(PY) scripts/screenshots.py $(ARGS)

migrations: setup  ## write the migrations that the models need
	$(PY) manage.py makemigrations $(ARGS)

messages: setup  ## bring locale/en up to date with the texts in the code
	scripts/messages.sh

lock: setup  ## resolve requirements/*.in anew (UPGRADE=1 for newer versions)
	scripts/lock.sh

clean:  ## remove what can be made again; var/ is kept
	rm -rf .venv .setup.lock .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
