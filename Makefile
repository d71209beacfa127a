# Each target first installs what it needs, once; see packaging/setup.sh.
PYTHON ?=
BIN := .venv/bin
FIGURES := build/bench.txt
SECONDS := 600
TARGETS :=

.PHONY: run app test lint audit faults endurance fuzz bench setup-run setup-app setup-test clean

# On a Mac, permissions belong to the bundle that a program runs in: see packaging/macos/bundle.py.
ifeq ($(shell uname -s),Darwin)
RUN := $(BIN)/python packaging/macos/bundle.py --open
else
RUN := $(BIN)/mica
endif

run: setup-run
	@echo "Starting Mica…"
	@$(RUN)

# The app for distribution; see packaging/app/build.py.
app: setup-app
	$(BIN)/python packaging/app/build.py

# Preload OpenBLAS: on a CPU, MLX is several times slower with its own BLAS. The tests of one
# file run in one process, because they share an app, a display or a model.
test fuzz: export LD_PRELOAD = $(shell ls /usr/lib/*/openblas-pthread/libopenblas.so.0 2>/dev/null)
test fuzz: export OPENBLAS_NUM_THREADS = 1
test: lint
	$(BIN)/python -m pytest -n 2 --dist loadfile

lint: setup-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# Exit status 3: advisories could not be fetched; see packaging/audit.py.
audit: setup-test
	@$(BIN)/python packaging/audit.py

# What goes wrong, at every stage: a table of runs and losses. RUN="disk full/arming/3"
# repeats one run, as a failure names it.
faults: setup-test
	$(BIN)/python tests/faults/run.py $(if $(RUN),"$(RUN)")

# Two thousand dictations and eight idle hours: whether anything grows or slows down.
endurance: export LD_PRELOAD = $(shell ls /usr/lib/*/openblas-pthread/libopenblas.so.0 2>/dev/null)
endurance: setup-test
	$(BIN)/python tests/faults/endurance.py

bench: setup-test
	mkdir -p build
	$(BIN)/python packaging/bench/synthesize.py --out build/speech
	date > $(FIGURES)
	$(BIN)/mica bench all --against mlx-audio --plot build/latency.png \
		$$(test ! -d build/speech || echo --clips build/speech) >> $(FIGURES)
	cat $(FIGURES)

# Fuzz every parser for SECONDS, or only some: make fuzz SECONDS=60 TARGETS="settings_file".
fuzz: setup-test
	PYTHONPATH=tests nice -n 15 $(BIN)/python -m fuzz.driver $(SECONDS) $(TARGETS)

setup-run: .venv/.setup-run
setup-app: .venv/.setup-app
setup-test: .venv/.setup-test

.venv/.setup-run: pyproject.toml packaging/setup.sh packaging/linux/run.txt
	PYTHON="$(PYTHON)" bash packaging/setup.sh run
	@touch $@

.venv/.setup-app: pyproject.toml packaging/setup.sh packaging/linux/run.txt
	PYTHON="$(PYTHON)" bash packaging/setup.sh app
	@touch .venv/.setup-run $@

# The test packages include those for running and building.
.venv/.setup-test: pyproject.toml packaging/setup.sh $(wildcard packaging/linux/*.txt)
	PYTHON="$(PYTHON)" bash packaging/setup.sh test
	@touch .venv/.setup-run .venv/.setup-app $@

clean:
	rm -rf .venv
