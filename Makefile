# The journal of sent messages: every command a person or a machine needs. `make` lists them.
# PYTHON=python3.12 chooses the interpreter; ARGS="..." is handed to the program or to pytest.

VENV := .venv
BIN := $(VENV)/bin
PEERS := tests/benchmarks/peers
SOURCES := models services journal_ui main.py tests
# Each worker begins with its share of the modules in turn, and one that has finished takes half of what another has left:
# the fixtures of a module are set up once, or twice where its tests are parted, and no core is idle at the end.
WORKERS := -n logical --dist worksteal
PIP := $(BIN)/python -m pip --quiet --quiet --disable-pip-version-check --no-input
COMPILE := CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/python -m piptools compile --quiet --upgrade --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-emit-trusted-host --strip-extras

export PYTHON

.PHONY: help run test test-quick check lint format bench bench-load bench-screen bench-peers screenshots lighthouse lock clean
.DEFAULT_GOAL := help

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /  make \1	/p' $(MAKEFILE_LIST) | expand -t 20

run: $(VENV)/runtime ## start the journal with demonstration data
	@exec $(BIN)/python main.py --demo $(ARGS)

test: $(VENV)/development browser nginx ## every test, services on SQLite and PostgreSQL, stories in Chromium
	@$(BIN)/python -m pytest $(WORKERS) --durations=25 $(ARGS)

test-quick: $(VENV)/development ## every test that needs no browser
	@$(BIN)/python -m pytest $(WORKERS) -m "not browser" --durations=25 $(ARGS)

check: lint test ## everything that must hold before a commit: lint, format, types, tests

lint: $(VENV)/development ## lint, format and types, without tests
	@$(BIN)/ruff check $(SOURCES)
	@$(BIN)/ruff format --check $(SOURCES)
	@$(BIN)/mypy

format: $(VENV)/development ## put the code into its format
	@$(BIN)/ruff check --fix-only --quiet $(SOURCES)
	@$(BIN)/ruff format $(SOURCES)

bench: $(VENV)/development ## figures of speed and size
	@$(BIN)/python -m tests.benchmarks $(ARGS)

bench-load: $(VENV)/development ## a thousand operators at once: how long they wait, what each costs
	@$(BIN)/python -m tests.benchmarks.concurrent_operators

bench-screen: $(VENV)/development browser ## what an operator waits for, from the click to rows on the screen
	@$(BIN)/python -m tests.benchmarks.browser_latency

bench-export: $(VENV)/development ## an export of everything: its speed and memory, and others' searches beside it
	@$(BIN)/python -m tests.benchmarks.export_benchmark

bench-peers: $(VENV)/development .venv-peers/installed ## the journal beside other list tools over the same messages
	@$(BIN)/python -m tests.benchmarks.peers

screenshots: $(VENV)/development browser ## the pictures of the README and of the guide
	@$(BIN)/python -m tests.browser.screenshots docs/images

pages: $(VENV)/development browser ## every page at three widths, light and dark, into screenshots/
	@$(BIN)/python -m tests.browser.screenshots screenshots/pages --pages

lighthouse: $(VENV)/development browser tests/lighthouse/node_modules/lighthouse/package.json ## grade three pages on a desktop
	@$(BIN)/python -m tests.lighthouse

lock: | $(BIN)/python ## write the lock files anew from pyproject.toml
	@$(PIP) install --upgrade pip-tools
	@$(COMPILE) --output-file requirements.lock pyproject.toml
	@$(COMPILE) --extra dev --constraint requirements.lock --output-file requirements-dev.lock pyproject.toml
	@$(COMPILE) --output-file $(PEERS)/requirements.lock $(PEERS)/requirements.in

clean: ## remove what these commands made, the data excepted
	@rm -rf $(VENV) .venv-peers tests/browser/node_modules tests/lighthouse/node_modules .pytest_cache .mypy_cache .ruff_cache .hypothesis screenshots
	@find $(SOURCES) -name __pycache__ -type d -prune -exec rm -rf {} +

.PHONY: nginx
nginx:
	@.ci/nginx

.PHONY: browser
browser: $(VENV)/development tests/browser/node_modules/axe-core/axe.min.js
	@.ci/chromium

$(BIN)/python:
	@.ci/venv

$(VENV)/runtime: requirements.lock | $(BIN)/python
	@echo "Installing what the journal needs"
	@$(PIP) install --require-hashes -r requirements.lock || \
		{ echo "Not installed: see why above. The package index must be reachable (pip config)." >&2; exit 1; }
	@touch $@

$(VENV)/development: requirements-dev.lock | $(BIN)/python
	@echo "Installing what the tests need"
	@$(PIP) install --require-hashes -r requirements-dev.lock || \
		{ echo "Not installed: see why above. The package index must be reachable (pip config)." >&2; exit 1; }
	@touch $@

# The tools beside the journal have an environment of their own: what they need must not meet what it needs.
.venv-peers/installed: $(PEERS)/requirements.lock | $(BIN)/python
	@echo "Installing the other list tools"
	@$(BIN)/python -m venv .venv-peers
	@.venv-peers/bin/python -m pip --quiet --disable-pip-version-check install --require-hashes -r $<
	@touch $@

# The file keeps the date of its release, older than the lock: the touch tells make that it is the locked one.
tests/browser/node_modules/axe-core/axe.min.js: tests/browser/package-lock.json | $(VENV)/development
	@echo "Fetching axe-core"
	@.ci/npm tests/browser
	@touch $@

tests/lighthouse/node_modules/lighthouse/package.json: tests/lighthouse/package-lock.json | $(VENV)/development
	@echo "Fetching Lighthouse"
	@.ci/npm tests/lighthouse
	@touch $@
