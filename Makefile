# Each target makes its own environment in .venv when there is none.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin

.PHONY: demo test bench lint docs

demo: .venv/installed
	$(BIN)/fer-keras demo --out demo

# Two processes: much of a test's time is one thread tracing graphs.
test: .venv/installed
	$(BIN)/python -m pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder

bench: .venv/installed-bench
	$(BIN)/python -m benchmarks.run

lint: .venv/installed
	$(BIN)/ruff check . && $(BIN)/ruff format --check .

docs: .venv/installed-docs
	$(BIN)/mkdocs build --quiet
	@echo "Open build/docs/index.html"

.venv/installed: pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] < (3, 11) and "Python 3.11 or newer is needed; name one with: make PYTHON=/path/to/python3.11")'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[test]'
	touch $@

# The extras of `make bench` and `make docs`.
.venv/installed-%: .venv/installed
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[$*]'
	touch $@
