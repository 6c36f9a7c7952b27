# make demo | test-quick | test | test-wheel | test-slow | lint | docs | bench. Each installs what it needs into .venv on its first run.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
SHELL  := /bin/bash
SCHEMA := $(BIN)/check-jsonschema -q --builtin-schema

.PHONY: demo test-quick test test-wheel test-slow lint docs bench clean

# Installed again only when the project's needs change; a copy of the code itself is never made (editable).
$(VENV)/.run: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install -q --disable-pip-version-check -c constraints.txt -e .
	touch $@

$(VENV)/.dev: $(VENV)/.run
	$(BIN)/pip install -q --disable-pip-version-check -c constraints.txt -e ".[dev]"
	touch $@

demo: $(VENV)/.run
	$(BIN)/python examples/demo.py

test-quick: $(VENV)/.dev
	$(BIN)/pytest -m "not long and not wheel and not slow" -n auto --dist loadfile

test: $(VENV)/.dev
	$(BIN)/pytest -m "not wheel and not slow" -n auto --dist loadfile

test-wheel: $(VENV)/.dev
	$(BIN)/pytest -m wheel

test-slow: $(VENV)/.dev
	$(BIN)/pytest

lint: $(VENV)/.dev build/types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(SCHEMA) vendor.github-workflows .github/workflows/*.yml
	$(SCHEMA) vendor.dependabot .github/dependabot.yml
	$(SCHEMA) vendor.github-issue-config .github/ISSUE_TEMPLATE/config.yml
	$(SCHEMA) vendor.github-issue-forms $(filter-out %/config.yml,$(wildcard .github/ISSUE_TEMPLATE/*.yml))
	$(SCHEMA) vendor.citation-file-format CITATION.cff
	MYPYPATH=build/types $(BIN)/mypy -p goengine

# mypy and the API reference read an installed copy, where data/, training/ and gtp/ are parts of goengine.
.PHONY: build/types
build/types: $(VENV)/.dev
	rm -rf build # a wheel would hold what was deleted since
	$(BIN)/pip install -q --disable-pip-version-check --no-deps --no-build-isolation --target build/types .

docs: $(VENV)/.dev build/types
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet --site-dir site

bench: $(VENV)/.run
	$(BIN)/goengine bench encode
	$(BIN)/goengine bench play
	$(BIN)/goengine bench playouts
	$(BIN)/goengine bench infer
	$(BIN)/goengine bench train
	$(BIN)/goengine bench data
	$(BIN)/goengine bench env
	$(BIN)/goengine bench start

clean:
	rm -rf $(VENV) build dist site *.egg-info demo-output
