# The verbs of this project. Each makes what it needs, from a machine with Python 3.11 or newer, make and a package index.
#
#   make demo      run every shipped scenario against the built-in simulators
#   make test      what CI runs: the wheel is built, installed in an environment of its own, and tested there
#   make test-all  the same for every Python from 3.11 to 3.13 that is on this machine
#
# PYTHON=/path/to/python chooses the Python; ARGS=… is handed on to pytest, and by `make demo` to `runner run`.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.SUFFIXES:
.PHONY: help demo test test-all lint format types imports schemas bench clean distclean wheel installed

VENV ?= .venv
TEST_VENV ?= .venv-test
BIN := $(if $(filter Windows_NT,$(OS)),Scripts,bin)
RUN := $(VENV)/$(BIN)
TESTED := $(TEST_VENV)/$(BIN)
PIP := -m pip --disable-pip-version-check --no-input --quiet

SOURCES := $(foreach kind,py typed yaml md json html css js,$(wildcard $(foreach depth,* */* */*/* */*/*/*,runner/$(depth).$(kind))))
EVERY_SCENARIO := $(sort $(wildcard scenarios/*.scenario.yaml scenarios/*/*.scenario.yaml scenarios/*/*/*.scenario.yaml))
SCENARIOS := $(filter-out scenarios/expected-red/% scenarios/gws-emails/%,$(EVERY_SCENARIO))

help:
	@sed -n 's/^#   //p' $(firstword $(MAKEFILE_LIST))
	@echo 'also: lint format types imports schemas bench clean distclean'

# ── what people ask for ─────────────────────────────────────────────────────────────────────────────────────────────────────────

demo: $(VENV)/ready
	@$(RUN)/runner run $(ARGS) $(SCENARIOS)

lint: $(VENV)/ready-dev
	$(RUN)/ruff check .
	$(RUN)/ruff format --check .

format: $(VENV)/ready-dev
	$(RUN)/ruff check --fix .
	$(RUN)/ruff format .

types: $(VENV)/ready-dev
	$(RUN)/mypy
	$(RUN)/mypy --platform win32 --cache-dir .mypy_cache/win32

imports: $(VENV)/ready-dev
	$(RUN)/lint-imports

schemas: $(VENV)/ready-dev
	$(RUN)/runner schema --write
	$(RUN)/python -m runner.vendors.egain.xsd

bench: $(VENV)/ready-dev
	@$(RUN)/python benchmarks/all.py

# ── what CI asks for ────────────────────────────────────────────────────────────────────────────────────────────────────────────

# PYTHONSAFEPATH keeps the working tree off sys.path, so that what is tested is what was installed.
test: export PYTHONSAFEPATH = 1
test: installed
	$(TESTED)/ruff check .
	$(TESTED)/ruff format --check .
	$(TESTED)/mypy
	$(TESTED)/mypy --platform win32 --cache-dir .mypy_cache/win32
	$(TESTED)/lint-imports --no-cache
	$(TESTED)/runner schema --check
	$(TESTED)/python -m pytest --numprocesses=2 $(ARGS)

# each Python has a test environment of its own; one that is not here is left out and named
test-all:
	@ran=; for version in 3.11 3.12 3.13; do \
	  command -v python$$version >/dev/null 2>&1 && python$$version -c pass >/dev/null 2>&1 || { echo "python$$version is not here"; continue; }; \
	  echo "── python$$version ──"; \
	  $(MAKE) test PYTHON=python$$version TEST_VENV=.venv-test-$$version || exit 1; ran=yes; \
	done; [ -n "$$ran" ] || { echo "no Python from 3.11 to 3.13 was found" >&2; exit 1; }

installed: $(TEST_VENV)/ready
	@$(TESTED)/python -P -c "import runner, sys; sys.exit('the working tree would be tested, not the wheel' if 'site-packages' not in runner.__file__ else 0)"

# ── how it is made ──────────────────────────────────────────────────────────────────────────────────────────────────────────────

# The newest Python on this machine that is new enough and can make environments; says what is missing when there is none.
define find_python
found=; old=; bare=; \
for python in $(PYTHON) python3.13 python3.12 python3.11 python3 python; do \
  "$$python" -c 'pass' >/dev/null 2>&1 || continue; \
  "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { old="$$old $$python ($$($$python --version 2>&1))"; continue; }; \
  "$$python" -c 'import venv, ensurepip' 2>/dev/null || { bare="$$bare $$python"; continue; }; \
  found=$$python; break; \
done; \
if [ -z "$$found" ]; then \
  echo "This needs Python 3.11 or newer." >&2; \
  [ -z "$$old" ] || echo "Found, but too old:$$old" >&2; \
  [ -z "$$bare" ] || echo "Found, but without the modules venv and ensurepip (on Debian: apt install python3-venv):$$bare" >&2; \
  echo "Install one from python.org or your system, or name it: make PYTHON=/path/to/python3.12" >&2; \
  exit 1; \
fi
endef

$(VENV)/ready: pyproject.toml
	@$(find_python); \
	echo "Installing into $(VENV) with $$($$found --version) …"; \
	[ -x $(RUN)/python ] || "$$found" -m venv $(VENV)
	@$(RUN)/python $(PIP) install --editable .
	@touch $@

$(VENV)/ready-dev: $(VENV)/ready
	@$(RUN)/python $(PIP) install --editable '.[dev]'
	@touch $@

wheel: build/wheel/ready

build/wheel/ready: pyproject.toml README.md $(SOURCES) | $(TEST_VENV)/made
	@rm -rf build/wheel
	@$(TESTED)/python $(PIP) wheel --no-deps --wheel-dir build/wheel .
	@touch $@

$(TEST_VENV)/made:
	@$(find_python); \
	echo "Installing into $(TEST_VENV) with $$($$found --version) …"; \
	"$$found" -m venv --clear $(TEST_VENV)
	@touch $@

# the wheel with its dev extra, when what it needs has changed
$(TEST_VENV)/needs: pyproject.toml build/wheel/ready
	@[ $@ -nt pyproject.toml ] || for wheel in build/wheel/*.whl; do $(TESTED)/python $(PIP) install "$$wheel[dev]"; done
	@touch $@

$(TEST_VENV)/ready: $(TEST_VENV)/needs build/wheel/ready
	@$(TESTED)/python $(PIP) install --force-reinstall --no-deps build/wheel/*.whl
	@touch $@

clean:
	rm -rf build dist $(TEST_VENV) .venv-test-* .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

distclean: clean
	rm -rf $(VENV)
