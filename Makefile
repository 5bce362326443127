# make run [MUSIC=DIR] · make install [PREFIX=~/.local] · make uninstall · make deb · make test · make check · make bench · make torture · make reliability · make licences · make pictures
# `make run` and `make test` share one profile and one set of features, so nothing is built twice.

# mold halves the linking; without it the system's linker serves.
CARGO := $(if $(shell command -v mold 2>/dev/null),mold -run cargo,cargo)
NEXTEST := $(shell cargo nextest --version >/dev/null 2>&1 && echo yes)
PACKAGES := --workspace
CORES := $(shell nproc 2>/dev/null || echo 2)
# --no-fail-fast: scripts/again.sh counts all failures.
KEEP_ON ?=
# Many tests wait for processes and terminals more than they compute.
THREADS := $(shell expr 3 \* $(CORES))
# Not --all-targets: that would compile the encoder a second time, for unit tests that it does not have.
TARGETS := --lib --bins --examples --tests

.PHONY: pictures release deb install install-built install-files uninstall run test test-library test-programs test-documentation torture reliability check deny licences bench signature-check deps

run: deps
	JUKEBOX_COMMIT=$(COMMIT) $(CARGO) build $(PACKAGES) --bins
	./target/debug/jukebox $(if $(MUSIC),"$(MUSIC)")

# Where `make install` puts things; packagers set DESTDIR as well. `make install` builds first. Where only root may write, build as yourself,
# because root need not have cargo: `make release && sudo make install-built PREFIX=/usr/local`.
PREFIX ?= $(HOME)/.local
PROGRAM ?= target/release/jukebox
ROOT = $(DESTDIR)$(PREFIX)
# Where the program will be found when it is installed.
BIN = $(PREFIX)/bin/jukebox
# Which files the program opens is known to the desktop once this has run. A package runs it when it is installed, not when it is made.
UPDATE_DESKTOP = $(if $(DESTDIR),,@if command -v update-desktop-database >/dev/null 2>&1; then update-desktop-database -q "$(ROOT)/share/applications" || true; fi)
# `jukebox --version` names the commit, where git knows one.
COMMIT := $(shell git rev-parse --short=9 HEAD 2>/dev/null)

release: deps
	JUKEBOX_COMMIT=$(COMMIT) $(CARGO) build --release --locked --bins

install: release
	$(MAKE) --no-print-directory install-built

# What `make release` has built, without a look at the sources.
install-built:
	install -Dm755 "$(PROGRAM)" "$(ROOT)/bin/jukebox"
	$(MAKE) --no-print-directory install-files
	@echo "installed: $(ROOT)/bin/jukebox"

# All but the program itself. What is not copied by `install` is readable by every user all the same.
install-files:
	install -d "$(ROOT)/share/man/man1" "$(ROOT)/share/bash-completion/completions" "$(ROOT)/share/zsh/site-functions" "$(ROOT)/share/fish/vendor_completions.d"
	umask 022; "$(PROGRAM)" man "$(ROOT)/share/man/man1"
	umask 022; "$(PROGRAM)" completions bash >"$(ROOT)/share/bash-completion/completions/jukebox"
	umask 022; "$(PROGRAM)" completions zsh >"$(ROOT)/share/zsh/site-functions/_jukebox"
	umask 022; "$(PROGRAM)" completions fish >"$(ROOT)/share/fish/vendor_completions.d/jukebox.fish"
	install -d "$(ROOT)/share/applications"
	umask 022; sed "s|@PROGRAM@|$(subst &,\&,$(BIN))|" contrib/jukebox.desktop >"$(ROOT)/share/applications/jukebox.desktop"
	install -Dm644 contrib/jukebox.svg "$(ROOT)/share/icons/hicolor/scalable/apps/jukebox.svg"
	install -d "$(ROOT)/share/systemd/user"
	umask 022; sed "s|@PROGRAM@|$(subst &,\&,$(BIN))|" contrib/jukebox.service >"$(ROOT)/share/systemd/user/jukebox.service"
	install -Dm644 config.toml "$(ROOT)/share/doc/jukebox/config.toml"
	install -Dm644 CHANGELOG.md "$(ROOT)/share/doc/jukebox/CHANGELOG.md"
	install -Dm644 LICENSE-MIT "$(ROOT)/share/doc/jukebox/LICENSE-MIT"
	install -Dm644 LICENSE-APACHE "$(ROOT)/share/doc/jukebox/LICENSE-APACHE"
	$(UPDATE_DESKTOP)

uninstall:
	rm -f "$(ROOT)/bin/jukebox" "$(ROOT)/share/man/man1/jukebox.1" "$(ROOT)/share/man/man1"/jukebox-*.1
	rm -f "$(ROOT)/share/bash-completion/completions/jukebox" "$(ROOT)/share/zsh/site-functions/_jukebox" "$(ROOT)/share/fish/vendor_completions.d/jukebox.fish"
	rm -f "$(ROOT)/share/applications/jukebox.desktop" "$(ROOT)/share/icons/hicolor/scalable/apps/jukebox.svg"
	rm -f "$(ROOT)/share/systemd/user/jukebox.service"
	rm -rf "$(ROOT)/share/doc/jukebox"
	$(UPDATE_DESKTOP)

# A Debian package, by cargo-deb (cargo install --locked cargo-deb).
deb: release
	rm -rf target/package
	$(MAKE) --no-print-directory install-files PREFIX=/usr DESTDIR=target/package
	$(CARGO) deb --no-build

# The library's tests compute, in one process because nextest's process for each would cost more than most of them; the others wait more than they
# compute. So both run at the same time, and the library's give way: they fill the time in which the others wait, whichever of them are left over.
# strace records what the tests of a power cut replay; dbus-daemon is the private bus of the test of MPRIS.
test:
	@sh scripts/deps.sh strace dbus-daemon
	$(CARGO) build $(PACKAGES) $(TARGETS)
ifeq ($(NEXTEST),yes)
	@$(MAKE) --no-print-directory --output-sync=target -j 3 test-programs test-library test-documentation
else
	$(CARGO) test $(PACKAGES) $(TARGETS)
	$(CARGO) test $(PACKAGES) --doc
endif

test-library:
	JUKEBOX_NICE=0 nice -n 5 $(CARGO) test $(PACKAGES) $(KEEP_ON) --lib -- --test-threads $(shell expr 2 \* $(CORES))

test-programs:
	$(CARGO) nextest run $(PACKAGES) $(KEEP_ON) -E 'not kind(lib)' --test-threads $(THREADS)

test-documentation:
	$(CARGO) test $(PACKAGES) --doc

# Half a million broken files, twenty ends of each kind, two thousand kills: the better part of an hour.
torture:
	@sh scripts/deps.sh strace
	JUKEBOX_TORTURE=long JUKEBOX_TEST_KILLS=2000 JUKEBOX_CHURN=100000 $(CARGO) test $(PACKAGES) --test torture --test kill --test churn -- --nocapture

# Runs what docs/reliability.md tells of and writes it anew.
reliability:
	@sh scripts/deps.sh strace
	python3 scripts/reliability.py

# Licences, sources, bans and duplicates by cargo-deny, unused dependencies by cargo-machete, each where it is installed. The tests of the
# supply chain check licences, sources and advisories without them.
deny:
	@if cargo deny --version >/dev/null 2>&1; then cargo deny --workspace --locked check bans licenses sources; \
	else echo "SKIPPED: cargo-deny is not installed (cargo install --locked cargo-deny)"; fi
	@if cargo machete --version >/dev/null 2>&1; then cargo machete; \
	else echo "SKIPPED: cargo-machete is not installed (cargo install --locked cargo-machete)"; fi

# The licence of every crate that the program is built of.
licences:
	@cargo tree --workspace --locked --edges normal,build --prefix none --format '{l}	{p}' | sed 's/ (\*)$$//; s/ (\/.*)$$//' | grep . | sort -u

check: deps deny
	cargo fmt --all --check
	$(CARGO) clippy $(PACKAGES) $(TARGETS) -- -D warnings
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc $(PACKAGES) --no-deps

# The profile that users run, so that nothing is built for this alone.
bench: deps
	$(CARGO) bench $(PACKAGES) --profile dev --bench '*'

# What signatures are worth on simulated libraries, and how often chance passes for agreement.
signature-check: deps
	$(CARGO) run $(PACKAGES) --example signature_check

deps:
	@sh scripts/deps.sh

# Pictures of the real screens, in tmux, of the demo library or of MUSIC. Needs python3 with pyte and pillow, and tmux.
pictures:
	$(CARGO) build $(PACKAGES) --bins
	./target/debug/jukebox demo target/demo
	python3 scripts/pictures.py $(if $(MUSIC),,--covers) target/debug/jukebox "$(if $(MUSIC),$(MUSIC),target/demo)" docs/pictures
