# Every command sets up what it needs; see packaging/setup.sh.
PYTHON ?= python3
BIN := .venv/bin
FIGURES := build/bench.txt

.PHONY: run test lint bench setup clean

run: setup
	$(BIN)/mica

test: lint
	$(BIN)/python -m pytest

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: setup
	mkdir -p build
	$(BIN)/python packaging/bench/speak.py --out build/speech
	date > $(FIGURES)
	$(BIN)/mica bench all --against mlx-audio --plot build/latency.png \
		$$(test ! -d build/speech || echo --clips build/speech) >> $(FIGURES)
	cat $(FIGURES)

setup: .venv/.setup-done

.venv/.setup-done: pyproject.toml packaging/setup.sh packaging/linux/packages.txt
	PYTHON="$(PYTHON)" bash packaging/setup.sh
	touch $@

clean:
	rm -rf .venv
