# Everything a person runs here. `make` alone lists it.
PYTHON ?= python3
PARTS ?= all
DEMO ?=
BENCH ?=
TESTS ?=
KAFKA ?=
UV = uv==0.13.9
BIN = .venv/bin
READY = .venv/ready

.DEFAULT_GOAL := help
.PHONY: help setup demo test check kafka bench lock

help: ## this list
	@echo "Zhida (直达): charter coaches for returning workers. make ..."
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  %-7s %s\n", $$1, $$2}' Makefile

setup: $(READY) ## make .venv with the command .venv/bin/zhida (PYTHON=python3.12 chooses another Python)

demo: setup ## one day from roster to confirmed coach, then the pages until Ctrl-C (DEMO=--once ends after the summary)
	@$(BIN)/zhida demo $(DEMO)

test: setup ## every test, on real PostgreSQL, Apache Kafka and Chromium (PARTS=embedded: without the last two)
	@if [ "$(PARTS)" = all ]; then deploy/system-parts kafka browser; fi
	@$(BIN)/pytest --parts $(PARTS) $(if $(TESTS),$(TESTS),$(if $(filter all,$(PARTS)),-n 2 --dist loadgroup))

check: setup ## format, lint, types, who may import whom, documents that have drifted
	$(BIN)/ruff format --check --quiet
	$(BIN)/ruff check --quiet
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/zhida docs --check

kafka: setup ## a real Apache Kafka at 127.0.0.1:9092 until Ctrl-C (KAFKA="--port 9192 --data DIR")
	@deploy/system-parts kafka
	@exec $(BIN)/python -m deploy.kafka.broker $(KAFKA)

bench: setup ## workers a second and the planner's figures, beside this machine's raw limits (BENCH="corridors --peers": the planner's own)
	@case "$(BENCH)" in ""|-*) deploy/system-parts kafka;; esac
	@$(BIN)/zhida bench $(BENCH)

lock: ## write requirements.lock anew from pyproject.toml
	@set -e; tools=$$(mktemp -d); trap 'rm -rf "$$tools"' EXIT; \
	$(PYTHON) -m venv "$$tools"; "$$tools/bin/pip" install --quiet "$(UV)"; \
	UV_CUSTOM_COMPILE_COMMAND="make lock" "$$tools/bin/uv" pip compile pyproject.toml --quiet \
	  --universal --python-version 3.11 --all-extras --generate-hashes --no-emit-index-url --no-emit-find-links \
	  --output-file requirements.lock

# The stamp is written last: an interrupted installation is begun again, a finished one costs nothing.
$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; v = "%d.%d" % sys.version_info[:2]; sys.version_info >= (3, 11) or sys.exit( \
	  "Zhida needs Python 3.11 or newer, and $(PYTHON) is " + v + ". Name another: make setup PYTHON=python3.12")'
	@$(PYTHON) -m venv .venv
	@echo "Installing the pinned Python packages into .venv (about a minute the first time) ..."
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@
