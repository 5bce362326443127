#!/usr/bin/env python3
"""Makes supply/advisories.tsv anew from a clone of the RustSec advisory database.

    git clone https://github.com/rustsec/advisory-db && scripts/advisories.py advisory-db > supply/advisories.tsv

One line an advisory that was not withdrawn: its id, the crate, its kind (empty for a vulnerability), the versions that are
patched and those that never were affected (requirements, alternatives apart by ` || `). `tests/supply_chain.rs` compares
them with Cargo.lock.
"""
import re
import subprocess
import sys
import tomllib


def main() -> None:
    if len(sys.argv) != 2:
        sys.exit("usage: advisories.py ADVISORY-DB")

    def git(*args: str) -> str:
        return subprocess.run(["git", "-C", sys.argv[1], *args], check=True, capture_output=True, text=True).stdout

    commit = git("log", "-1", "--format=%h of %cs").strip()
    print(f"# github.com/rustsec/advisory-db, {commit}")
    names = git("ls-tree", "-r", "--name-only", "HEAD", "crates").splitlines()
    for name in sorted(n for n in names if n.endswith(".md")):
        front = re.search(r"```toml\n(.*?)```", git("show", f"HEAD:{name}"), re.S)
        advisory = tomllib.loads(front.group(1))
        about, versions = advisory["advisory"], advisory.get("versions", {})
        if "withdrawn" in about:
            continue
        either = (" || ".join(versions.get(which, [])) for which in ("patched", "unaffected"))
        print(about["id"], about["package"], about.get("informational", ""), *either, sep="\t")


main()
