# Every command sets up what it needs; see packaging/setup.sh.
PYTHON ?= python3
BIN := .venv/bin

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
	$(BIN)/mica bench latency --against mlx-audio
	$(BIN)/mica bench encoder --against mlx-audio

setup: .venv/.setup-done

.venv/.setup-done: pyproject.toml packaging/setup.sh packaging/linux/packages.txt
	PYTHON="$(PYTHON)" bash packaging/setup.sh
	touch $@

clean:
	rm -rf .venv
