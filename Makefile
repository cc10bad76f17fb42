# `make help` lists what there is. Everything runs in .venv, which the first call builds.
PYTHON ?= python3
BIN := .venv/bin
# Empty where node or npm is absent: JavaScript is then neither linted nor tested, and all else works.
NODE := $(and $(shell command -v node 2>/dev/null),$(shell command -v npm 2>/dev/null))
JAVASCRIPT := eslint.config.js src/lea_geo/maps/assets tests/js

.PHONY: help demo test check format notebooks maps bench clean
.DEFAULT_GOAL := help

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# One stamp file a dependency group: a change in what is asked for installs again.
.venv/.ready-%: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "lea_geo needs Python 3.11 or newer; say which with: make PYTHON=/path/to/python3.12"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "Installing what lea_geo needs ($*); this takes a minute or two the first time."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check "pip>=25.1"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e . --group $*
	@touch $@

node_modules/.ready: package.json
	@npm install --loglevel=error
	@touch $@

demo: .venv/.ready-test  ## do the whole job on the built-in region and name the files to open
	@$(BIN)/lea-geo demo --out out/demo

test: .venv/.ready-test  ## run the tests
	@$(BIN)/python -m pytest --numprocesses auto --dist worksteal

check: .venv/.ready-dev $(if $(NODE),node_modules/.ready)  ## what CI runs: format, lint (JavaScript too), types, layers, tests
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(if $(NODE),node_modules/.bin/eslint $(JAVASCRIPT),@echo "JavaScript is not linted: that needs node and npm.")
	@$(MAKE) --no-print-directory test

format: .venv/.ready-dev  ## format the code and mend what ruff can mend
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

notebooks: .venv/.ready-test  ## execute the notebooks and keep what they print
	$(BIN)/jupytext --quiet --to ipynb notebooks/*.py
	$(BIN)/jupyter-execute --inplace notebooks/*.ipynb

maps: demo  ## draw the map that newcomers open, and its pictures (needs chromium)
	@cp out/demo/map.html maps/demo.html
	$(BIN)/python maps/pictures.py

bench: .venv/.ready-test  ## measure speed and memory against named peers
	$(BIN)/python -m pytest tests/benchmarks -q -s -o addopts=--import-mode=importlib

clean:  ## remove what was built
	rm -rf .venv node_modules out .pytest_cache .mypy_cache .ruff_cache .hypothesis
