# Two commands matter: `make demo` and `make test`. `make help` lists the rest.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
HAEDAP_HOME ?= haedap-home
export HAEDAP_HOME
# One thread for numeric libraries: more threads than cores is many times slower.
export OMP_NUM_THREADS ?= 1
export OPENBLAS_NUM_THREADS ?= 1
export TOKENIZERS_PARALLELISM ?= false
export PIP_DISABLE_PIP_VERSION_CHECK ?= 1

.DEFAULT_GOAL := help
.PHONY: help demo test lint bench train lock browser clean

help: ## Show this list.
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):[^#]*## /\1\t/' | awk -F'\t' '{printf "  make %-8s %s\n", $$1, $$2}'

$(VENV)/.python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Haedap needs Python 3.11 or later; try: make PYTHON=python3.12 ..." >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { echo "Python's venv module is missing; on Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	@touch $@

$(VENV)/.base: $(VENV)/.python requirements/base.txt pyproject.toml
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements/base.txt
	$(BIN)/python -m pip install --quiet --no-deps --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.python requirements/dev.txt pyproject.toml
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements/dev.txt
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@ $(VENV)/.base

$(VENV)/.train: $(VENV)/.base requirements/train.txt
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements/train.txt
	@touch $@

# Checks keep their state apart from a center's.
test lint: export HAEDAP_HOME = $(CURDIR)/tests/.home

demo: $(VENV)/.base ## Set up, load the demo help center and serve it.
	$(BIN)/haedap demo

test: $(VENV)/.dev browser lint ## Set up and run every check: lint, types, import rules, tests, browser.
	$(BIN)/python -m pytest -n auto --maxprocesses 4 --dist worksteal

lint: $(VENV)/.dev ## Style, types, import rules, missing migrations.
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy src/haedap/search src/haedap/conf.py
	$(BIN)/lint-imports
	$(BIN)/python -m django makemigrations --check --dry-run --settings haedap.settings

browser: ## Find Chromium, or install it where that is possible.
	@sh scripts/ensure-browser

bench: $(VENV)/.dev ## Measure speed, memory and quality (see benchmarks/README.md).
	$(BIN)/python -m benchmarks

train: $(VENV)/.train ## Train, pack and measure the adapter of the embedder (see training/README.md).
	$(BIN)/python -m training train
	$(BIN)/python -m training pack

lock: $(VENV)/.dev ## Write the pinned requirements anew.
	sh scripts/lock

clean: ## Remove the environment, caches and build outputs (never HAEDAP_HOME).
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
