# whoknows: `make` lists the targets. Everything is installed into .venv, nothing elsewhere.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP_ARGS ?=
RUN_ARGS ?=
PYTEST_ARGS ?=
WORKERS ?= 2
# Neighbouring tests, which share what takes long to make, begin in one process; idle ones help.
SPREAD = -n $(WORKERS) --dist worksteal
STAMP := $(VENV)/.installed
PACKAGES := knowledge indexer api
SOURCES := $(PACKAGES) tests $(wildcard benchmarks)

export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PYTHONUTF8 := 1

.DEFAULT_GOAL := help
.PHONY: help setup run test test-all test-postgres lint format audit-deps sbom bench quality scripts screenshots \
  clean

help: ## Show this list
	@echo "Usage: make TARGET [VARIABLE=value]"
	@echo
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-14s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))
	@echo
	@echo "  PYTHON=python3    the Python (3.11 or later) that .venv is made with"
	@echo "  PIP_ARGS=         more options for pip install, e.g. a mirror or --find-links DIR"
	@echo "  PYTEST_ARGS=      more options for pytest, e.g. PYTEST_ARGS='-k access'"
	@echo "  WORKERS=2         test processes"

setup: $(STAMP) ## Create .venv and install whoknows with the versions of constraints.txt

# Redone when what it installs has changed, and then in place: pip replaces what differs.
$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "whoknows needs Python 3.11 or later; '$(PYTHON)' is missing or older." \
	       "Name another: make $(MAKECMDGOALS) PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "This Python cannot make virtual environments." \
	       "On Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear $(VENV)
	@echo "Installing into $(VENV); the first time takes some minutes."
	$(BIN)/python -m pip install --quiet $(PIP_ARGS) -c constraints.txt -e '.[dev]'
	@touch $@

run: setup ## Show whoknows with the samples; RUN_ARGS='--port 9000' for another port
	@$(BIN)/whoknows demo $(RUN_ARGS)

test: setup lint ## Check style, types, import rules and run the tests
	$(BIN)/python -m pytest $(SPREAD) $(PYTEST_ARGS)

test-all: test ## The same and then the slow tests
	$(BIN)/python -m pytest -m "slow and not server" $(SPREAD) $(PYTEST_ARGS) || test $$? -eq 5

test-postgres: setup ## Run what opens a database on a PostgreSQL server too
	$(BIN)/python -m pytest -m server $(SPREAD) $(PYTEST_ARGS)

lint: setup ## Check style, types, import rules and for dangerous code only
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/mypy --strict $(addprefix -p ,$(PACKAGES))
	$(BIN)/lint-imports --no-logo
	$(BIN)/bandit --quiet --recursive --configfile pyproject.toml $(PACKAGES)

format: setup ## Rewrite the code in the project's style
	$(BIN)/ruff check --fix $(SOURCES)
	$(BIN)/ruff format $(SOURCES)

# In an environment of their own, so that they are no part of what they tell of.
TOOLS := $(VENV)/tools
tool = { test -x $(TOOLS)/bin/python || $(PYTHON) -m venv $(TOOLS); } && \
  $(TOOLS)/bin/python -m pip install --quiet $(PIP_ARGS) -c constraints.txt $(1)
# A version with known vulnerabilities: a source that tells of none has none to tell of.
ADVISORIES := https://pypi.org/pypi/jinja2/2.4.1/json
KNOWN := import json, sys, urllib.request as u; \
  sys.exit(not json.load(u.urlopen(sys.argv[1], timeout=20))["vulnerabilities"])

audit-deps: setup ## Look for known vulnerabilities of what constraints.txt names (needs the internet)
	@$(call tool,pip-audit) >/dev/null 2>&1 || { \
	  echo "pip-audit cannot be installed from here, so nothing was audited."; exit 0; }; \
	$(BIN)/python -c '$(KNOWN)' $(ADVISORIES) 2>/dev/null || { \
	  echo "No vulnerabilities can be looked up at $(ADVISORIES) from here, so nothing was audited."; \
	  exit 0; }; \
	grep -v '+' constraints.txt > $(TOOLS)/audited.txt; \
	$(TOOLS)/bin/pip-audit --no-deps --disable-pip --requirement $(TOOLS)/audited.txt

sbom: setup ## Write sbom.json: what is installed in .venv, with licences (CycloneDX)
	@$(call tool,cyclonedx-bom)
	$(TOOLS)/bin/cyclonedx-py environment --pyproject pyproject.toml --mc-type application \
	  --output-reproducible --output-format JSON --output-file sbom.json $(BIN)/python

COLLECTIONS ?=

SIZES ?= 1000 10000 100000 1000000
VECTORS := var/bench/vectors

bench: setup ## Measure everything for docs/performance.md; give COLLECTIONS="DIR..." (judged collections)
	@test -n "$(COLLECTIONS)" || { echo 'say what to measure with: make bench COLLECTIONS="DIR..."'; exit 1; }
	$(BIN)/python -m benchmarks.ingest $(COLLECTIONS) --embedders onnx_int8 sentence_transformer --record
	$(BIN)/python -m benchmarks.peers $(COLLECTIONS) --record
	for collection in $(COLLECTIONS); do \
	  $(BIN)/whoknows eval $$collection --vectors $(VECTORS) || exit 1; \
	done
	$(BIN)/python -m benchmarks.scale $(COLLECTIONS) --vectors $(VECTORS) --sizes $(SIZES) --record
	for size in $(SIZES); do \
	  test -e var/bench/$$size || $(BIN)/python -m benchmarks.fill $(COLLECTIONS) --vectors $(VECTORS) \
	    --data var/bench/$$size --passages $$size || exit 1; \
	  $(BIN)/python -m benchmarks.path $(COLLECTIONS) --data var/bench/$$size --record || exit 1; \
	done
	$(BIN)/python -m benchmarks.load $(COLLECTIONS) --data var/bench/100000 --record
	$(BIN)/python -m benchmarks.report

quality: setup ## Measure how good it is, what each stage is worth; give COLLECTIONS="DIR..."
	@test -n "$(COLLECTIONS)" || { echo 'say what to measure with: make quality COLLECTIONS="DIR..."'; exit 1; }
	$(BIN)/python -m benchmarks.ablations $(COLLECTIONS) --vectors $(VECTORS) --record
	$(BIN)/python -m benchmarks.ablations.reindexed $(COLLECTIONS) --vectors $(VECTORS) --record
	$(BIN)/python -m benchmarks.learned $(COLLECTIONS) --vectors $(VECTORS) --record
	$(BIN)/python -m benchmarks.calibration $(COLLECTIONS) data/samples/judged --vectors $(VECTORS) --record
	$(BIN)/python -m benchmarks.holding $(COLLECTIONS) --vectors $(VECTORS) --record
	$(BIN)/python -m benchmarks.typos $(COLLECTIONS) --vectors $(VECTORS) --record
	$(BIN)/python -m benchmarks.jargon $(COLLECTIONS) --vectors $(VECTORS) --record
	$(BIN)/python -m benchmarks.quality

ESBUILD := 0.28.2
UPLOT := 1.6.32

scripts: ## Bundle the pages' scripts and the widget from api/web/scripts (needs node)
	@command -v npm >/dev/null || { \
	  echo "Bundling needs node and npm. On Debian and Ubuntu: apt-get install npm" >&2; exit 1; }
	npm install --silent --no-save --no-package-lock esbuild@$(ESBUILD) uplot@$(UPLOT)
	node api/web/scripts/build.mjs api/web/static

screenshots: setup ## Take the pictures of the documentation (needs Debian's chromium)
	$(BIN)/python docs/screenshots/make.py

clean: ## Remove .venv and every cache; never ./var, where your data is
	rm -rf $(VENV) build dist sbom.json *.egg-info .pytest_cache .mypy_cache .ruff_cache \
	  .import_linter_cache .hypothesis
	find $(SOURCES) -type d -name __pycache__ -prune -exec rm -rf {} +
