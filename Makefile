# make run [MUSIC=DIR] · make test · make check
# `make run` and `make test` share one profile and one set of features, so nothing is built twice.

# mold halves the linking; without it the system's linker serves.
CARGO := $(if $(shell command -v mold 2>/dev/null),mold -run cargo,cargo)
NEXTEST := $(shell cargo nextest --version >/dev/null 2>&1 && echo yes)
PACKAGES := --workspace

.PHONY: run test check deps demo

run: deps
	$(CARGO) build $(PACKAGES) --bins
	./target/debug/jukebox $(if $(MUSIC),"$(MUSIC)")

test: deps
	$(CARGO) build $(PACKAGES) --all-targets
ifeq ($(NEXTEST),yes)
	$(CARGO) nextest run $(PACKAGES)
else
	$(CARGO) test $(PACKAGES) --all-targets
endif
	$(CARGO) test $(PACKAGES) --doc

check: deps
	cargo fmt --all --check
	$(CARGO) clippy $(PACKAGES) --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc $(PACKAGES) --no-deps

deps:
	@sh scripts/deps.sh
