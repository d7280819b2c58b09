# make demo   sets everything up and trains on the embedded digits
# make test   sets everything up and runs the tests; make test LONG=1: those that take minutes too, as CI does
# make bench  sets everything up and times Pellucid beside its peers; make bench-quick: under three minutes
# Paths stay relative, so that a folder with a space in its name works.

.DEFAULT_GOAL := help
.PHONY: help demo test quick lint bench bench-quick lock clean

# The newest Python from 3.11 on that really starts (a version manager's shim may be there and refuse).
PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11 python; do \
	$$python -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null \
	&& echo $$python && break; done)
VENV := .venv
BIN := $(VENV)/bin
# A virtual environment stays with the Python that it was made with.
ifeq ($(origin PYTHON)$(wildcard $(BIN)/python),command line$(BIN)/python)
ifneq ($(shell $(BIN)/python -V),$(shell "$(PYTHON)" -V))
$(error $(VENV) was made with $(shell $(BIN)/python -V); to make it anew with another, remove it: make clean)
endif
endif
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-strip-extras --no-emit-index-url \
	--custom-compile-command 'make lock' --group build pyproject.toml

help:
	@sed -n 's/^# \(make .*\)/\1/p' Makefile

demo: $(VENV)/run
	@$(BIN)/python -m pellucid demo

SELECTED := $(if $(LONG),,-m 'not long')
# The mathematics first, every line and branch of it covered; then all else, without the cost of watching.
MATHEMATICS := tests/network tests/passes src/pellucid/network src/pellucid/passes

test: $(VENV)/test
	@$(BIN)/python -m pytest -n 2 $(SELECTED) --cov --cov-report= $(MATHEMATICS) $(ARGS)
	@$(BIN)/python -m coverage report --include='*/pellucid/network/*,*/pellucid/passes/*' --fail-under=100
	@$(BIN)/python -m pytest -n 2 $(SELECTED) $(MATHEMATICS:%=--ignore=%) $(ARGS)

# What a change touches, without the slow tests.
quick: $(VENV)/test
	@$(BIN)/python -m pytest -n 2 -m 'not slow' $(ARGS)

lint: $(VENV)/test
	@$(BIN)/python -m ruff check
	@$(BIN)/python -m ruff format --check
	@$(BIN)/python -m mypy
	@$(BIN)/lint-imports

bench: $(VENV)/bench
	@$(BIN)/python -m benchmarks $(ARGS)

bench-quick: $(VENV)/bench
	@$(BIN)/python -m benchmarks --quick $(ARGS)

# Resolves the locked versions anew. A checkout contains no machine code, so it always needs the extra that makes it.
lock:
	@test -x $(BIN)/uv || $(PIP) install uv
	@$(COMPILE) --extra compile -o requirements/run.txt --upgrade
	@$(COMPILE) --extra test -o requirements/test.txt --upgrade -c requirements/run.txt

clean:
	rm -rf .venv .venv-newest build dist

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Pellucid needs Python 3.11 to 3.13; none was found. Install one, or name it: make demo PYTHON=/path/to/python" >&2; exit 1; }
	@echo "Setting up a virtual environment in $(VENV) ..."
	@"$(PYTHON)" -m venv $(VENV) || { rm -rf $(VENV); echo "Python could not make a virtual environment. On Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }

# One recipe for both sets: locked versions first, then the project itself, then a stamp.
$(VENV)/run $(VENV)/test: $(VENV)/%: requirements/%.txt pyproject.toml | $(BIN)/python
	@echo "Installing the locked packages ..."
	@$(PIP) install --require-hashes --requirement requirements/$*.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

# The peers are not locked: torch for the processor alone comes from an index of its own on some systems.
$(VENV)/bench: $(VENV)/run pyproject.toml
	@echo "Installing the peers ..."
	@$(PIP) install --no-build-isolation --editable '.[bench]'
	@touch $@
