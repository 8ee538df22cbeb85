# Everything from nothing with Python 3.11+ and make. `make help` lists the targets.
PYTHON ?= python3
RUN = .venv/bin/python
ARGS ?=
export CHROMIUM ?= /usr/bin/chromium

.DEFAULT_GOAL := help
.PHONY: help run test check e2e bench chaos fmt dev messages clean

help:  ## this list
	@awk -F':.*## ' '/^[a-z0-9]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' Makefile

run:  ## the whole portal in this terminal, until Ctrl-C (PORT, DATA_DIR, DEMO=0, DATABASE_URL, REDIS_URL)
	@exec $(PYTHON) scripts/bootstrap.py scripts/run.py

dev:  ## install what development needs
	@$(PYTHON) scripts/bootstrap.py --dev

test: dev messages  ## the tests that need no server (ARGS="-k name")
	@$(RUN) -m pytest -m "not server and not e2e" -n 2 --dist loadfile $(ARGS)

check: dev messages  ## lint, format, import contracts, migrations, texts, deployment settings
	@$(RUN) scripts/check.py

e2e: dev messages  ## browser tests (CHROMIUM=/usr/bin/chromium)
	@$(RUN) -m pytest -m e2e tests/e2e $(ARGS)

bench: dev messages  ## the benchmarks, as a table (BENCH_REPORTS=200000)
	@$(RUN) benchmarks/run.py

chaos: dev messages  ## processes killed, servers stopped, mail refused, under load; then the proof (CHAOS_MINUTES, CHAOS_SEED, CHAOS_RATE, CHAOS_ON)
	@$(RUN) benchmarks/chaos/run.py

fmt: dev  ## sort imports, format
	@$(RUN) -m ruff check --fix --quiet . || true
	@$(RUN) -m ruff format --quiet .

messages: dev
	@$(RUN) scripts/messages.py compile >/dev/null

clean:  ## throw away what can be made again; keeps var/ (the data)
	@rm -rf .venv .pytest_cache .ruff_cache .import_linter_cache
	@find . -name __pycache__ -prune -exec rm -rf {} + ; find . -name '*.mo' -path '*/locale/*' -delete
