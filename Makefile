# Everything a newcomer needs: `make demo`, `make test` and `make parts`. Each creates the environment itself.
SHELL := /bin/bash
.DEFAULT_GOAL := help

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# The first of these that runs and is new enough (a version manager may have names that do not run).
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python3.14; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)

.PHONY: help demo parts test lint types unit docs bench oldest clean

help: ## Show this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 10

$(READY): pyproject.toml constraints.txt
	@test -n "$(PYTHON)" || { echo "streamkit needs Python 3.11 or newer and found none: make PYTHON=/path/to/python3.11"; exit 1; }
	$(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[api]' --requirement requirements-dev.txt
	touch $@

demo: $(READY) ## Replay a recorded order stream, poison records included, windows, a template that loses records, and a bug that tests do not see
	@$(BIN)/python examples/orders/demo.py
	@$(BIN)/python -m examples.windows.demo
	@$(BIN)/python -m examples.deployed.demo
	@$(BIN)/python -m examples.simulate.demo

parts: $(READY) ## Install what tests against real parts need: a JDK, npm, DynamoDB Local, Node's runtime client, AWS CLI, CDK
	@$(BIN)/python -m tests.parts.install

test: lint types unit ## Style, types and every test

lint: $(READY) ## Style
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(READY) ## mypy --strict everywhere, pyright on the public face
	$(BIN)/mypy
	$(BIN)/pyright

unit: $(READY) ## The tests, side by side, with branch coverage
	$(BIN)/coverage erase
	COVERAGE_PROCESS_START=$(CURDIR)/pyproject.toml $(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 --dist worksteal
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

docs: $(READY) ## The pages of docs/ and the reference as a site, in build/site
	$(BIN)/python -m sphinx --quiet --fail-on-warning --builder html --doctree-dir build/doctrees docs build/site
	@echo build/site/index.html

bench: $(READY) ## The measurements that the docs quote (some fifteen minutes)
	$(BIN)/python benchmarks/import_time.py
	$(BIN)/python benchmarks/throughput.py
	$(BIN)/python benchmarks/window_state.py
	$(BIN)/python benchmarks/decoding.py
	$(BIN)/python benchmarks/runtime_api.py
	$(BIN)/python benchmarks/live.py
	$(BIN)/python benchmarks/install_size.py
	$(BIN)/python benchmarks/simulate.py

oldest: pyproject.toml requirements-dev.txt ## Decoding and states with the oldest versions that streamkit allows
	test -x .venv-oldest/bin/python || $(PYTHON) -m venv .venv-oldest
	.venv-oldest/bin/python -m pip install --quiet --disable-pip-version-check --constraint constraints-oldest.txt --editable '.[api]' --requirement requirements-dev.txt
	.venv-oldest/bin/python -m pytest tests/compiling tests/states tests/test_*.py

clean: ## Remove everything that was generated
	rm -rf $(VENV) .venv-oldest .mypy_cache .pytest_cache .ruff_cache .hypothesis .coverage* dist build
