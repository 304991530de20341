# The commands of development and continuous integration. `make` lists them.
# PYTHON=python3.12 chooses the interpreter; ARGS="..." is passed to the program or to pytest.

VENV := .venv
BIN := $(VENV)/bin
PEERS := tests/benchmarks/peers
OIDC_PROVIDER := tests/oidc_provider/node_modules/oidc-provider/package.json
SOURCES := models services journal_ui main.py tests
# One worker runs on each core. Each starts with a continuous share of the tests, so that most modules stay in one
# worker and their fixtures are set up once. A worker that has finished takes tests from the others: no core is idle.
WORKERS := -n logical --dist worksteal
PIP := $(BIN)/python -m pip --quiet --quiet --disable-pip-version-check --no-input
COMPILE := CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/python -m piptools compile --quiet --upgrade --generate-hashes --allow-unsafe \
	--no-emit-index-url --no-emit-find-links --no-emit-trusted-host --strip-extras

export PYTHON
# Without the compiled modules, each worker compiles the program and all tests.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help run test test-quick check lint format bench bench-load bench-screen bench-export bench-peers screenshots pages lighthouse lock clean
.DEFAULT_GOAL := help

help: ## list these commands
	@sed -n 's/^\([a-z-]*\):.*## /  make \1	/p' $(MAKEFILE_LIST) | expand -t 20

run: $(VENV)/runtime ## start the journal with demonstration data
	@exec $(BIN)/python main.py --demo $(ARGS)

test: $(VENV)/development browser servers $(OIDC_PROVIDER) ## run every test, on SQLite and PostgreSQL, and in Chromium
	@$(BIN)/python -m pytest $(WORKERS) --durations=25 $(ARGS)

test-quick: $(VENV)/development $(OIDC_PROVIDER) ## run every test that needs no browser
	@$(BIN)/python -m pytest $(WORKERS) -m "not browser" --durations=25 $(ARGS)

check: lint test ## check lint, format, types and tests before a commit

lint: $(VENV)/development ## check lint, format and types
	@$(BIN)/ruff check $(SOURCES)
	@$(BIN)/ruff format --check $(SOURCES)
	@$(BIN)/mypy

format: $(VENV)/development ## fix lint and format the code
	@$(BIN)/ruff check --fix-only --quiet $(SOURCES)
	@$(BIN)/ruff format $(SOURCES)

bench: $(VENV)/development ## measure speed and size
	@$(BIN)/python -m tests.benchmarks $(ARGS)

bench-load: $(VENV)/development ## measure latency and CPU with a thousand concurrent operators
	@$(BIN)/python -m tests.benchmarks.concurrent_operators

bench-screen: $(VENV)/development browser ## measure the time from a click to rows on the screen
	@$(BIN)/python -m tests.benchmarks.browser_latency

bench-export: $(VENV)/development ## measure an export of everything, and searches during it
	@$(BIN)/python -m tests.benchmarks.export_benchmark

bench-peers: $(VENV)/development .venv-peers/installed ## compare the journal with other list tools
	@$(BIN)/python -m tests.benchmarks.peers

screenshots: $(VENV)/development browser ## save the screenshots of the README and of the guide
	@$(BIN)/python -m tests.browser.screenshots docs/images

pages: $(VENV)/development browser ## save every page at three widths, light and dark, to screenshots/
	@$(BIN)/python -m tests.browser.screenshots screenshots/pages --pages

lighthouse: $(VENV)/development browser tests/lighthouse/node_modules/lighthouse/package.json ## check the Lighthouse scores of three pages
	@$(BIN)/python -m tests.lighthouse

lock: | $(BIN)/python ## update the lock files from pyproject.toml
	@$(PIP) install --upgrade pip-tools
	@$(COMPILE) --output-file requirements.lock pyproject.toml
	@$(COMPILE) --extra dev --constraint requirements.lock --output-file requirements-dev.lock pyproject.toml
	@$(COMPILE) --output-file $(PEERS)/requirements.lock $(PEERS)/requirements.in

clean: ## remove everything that these commands created, except data
	@rm -rf $(VENV) .venv-peers tests/browser/node_modules tests/lighthouse/node_modules tests/oidc_provider/node_modules .pytest_cache .mypy_cache .ruff_cache .hypothesis screenshots
	@find $(SOURCES) -name __pycache__ -type d -prune -exec rm -rf {} +

.PHONY: servers
servers:
	@.ci/server nginx
	@.ci/server pgbouncer || echo "The test of connections through PgBouncer is skipped."

.PHONY: browser
browser: $(VENV)/development tests/browser/node_modules/axe-core/axe.min.js
	@.ci/chromium

$(BIN)/python:
	@.ci/venv

$(VENV)/runtime: requirements.lock | $(BIN)/python
	@echo "Installing the dependencies of the journal"
	@$(PIP) install --require-hashes -r requirements.lock || \
		{ echo "The installation failed for the reason above. The package index must be reachable (pip config)." >&2; exit 1; }
	@touch $@

$(VENV)/development: requirements-dev.lock | $(BIN)/python
	@echo "Installing the dependencies of the tests"
	@$(PIP) install --require-hashes -r requirements-dev.lock || \
		{ echo "The installation failed for the reason above. The package index must be reachable (pip config)." >&2; exit 1; }
	@touch $@

# The other list tools have an environment of their own: their dependencies must not affect those of the journal.
.venv-peers/installed: $(PEERS)/requirements.lock | $(BIN)/python
	@echo "Installing the other list tools"
	@$(BIN)/python -m venv .venv-peers
	@.venv-peers/bin/python -m pip --quiet --disable-pip-version-check install --require-hashes -r $<
	@touch $@

# npm sets the modification time to the date of the release, before that of the lock file; touch marks it as up to date.
tests/browser/node_modules/axe-core/axe.min.js: tests/browser/package-lock.json | $(VENV)/development
	@echo "Installing axe-core"
	@.ci/npm tests/browser
	@touch $@

$(OIDC_PROVIDER): tests/oidc_provider/package-lock.json | $(VENV)/development
	@echo "Installing oidc-provider"
	@.ci/npm tests/oidc_provider
	@touch $@

tests/lighthouse/node_modules/lighthouse/package.json: tests/lighthouse/package-lock.json | $(VENV)/development
	@echo "Installing Lighthouse"
	@.ci/npm tests/lighthouse
	@touch $@
