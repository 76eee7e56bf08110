# PYTHON may name another interpreter, 3.11 or later; ARGS goes to the program started.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
WORKERS ?= 2
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help run test check lint format bench lock clean

help: ## this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-8s %s\n", $$1, $$2}'

run: $(VENV)/run.stamp ## the service with a city's goods, shops and tills; data stays in .lijian
	@$(BIN)/lijian demo --data-dir .lijian $(ARGS)

test: $(VENV)/dev.stamp ## all tests, on a real PostgreSQL
	@$(BIN)/python -m pytest -n $(WORKERS) $(ARGS)

check: lint test ## everything: format, lint, types, Dockerfile, tests

lint: $(VENV)/dev.stamp ## format, lint, types, Dockerfile
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/hadolint Dockerfile

format: $(VENV)/dev.stamp ## put the code into its form
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

bench: $(VENV)/dev.stamp ## the four columns of docs/performance.md, side by side
	@$(BIN)/python -m bench $(ARGS)

COMPILE := uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --no-header --no-annotate
lock: ## pin anew (needs uv); the pins hold hashes and no address
	@$(COMPILE) pyproject.toml --group build --output-file requirements.txt
	@$(COMPILE) pyproject.toml --group build --group dev --constraint requirements.txt --output-file requirements-dev.txt

clean: ## remove what was installed and built; keeps .lijian
	@rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis

# What a stamp stands for: everything in its requirements, then the project itself, editable.
$(VENV)/run.stamp: requirements.txt pyproject.toml
	$(call install,requirements.txt)

$(VENV)/dev.stamp: requirements-dev.txt pyproject.toml
	$(call install,requirements-dev.txt)

define install
@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	|| { echo "需要 Python 3.11 或更高版本 / Python 3.11 or later is needed: make PYTHON=/path/to/python3.11"; exit 1; }
@echo "[1/3] 创建虚拟环境 / making a virtual environment in $(VENV)"
@$(PYTHON) -m venv $(VENV)
@echo "[2/3] 安装依赖 / installing what $(1) pins"
@$(PIP) install --require-hashes --requirement $(1)
@echo "[3/3] 安装立减 / installing lijian"
@$(PIP) install --quiet --no-deps --no-build-isolation --editable .
@touch $@
endef
