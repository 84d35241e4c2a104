# chat, test, check, train: each one sets up what it needs.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 7860

.PHONY: chat test check train
chat: $(VENV)/.installed
	@$(BIN)/python -m ui chat --demo --port $(PORT)

test: $(VENV)/.installed check
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder $(if $(SLOW),-m "slow or not slow")

check: $(VENV)/.installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# The weights that are shipped: the local planner's parser from its voices, the forecasts' priors from invented shops. It
# goes on where it was stopped.
train: $(VENV)/.installed
	$(BIN)/python -m agent.planner.train
	$(BIN)/python -m tools.forecast.pretrain

# The stamp is written last, so an interrupted set-up goes on where it stopped.
$(VENV)/.installed: requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Storewise needs Python 3.11 or newer.")'
	@echo "Setting up $(VENV), once: about 2 GB of packages." >&2
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install $(if $(CI),--quiet) --disable-pip-version-check -r requirements.lock
	@touch $@
