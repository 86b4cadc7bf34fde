# The commands of this project. `make` alone lists them.
#
# Variables: PYTHON=/path/to/python3 (which Python makes .venv), ARGS="…" (options for run, demo, bench and pytest),
# REAL=required (a missing real part fails the tests instead of skipping them), UPGRADE=--upgrade (for lock).

PY := .venv/bin/python
COMPILE := $(PY) -m uv pip compile --quiet --generate-hashes --universal --python-version 3.11 --no-header --no-annotate $(UPGRADE)
NODE_LOCKS := tests/real_parts/node tests/real_parts/claude-code tests/real_parts/claude-code-old

ifneq ($(filter-out required,$(REAL)),)
$(error REAL can only be `required`, not `$(REAL)`)
endif

export PYTHON

.DEFAULT_GOAL := help
.PHONY: help run demo test real-parts screenshots bench bench-key-check audit sbom messages lock clean runtime dev bench-dashboard bench-load

help: ## List these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' Makefile

run: runtime ## Serve the portal at http://127.0.0.1:8000
	@exec $(PY) -m portal serve $(ARGS)

demo: runtime ## Serve the portal with a simulated gateway; needs no internet and no key
	@exec $(PY) -m portal demo $(ARGS)

test: dev ## Lint, type-check and test everything; stops at the first thing that fails
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	.venv/bin/lint-imports
	@if find templates -name '*.html' 2>/dev/null | grep -q .; then \
	    set -ex; $(PY) -m djlint --check templates; $(PY) -m djlint --lint templates; \
	else \
	    echo 'djlint: templates/ holds no .html file yet, so there is nothing to check.'; \
	fi
	ONBOARDING_TEST_REQUIRE_REAL=$(if $(REAL),1) $(PY) -m pytest --cov $(ARGS)

real-parts: dev ## Install what the tests run for real: Chromium, shells, Wine, PostgreSQL, Redis, Claude Code, LiteLLM
	@$(PY) -m tests.real_parts.install

screenshots: dev ## Make the pictures of the README
	$(PY) -m tests.browser.screenshots

bench: dev ## Measure the pages against the server's own ceiling
	$(PY) -m benchmarks $(ARGS)

bench-key-check: dev ## Measure what a key check costs, and whether hanging ones slow the guide
	$(PY) -m benchmarks.key_check $(ARGS)

audit: dev ## Ask whether the locked packages have known weaknesses (exit code 3: nobody can be asked)
	$(PY) -m tests.real_parts.advisories

sbom: dev ## Write what the portal is made of to build/sbom.cdx.json (CycloneDX)
	$(PY) -m tests.packaging.sbom

bench-dashboard: dev ## Measure the dashboard: make bench-dashboard ARGS="--events 10000 1000000 10000000"
	$(PY) -m benchmarks.dashboard $(ARGS)

bench-load: dev ## Load the whole portal with 1, 2 and 4 workers, on SQLite and PostgreSQL (some minutes)
	$(PY) -m benchmarks.load $(ARGS)

messages: dev ## Collect the sentences to translate into portal/locale/portal.pot
	@mkdir -p portal/locale
	printf '%s\n' '[extractors]' 'sentences = portal.diagnosis.messages:extract' '[python: portal/**.py]' \
	    '[sentences: portal/diagnosis/*.toml]' '[jinja2: templates/**.html]' '[jinja2: templates/**.txt]' | \
	    $(PY) -m babel.messages.frontend -q extract -F /dev/stdin \
	    --project='Onboarding Portal' --sort-by-file --no-location --omit-header -o portal/locale/portal.pot .

lock: dev ## Lock the dependencies again after a change (UPGRADE=--upgrade takes the newest)
	$(COMPILE) pyproject.toml -o requirements.txt
	$(COMPILE) --group dev -c requirements.txt pyproject.toml -o requirements-dev.txt
	$(PY) -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["build-system"]["requires"], sep="\n")' | \
	    $(COMPILE) -c requirements-dev.txt - -o requirements-build.txt
	$(COMPILE) tests/real_parts/litellm-requirements.in -o tests/real_parts/litellm-requirements.txt
	for folder in $(NODE_LOCKS); do \
	    npm --prefix "$$folder" install --package-lock-only --ignore-scripts --omit-lockfile-registry-resolved || exit 1; \
	    : 'Lighthouse asks for packages as `latest`, which `npm ci` cannot compare with what is locked'; \
	    sed 's/": "latest"/": "*"/' "$$folder/package-lock.json" >"$$folder/lock.tmp" || exit 1; \
	    mv "$$folder/lock.tmp" "$$folder/package-lock.json" || exit 1; \
	done

clean: ## Remove .venv and everything that was built (the real parts' cache outside the tree stays)
	rm -rf .venv build dist .coverage .coverage.* .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The virtual environment: runtime is what the portal needs, dev adds what its tests need.
runtime:
	@sh .ci/venv.sh runtime

dev:
	@sh .ci/venv.sh dev
