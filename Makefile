# The project's one command surface. `make help` lists the targets.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

ADDR ?= 127.0.0.1:8080
ARGS ?=
BENCH ?=
CARGO ?= cargo
STEP := ./scripts/step

GUESTS_DIR := target/guests
PROGRAMS := $(shell sed -n 's/^\([a-z][a-z0-9-]*\):.*/\1/p' guest-programs/programs.txt)

.PHONY: help run build guests test test-long test-crash lint deny bench doctor clean

help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

run: doctor-run build ## Build everything and serve on ADDR (default 127.0.0.1:8080); ARGS go to `sandshell serve`
	@exec target/release/sandshell serve --addr $(ADDR) $(ARGS)

build: doctor-build guests ## Build everything: guests, their compiled code, target/release/sandshell
	@$(STEP) 5 5 "the server" -- $(CARGO) build --quiet --release --locked -p sandshell

guests: doctor-build ## Build the guests to Wasm and compile them to native code, in target/guests
	@$(STEP) 1 5 "the shell (Wasm component)" -- $(CARGO) build --quiet --profile guest --locked --target wasm32-wasip2 -p guest-shell
	@$(STEP) 2 5 "the programs (Wasm modules)" -- env LANG=C $(CARGO) build --quiet --profile guest --locked --target wasm32-wasip1 $(PROGRAMS:%=-p %-program)
	@mkdir -p $(GUESTS_DIR)
	@cmp -s target/wasm32-wasip2/guest/guest_shell.wasm $(GUESTS_DIR)/shell.wasm || cp target/wasm32-wasip2/guest/guest_shell.wasm $(GUESTS_DIR)/shell.wasm
	@for p in $(PROGRAMS); do cmp -s target/wasm32-wasip1/guest/$$p.wasm $(GUESTS_DIR)/$$p.wasm || cp target/wasm32-wasip1/guest/$$p.wasm $(GUESTS_DIR)/$$p.wasm; done
	@$(STEP) 3 5 "the engine" -- $(CARGO) build --quiet --release --locked -p sandshell-precompile
	@$(STEP) 4 5 "the guests' native code" -- target/release/sandshell-precompile $(GUESTS_DIR)/shell.wasm $(PROGRAMS:%=$(GUESTS_DIR)/%.wasm)

test: doctor-build guests ## Run all tests; names what it skips because a tool is missing
	@./scripts/test

test-long: guests ## Run the long property tests (10^6 operations against the models)
	@PROPTEST_CASES=26000 $(CARGO) test --release --locked -p sandshell-vfs -p sandshell-records -p sandshell-kernel -- --nocapture

test-crash: build ## Kill the server 100 times under the load of 200 sessions and check that nothing acknowledged is lost
	@SANDSHELL_KILLS=100 SANDSHELL_CRASH_SESSIONS=200 $(CARGO) test --release --locked --test durability no_kill -- --nocapture

lint: guests ## Formatting and clippy, warnings denied
	@$(CARGO) fmt --all -- --check
	@$(CARGO) clippy --quiet --release --locked --all-targets -- -D warnings
	@$(CARGO) clippy --quiet --profile guest --locked --target wasm32-wasip2 -p guest-shell -- -D warnings
	@$(CARGO) clippy --quiet --profile guest --locked --target wasm32-wasip1 -p sandshell-sys -p sandshell-posix-regex $(PROGRAMS:%=-p %-program) -- -D warnings

deny: ## Check licences, advisories and bans of the dependencies (needs cargo-deny)
	@cargo deny check licenses bans sources

bench: build ## Print the budgets as ratios measured in one run (BENCH='http language programs files neighbours sessions')
	@./scripts/bench $(BENCH)

doctor: ## Check tools, disk and port; print one line that installs what is missing
	@./scripts/doctor $(ADDR)

.PHONY: doctor-run doctor-build
doctor-run:
	@./scripts/doctor $(ADDR)
doctor-build:
	@./scripts/doctor

clean: ## Remove everything the build made
	rm -rf target
