# make demo   sets everything up and trains on the embedded digits
# make test   sets everything up and runs the tests
# make bench  sets everything up and times Pellucid beside its peers; make bench-quick: under three minutes
# Paths stay relative, so that a folder with a space in its name works.

.DEFAULT_GOAL := help
.PHONY: help demo test quick lint bench bench-quick lock clean

# The newest Python from 3.11 on that really starts (a version manager's shim may be there and refuse).
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	$$python -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' 2>/dev/null \
	&& echo $$python && break; done)
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-strip-extras --no-emit-index-url \
	--custom-compile-command 'make lock' --group build pyproject.toml

help:
	@sed -n 's/^# \(make .*\)/\1/p' Makefile

demo: .venv/run
	@$(BIN)/python -m pellucid demo

# The mathematics first, every line and branch of it covered; then all else, without the cost of watching.
MATHEMATICS := tests/network tests/passes src/pellucid/network src/pellucid/passes

test: .venv/test
	@$(BIN)/python -m pytest -n 2 --cov --cov-report= $(MATHEMATICS) $(ARGS)
	@$(BIN)/python -m coverage report --include='*/pellucid/network/*,*/pellucid/passes/*' --fail-under=100
	@$(BIN)/python -m pytest -n 2 $(MATHEMATICS:%=--ignore=%) $(ARGS)

# What a change touches, without the slow tests.
quick: .venv/test
	@$(BIN)/python -m pytest -n 2 -m 'not slow' $(ARGS)

lint: .venv/test
	@$(BIN)/python -m ruff check
	@$(BIN)/python -m ruff format --check
	@$(BIN)/python -m mypy
	@$(BIN)/lint-imports

bench: .venv/bench
	@$(BIN)/python -m benchmarks $(ARGS)

bench-quick: .venv/bench
	@$(BIN)/python -m benchmarks --quick $(ARGS)

# Resolves the locked versions anew.
lock:
	@test -x $(BIN)/uv || $(PIP) install uv
	@$(COMPILE) -o requirements/run.txt --upgrade
	@$(COMPILE) --extra test -o requirements/test.txt --upgrade -c requirements/run.txt

clean:
	rm -rf .venv build dist

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "Pellucid needs Python 3.11 to 3.14; none was found. Install one, or name it: make demo PYTHON=/path/to/python" >&2; exit 1; }
	@echo "Setting up a virtual environment in .venv ..."
	@"$(PYTHON)" -m venv .venv || { rm -rf .venv; echo "Python could not make a virtual environment. On Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }

# One recipe for both sets: locked versions first, then the project itself, then a stamp.
.venv/run .venv/test: .venv/%: requirements/%.txt pyproject.toml | .venv/bin/python
	@echo "Installing the locked packages ..."
	@$(PIP) install --require-hashes --requirement requirements/$*.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

# The peers are not locked: torch for the processor alone comes from an index of its own on some systems.
.venv/bench: .venv/run pyproject.toml
	@echo "Installing the peers ..."
	@$(PIP) install --no-build-isolation --editable '.[bench]'
	@touch $@
