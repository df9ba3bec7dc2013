# Nonevent: `make demo` and `make test` are all that a newcomer needs.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
# Swift is often installed without being in PATH.
export PATH := $(PATH):/opt/swift/usr/bin

RELEASE := .build-release/release/nonevent
DEBUG := .build/debug/nonevent
# Debug builds, and so all tests, check at run time that no two accesses to a variable overlap; release builds do
# without, since these checks were 4 % of the router's processor time.
RELEASE_FLAGS := -c release --static-swift-stdlib --scratch-path .build-release -Xswiftc -enforce-exclusivity=unchecked
BUILD_JUDGE_BENCH := swift build $(RELEASE_FLAGS) --product judge-bench
BUILD_RELEASE := swift build $(RELEASE_FLAGS) --product nonevent

# Tests that reckon for half a minute without a pause: Swift runs all tests on as many threads as there are cores, and
# beside these the others would wait so long that deadlines pass which they are not about.
RECKONING := DeliverySimulationTests everyPromiseHolds
# Simulated days, walks over thousands of seeds, and what needs servers of Debian's: in `make test` alone.
LONG := $(RECKONING) RealPrometheusTests GitProtocolTests

.PHONY: help setup build debug demo run test test-unit format lint bench bench-judge bench-router bench-delivery soak \
	soak-short schemas clean

help: ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## Install the Debian packages that are missing
	@.ci/setup

build: setup ## Build the release binary (no Swift needed where it runs)
	$(BUILD_RELEASE)

debug: setup
	swift build
	swift build --build-tests

demo: build ## Watch good and bad releases being delivered under load
	@$(RELEASE) demo

run: build ## Run a control plane here, in the foreground
	@$(RELEASE) serve

test: debug ## All tests: unit, then end to end with real processes
	@Examples/shop/build.sh
	@.ci/tests $(foreach late,EndToEndTests $(RECKONING),--skip $(late))
	@.ci/tests $(foreach test,$(RECKONING),--filter $(test))
	@.ci/tests --filter EndToEndTests

test-unit: debug ## What needs neither servers nor minutes
	@.ci/tests $(foreach long,EndToEndTests $(LONG),--skip $(long))

format: ## Format every Swift file in place
	swift format format -i -r -p Sources Tests Package.swift Examples

lint: ## Format and house rules, strictly
	swift format lint --strict -r -p Sources Tests Package.swift Examples
	swift test --filter TidyTests

bench: build ## Measure the figures and write Benchmarks/RESULTS.md
	@Benchmarks/run.sh

bench-router: build ## Measure the router against its peers and write Benchmarks/Router/RESULTS.md
	@Benchmarks/Router/run.sh

bench-delivery: build ## Simulate weeks of deliveries at size and write Benchmarks/Delivery/RESULTS.md
	@Benchmarks/Delivery/run.sh

soak: build ## The router under changing tables, SOAK_MINUTES=30
	@Benchmarks/Router/run.sh --soak --minutes $(or $(SOAK_MINUTES),30)

soak-short: debug ## The same with the debug binary, SOAK_MINUTES=5
	@Benchmarks/Router/run.sh --soak --minutes $(or $(SOAK_MINUTES),5) --binary $(DEBUG)

schemas: debug ## Write the JSON Schemas in Docs/schemas anew
	@mkdir -p Docs/schemas
	@$(DEBUG) router --schema > Docs/schemas/route-table.json
	@$(DEBUG) validate --schema > Docs/schemas/service-file.json
	@$(DEBUG) validate --schema --router-settings > Docs/schemas/router-settings.json

bench-judge: setup ## Measure the judge against its peers on simulated traffic and write Benchmarks/Judge/RESULTS.md
	$(BUILD_JUDGE_BENCH)
	@.build-release/release/judge-bench --out Benchmarks/Judge/RESULTS.md

clean: ## Remove what was built
	rm -rf .build .build-release Examples/shop/bin
