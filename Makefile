# `make help` lists what there is to do. Nothing here needs more than Swift on a bare Debian 12: what is missing is
# installed with apt (as root, or through sudo), and said.

# Two jobs at a time: the compiler takes about 2 GB for each.
JOBS ?= 2
HOST ?= 127.0.0.1
PORT ?= 8080
DATA ?= ./data

# The acceptance tests drive a real server: the optimised one, as people run it. `make test ACCEPTANCE=debug` takes the one that
# is built for `swift test` anyway, which checks itself more and is slower.
ACCEPTANCE ?= release

PYTHON := .venv/bin/python
SWIFT_SOURCES := Package.swift Sources Tests $(wildcard Benchmarks Examples)
LUA_SOURCES := $(wildcard Recipes Examples Sources/HearthTesting/Lua)

# Cases of the Autobahn suite: quick, full, or their ids.
AUTOBAHN ?= full

# How long wire fuzzing goes on, with TLS and without at once; longer finds more, and a binary built with --sanitize=address more still.
WIRE_SECONDS ?= 8

# Random schedules of the model check; more find more.
SCHEDULES ?= 100000

# Seconds of fuzzing, shared out among the targets.
SECONDS ?= 60

# Optimised programs carry Swift's library in them: Docs/decisions/0031. A register for each function's frame is worth 3 % of an
# event's instructions; profile with `perf record --call-graph dwarf`. The same flags for all of them, or each build compiles
# everything again.
RELEASE := -c release $(if $(filter Linux,$(shell uname -s)),--static-swift-stdlib --omit-frame-pointers)

# The server under test.
BUILD_SERVER = swift build $(if $(filter release,$(ACCEPTANCE)),$(RELEASE),-c debug) --product hearth -j $(JOBS)

# Such a program does not find by itself what writes down where it crashed.
BACKTRACER = $(wildcard $(dir $(realpath $(shell command -v swift)))../libexec/swift/linux/swift-backtrace-static)

# Two builds at once would fight for the build folder.
.NOTPARALLEL:

.PHONY: help run build test fuzz autobahn wire-fuzz model-check check lint format bench clean packages-build packages-test

help: ## this list
	@echo "Hearth: a room engine for Lua recipes"
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo "Settings: HOST=$(HOST) PORT=$(PORT) DATA=$(DATA) JOBS=$(JOBS) ACCEPTANCE=$(ACCEPTANCE)"

run: build ## build everything and start a server with the recipes of this repository
	@echo "==> Starting the server; its rooms are kept in $(DATA); stop it with Ctrl-C"
	@$(if $(BACKTRACER),SWIFT_BACKTRACE="$${SWIFT_BACKTRACE:-swift-backtrace=$(abspath $(BACKTRACER))}") \
		exec .build/release/hearth serve Recipes --data $(DATA) --host $(HOST) --port $(PORT) --auto-create

build: packages-build ## the optimised binary, .build/release/hearth
	@echo "==> Building the server (release; the first time takes some minutes)"
	swift build $(RELEASE) --product hearth -j $(JOBS)

test: packages-test check .venv/.installed ## everything: checks, unit tests, web client, whole server in a real browser
	@echo "==> Unit tests"
	swift test --skip-build --disable-xctest
	@echo "==> Building the server ($(ACCEPTANCE)) for the acceptance tests"
	$(BUILD_SERVER)
	@$(MAKE) --no-print-directory model-check
	@$(MAKE) --no-print-directory autobahn AUTOBAHN=quick ACCEPTANCE=$(ACCEPTANCE)
	@$(MAKE) --no-print-directory wire-fuzz ACCEPTANCE=$(ACCEPTANCE)
	@$(MAKE) --no-print-directory fuzz SECONDS=8
	@echo "==> Specs of the recipes"
	.build/debug/hearth test Recipes Examples
	@case $$(uname) in Linux) \
		echo "==> The same, and the attacks, with recipes in processes of their own"; \
		.build/debug/hearth test --isolate process --output tap Recipes Examples && \
		HEARTH_TEST_ISOLATE=process swift test --skip-build --disable-xctest --filter HearthRecipesTests;; \
	esac
	@echo "==> Web client"
	node --test Tests/Web/*.test.mjs
	@echo "==> Acceptance tests: a real server ($(ACCEPTANCE)), real sockets, a real browser"
	HEARTH_BIN="$(CURDIR)/.build/$(ACCEPTANCE)/hearth" $(PYTHON) -m pytest Tests/Acceptance --tb=native

wire-fuzz: .venv/.installed ## almost correct connections against a server, for WIRE_SECONDS
	@echo "==> Wire fuzzing ($(ACCEPTANCE))"
	@test -x .build/$(ACCEPTANCE)/hearth || $(BUILD_SERVER)
	HEARTH_BIN="$(CURDIR)/.build/$(ACCEPTANCE)/hearth" $(PYTHON) Tests/Fuzz/Wire/fuzz.py --seconds $(WIRE_SECONDS)

autobahn: .venv/.installed ## the Autobahn WebSocket conformance suite; AUTOBAHN=quick for a sample
	@echo "==> Autobahn: $(AUTOBAHN) ($(ACCEPTANCE))"
	@test -x .build/$(ACCEPTANCE)/hearth || $(BUILD_SERVER)
	HEARTH_BIN="$(CURDIR)/.build/$(ACCEPTANCE)/hearth" $(PYTHON) Tests/Autobahn/run.py $(AUTOBAHN)

model-check: packages-build ## random programs against a serial oracle, SCHEDULES of them
	@echo "==> Model check: random programs that wait, conflict and merge, against a serial oracle (release)"
	swift build $(RELEASE) --product hearth-model-check -j $(JOBS)
	.build/release/hearth-model-check --schedules $(SCHEDULES)

fuzz: packages-build ## fuzz the sandbox, JSON, patches and messages for SECONDS, with the address sanitizer
	@echo "==> Fuzzing: the corpus of Tests/Fuzz, then $(SECONDS) s of new inputs"
	@$(MAKE) --no-print-directory --silent -j $(JOBS) -C Tests/Fuzz all
	@$(MAKE) --no-print-directory -C Tests/Fuzz run SECONDS=$(SECONDS)

check: lint ## format, layers, Lua: what a reviewer should not have to say
	@echo "==> Building the tests (debug; the first time takes some minutes)"
	swift build --build-tests -j $(JOBS)
	@echo "==> Modules import what ARCHITECTURE.md lets them, and keep to the style"
	swift test --skip-build --disable-xctest --filter ArchitectureTests

lint: packages-test
	@echo "==> Swift format"
	swift format lint --strict --parallel --recursive $(SWIFT_SOURCES)
	@echo "==> Lua"
	luacheck --no-color --quiet $(LUA_SOURCES)

format: ## rewrite the Swift sources in the house format
	swift format --in-place --parallel --recursive $(SWIFT_SOURCES)

bench: packages-build ## measure; Docs/performance.md says how to read it
	@echo "==> Building the benchmarks (release)"
	swift build $(RELEASE) --product hearth-bench -j $(JOBS)
	.build/release/hearth-bench

clean: ## remove what was built; rooms in $(DATA) stay
	rm -rf .build .venv

packages-build:
	@Scripts/install-packages build

packages-test:
	@Scripts/install-packages test

.venv/.installed: Tests/Acceptance/requirements.txt Tests/Autobahn/requirements.txt | packages-test
	@echo "==> Python environment for the acceptance tests (.venv)"
	python3 -m venv .venv
	$(PYTHON) -m pip install --quiet --disable-pip-version-check -r Tests/Acceptance/requirements.txt -r Tests/Autobahn/requirements.txt
	@touch $@
