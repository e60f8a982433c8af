# Everything below runs in .venv, which is made on first use: a machine needs Python 3.11 or newer, make and git.

PYTHON ?= python3
SCENARIO ?= happy
SPEED ?= 1
EPISODES ?= 10000

UV_VERSION := 0.13.9
ACTIONLINT_VERSION := 1.7.12
ACT_VERSION := 0.2.89
# The version that Qovery says it runs.
OPA_VERSION := 1.19.1

BIN := .venv/bin
UV := $(BIN)/uv
READY := .venv/.ready
ACTIONLINT := $(BIN)/actionlint-$(ACTIONLINT_VERSION)
ACT := $(BIN)/act-$(ACT_VERSION)
OPA := $(BIN)/opa-$(OPA_VERSION)
PRISM := .venv/prism/node_modules/.bin/prism
# One more than the processors: the end-to-end tests mostly wait.
WORKERS := $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1)
# These measure no coverage, which would make them slower. Those that take long stand first.
UNCOVERED := tests/properties tests/proof tests/sandbox
# schemathesis gives all cases of a test one name, of which pytest-xdist would run the first only.
MADE_UP_CALLS := tests/world/test_schemathesis.py

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# What a shell may have set for other projects. Indexes, certificates and proxies stay as the machine has them.
unexport VIRTUAL_ENV PYTHONPATH PYTHONHOME
unexport PIP_TARGET PIP_USER PIP_PREFIX PIP_ROOT PIP_PYTHON PIP_REQUIRE_VIRTUALENV PIP_CONSTRAINT PIP_DRY_RUN
unexport UV_PROJECT UV_PROJECT_ENVIRONMENT UV_WORKING_DIRECTORY UV_PYTHON UV_SYSTEM_PYTHON UV_LOCKED UV_FROZEN
unexport UV_NO_DEV UV_NO_SYNC UV_NO_EDITABLE UV_NO_BINARY UV_NO_DEFAULT_GROUPS UV_ISOLATED UV_CONSTRAINT UV_OVERRIDE

# launcher/ runs as a directory: its modules import each other by their bare names.
export MYPYPATH := launcher

.PHONY: help demo test e2e prove mutate world policy comparison bench bundle release-check readme messages lint format lock clean

help: ## Show what there is to do
	@awk 'BEGIN {FS = ":.*## "} /^[a-z0-9-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo
	@echo "  make demo SCENARIO=failing      another scenario; SPEED=10 runs its clock faster"
	@echo "  make test PYTHON=python3.13     another Python, before .venv is made"

demo: $(READY) ## Deploy on the sandbox as a workflow would, and show the log, outputs and summary
	@$(BIN)/python -m tests.harness.demo --scenario "$(SCENARIO)" --speed "$(SPEED)"

test: lint ## Check all but the workflows and the world: linters, types, architecture, tests and their coverage
	@echo "→ tests"
	@$(BIN)/pytest --numprocesses $(WORKERS) --dist worksteal --cov --cov-report term $(UNCOVERED:%=--ignore %) \
	  --ignore tests/act --ignore tests/world --ignore tests/opa
	@echo "→ random episodes, always the same; the proof: every history of a small model; the sandbox"
	@$(BIN)/pytest --numprocesses auto --dist loadscope --no-loadscope-reorder $(UNCOVERED)

e2e: $(READY) $(ACT) ## Run the workflows of tests/workflows with act: on this host, with no container and no network
	@echo "→ workflows"
	@$(BIN)/python -m tests.act

prove: $(READY) ## Check every history of a larger world, and draw EPISODES=10000 new episodes for each property
	@$(BIN)/python -m tests.proof --scope large
	@EPISODES="$(EPISODES)" $(BIN)/pytest --numprocesses auto --dist worksteal tests/properties

mutate: $(READY) ## Change the conditions of the engine one by one: each change must make a test fail
	@$(BIN)/python -m tests.mutation

world: $(READY) $(PRISM) ## Hold the sandbox and the action against real clients and servers; takes Node.js
	@$(BIN)/pytest --numprocesses 3 --dist loadfile --ignore $(MADE_UP_CALLS) tests/world
	@$(BIN)/pytest $(MADE_UP_CALLS)

policy: $(READY) $(OPA) ## Evaluate the policies of docs/how-to/least-privilege-token.md with Open Policy Agent
	@$(BIN)/pytest tests/opa

comparison: $(READY) ## Write docs/comparison.md anew; QOVERY_CLI=/path/to/qovery names Qovery's CLI
	@$(BIN)/python -m tests.world.comparison

bench: $(READY) release-check ## Measure speed, requests and size, and write docs/performance.md; takes Node.js, ten minutes
	@$(BIN)/python -m benchmarks

bundle: $(READY) ## Build the dependencies that a release carries, in bundle/: with them the action needs no network
	@$(BIN)/python -m release.bundle bundle

release-check: $(READY) ## Do what a release does, short of publishing: dist/ has what would be attached to it
	@$(BIN)/python -m release.check $(if $(TAG),--tagged "$(TAG)")

readme: $(READY) ## Fill README's tables from action.yml
	@$(BIN)/python -m tests.readme

messages: $(READY) ## List every message that a user may see in tests/data/messages.txt, for review
	@$(BIN)/python -m tests.messages

lint: $(READY) $(ACTIONLINT) ## Check everything but the tests
	@echo "→ ruff"
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@echo "→ mypy"
	@$(BIN)/mypy src launcher release benchmarks tests
	@echo "→ import-linter"
	@$(BIN)/lint-imports
	@echo "→ zizmor"
	@$(BIN)/zizmor --quiet --offline --persona pedantic . tests/workflows/*.yml
	@echo "→ actionlint, shellcheck"
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(ACTIONLINT) .github/workflows/*.yml tests/workflows/*.yml
	@$(BIN)/shellcheck .ci/run
	@$(BIN)/python -c 'from tests.harness import Action; print(Action.from_directory().script)' \
	  | $(BIN)/shellcheck --shell=bash -

format: $(READY) ## Rewrite the code as ruff has it
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

lock: $(READY) ## Lock the dependencies, for the launcher too; UPGRADE=1 takes the newest allowed
	@$(UV) lock $(if $(UPGRADE),--upgrade)
	@$(UV) export --frozen --no-dev --no-emit-project --no-annotate --no-header --quiet -o launcher/requirements.txt
	@$(MAKE) $(READY)

clean: ## Remove all that is made, .venv included
	rm -rf .venv .demo .coverage .coverage.* .wheels bundle benchmarks/javascript/{dist,node_modules} dist .*_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(READY): uv.lock pyproject.toml | $(UV)
	@echo "→ installing the development environment from uv.lock"
	@$(UV) sync --frozen --all-extras --quiet
	@touch $@

$(UV):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "$(PYTHON) is missing or older than 3.11: name another, as in 'make PYTHON=python3.13 …'" >&2; exit 1; }
	@echo "→ making .venv with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@touch $@

# There are no wheels of these, but of Go: they are built here, once.
$(ACTIONLINT): | $(READY)
	@echo "→ building actionlint $(ACTIONLINT_VERSION) (once, about a minute)"
	@$(call build,actionlint,github.com/rhysd/actionlint/cmd/actionlint@v$(ACTIONLINT_VERSION))

$(ACT): | $(READY)
	@echo "→ building act $(ACT_VERSION) (once, about a minute)"
	@$(call build,act,github.com/nektos/act@v$(ACT_VERSION))

$(OPA): | $(READY)
	@echo "→ building opa $(OPA_VERSION) (once, two to five minutes)"
	@$(call build,opa,github.com/open-policy-agent/opa@v$(OPA_VERSION))

# $(1) is the program's name, $(2) its package.
define build
GOBIN="$(CURDIR)/$(BIN)" GOTOOLCHAIN=local GOFLAGS=-buildvcs=false $(BIN)/go install $(2) || { \
  echo "$(1) cannot be built here. Its sources come from the Go module proxy: let this machine reach that," >&2; \
  echo "or set GOPROXY to one which it reaches, and run make again." >&2; exit 1; }; \
mv $(BIN)/$(1) $@
endef

# Node.js is the machine's. Where there is none, the tests say so; in CI they fail.
$(PRISM): tests/world/prism/package-lock.json | $(READY)
	@if command -v npm > /dev/null; then \
	  echo "→ installing Prism from its lock"; \
	  mkdir -p .venv/prism; \
	  cp tests/world/prism/package.json tests/world/prism/package-lock.json tests/world/prism/.npmrc .venv/prism/; \
	  npm ci --prefix .venv/prism --loglevel=error; \
	  touch $@; \
	else \
	  echo "Node.js with npm is missing, on which Prism runs: install Node.js 20 or newer" >&2; \
	fi
