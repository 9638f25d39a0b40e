# Everything one needs to type. `make` alone lists it.

# The version that deny.toml was written for.
DENY_VERSION := 0.20.2
CARGO_BIN := $(or $(CARGO_HOME),$(HOME)/.cargo)/bin

.DEFAULT_GOAL := help
.PHONY: help demo run test soak check bench prepare clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: prepare ## build, run the main job on synthetic people and real catalogues, leave the server up
	cargo run --locked -- demo

run: prepare ## serve on an embedded SQLite file under ./data
	mkdir -p data
	cargo run --locked -- serve

test: prepare ## every test, on SQLite and on a private PostgreSQL
	cargo test --locked --workspace

SOAK_CASES := 1000000

soak: prepare ## three SM2 implementations held against each other over a million cases (release build, half an hour)
	RXGATE_DIFFERENTIAL_CASES=$(SOAK_CASES) cargo test --locked --release --test it three_implementations

# The tidy test runs with `test` as well; here it stands beside its kin, so that `check` alone tells the whole style.
check: prepare $(CARGO_BIN)/cargo-deny ## layout, lints, licences and sources of dependencies, house style
	cargo fmt --all --check
	cargo clippy --locked --workspace --all-targets -- -D warnings
	cargo deny --log-level error check --hide-inclusion-graph bans licenses sources
	cargo test --locked --test it tidy

bench: prepare ## SM2 verification, then throughput and cost over HTTP, beside pgbench (release build, minutes)
	cargo bench --locked --bench verify
	cargo bench --locked --bench load

prepare: ## what the build and the tests need from the system (instant when all is there)
	@.ci/prepare

clean: ## remove what was built and the local data
	cargo clean
	rm -rf data

# Once per machine, unoptimised: 160 CPU-seconds to build, and it still judges our 300 crates in four.
$(CARGO_BIN)/cargo-deny:
	CARGO_PROFILE_DEV_DEBUG=0 cargo install cargo-deny --locked --version $(DENY_VERSION) --debug
