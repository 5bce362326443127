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
# Optional, where Debian has them: a faster linker, and what the caller names. Not having them is no error.
for tool in mold "$@"; do
    command -v "$tool" >/dev/null 2>&1 || { command -v apt-cache >/dev/null 2>&1 && apt-cache show "$tool" >/dev/null 2>&1 && need "$tool"; } || true
done

if [ -n "$missing" ]; then
    if ! command -v apt-get >/dev/null 2>&1; then
        echo "error: the build needs:$missing (install them with your system's package manager)" >&2
        exit 1
    fi
    sudo=""
    if [ "$(id -u)" != 0 ]; then
        command -v sudo >/dev/null 2>&1 || { echo "error: as root, run: apt-get install$missing" >&2; exit 1; }
        sudo="sudo"
    fi
    echo "installing what the build needs:$missing"
    $sudo apt-get update -qq
    # shellcheck disable=SC2086
    $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
fi

if ! command -v cargo >/dev/null 2>&1; then
    echo "error: cargo is missing; install Rust from https://rustup.rs and open a new shell" >&2
    exit 1
fi
