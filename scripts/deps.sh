#!/bin/sh
# Installs what the build needs, and only what is missing (Debian and Ubuntu; elsewhere it says what to install).
set -eu

missing=""
need() { missing="$missing $1"; }

command -v cc >/dev/null 2>&1 || need gcc
command -v c++ >/dev/null 2>&1 || need g++
command -v cmake >/dev/null 2>&1 || need cmake
command -v pkg-config >/dev/null 2>&1 || need pkg-config
pkg-config --exists alsa 2>/dev/null || need libasound2-dev
# Optional, where Debian has them: a faster linker, and what the caller names. Not getting them is no error.
optional=""
for tool in mold "$@"; do
    command -v "$tool" >/dev/null 2>&1 || { command -v apt-cache >/dev/null 2>&1 && apt-cache show "$tool" >/dev/null 2>&1 && optional="$optional $tool"; } || true
done

sudo=""
if [ "$(id -u)" != 0 ]; then
    sudo="sudo"
fi
install() {
    echo "installing$1"
    $sudo apt-get update -qq || true
    # shellcheck disable=SC2086
    $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $1 >/dev/null
}
if [ -n "$missing" ]; then
    if ! command -v apt-get >/dev/null 2>&1; then
        echo "error: the build needs:$missing (install them with your system's package manager)" >&2
        exit 1
    fi
    if [ -n "$sudo" ] && ! command -v sudo >/dev/null 2>&1; then
        echo "error: as root, run: apt-get install$missing" >&2
        exit 1
    fi
    install "$missing"
fi
if [ -n "$optional" ]; then
    { [ -z "$sudo" ] || command -v sudo >/dev/null 2>&1; } && install "$optional" || echo "going on without:$optional" >&2
fi

if ! command -v cargo >/dev/null 2>&1; then
    if [ -n "${SUDO_USER:-}" ]; then
        echo "error: root has no cargo; build as yourself: make release && sudo make install-built PREFIX=/usr/local" >&2
        exit 1
    fi
    echo "error: cargo is missing; install Rust from https://rustup.rs and open a new shell" >&2
    exit 1
fi
