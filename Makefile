# From a bare checkout with Python 3.11 or later: `make demo` and `make test` need nothing else.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
CASES := scenarios/cases/rantsev.yaml scenarios/cases/taha-aj.yaml \
         scenarios/hypotheticals/the-kind-uncle.yaml

.PHONY: demo test lint types contracts bench bench-peers fuzz snapshots clean

demo: $(READY)
	$(BIN)/palermo assess $(CASES)

test: $(READY)
	$(BIN)/python -m pytest -n auto
	$(BIN)/palermo check

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(READY)
	$(BIN)/mypy

contracts: $(READY)
	$(BIN)/lint-imports

# Each figure beside its limit; a limit missed on a busy machine fails nothing.
bench: $(READY)
	-$(BIN)/python benchmarks/bench_assess.py
	-$(BIN)/python benchmarks/bench_why.py
	-$(BIN)/python benchmarks/bench_reasoning.py
	-$(BIN)/python benchmarks/bench_batch.py --rows 300000 --documents 200000 --large 2000000

bench-peers: $(READY)
	$(BIN)/python -m pip install --quiet --group peers
	$(BIN)/python benchmarks/peers/compare.py

$(READY): pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "palermo needs Python 3.11 or later")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable '.[reports,cluster]' --group dev
	touch $@

fuzz: $(READY)
	PALERMO_FUZZ=20 $(BIN)/python -m pytest tests/inference tests/rulebase tests/model tests/batch

# Rewrites the explanations kept beside the scenarios: review the difference before committing it.
snapshots: $(READY)
	$(BIN)/python -m tests.snapshots

clean:
	rm -rf $(VENV) dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis
