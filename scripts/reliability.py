#!/usr/bin/env python3
"""Runs the tests that stand for reliability, prints `name value unit target pass` for each row, and writes
docs/reliability.md.

    make reliability            # or scripts/reliability.py
    JUKEBOX_TORTURE=long make reliability
    scripts/reliability.py LOG  # from the output of a run that was made before

A row is a claim and the tests that show it; figures that a test measures (`figure: name | value | unit | target | pass`) stand
below the row. Needs cargo-nextest. Ends with 1 when a row fails.
"""
import os
import re
import shutil
import subprocess
import sys
from datetime import date

# Name, target, and the tests: program (`lib`, or a file of tests/) and a part of the name.
ROWS = [
    ("broken files of every kind", "no panic, death or hang; < 512 MiB", [("torture", "mutate::")]),
    ("the writer killed again and again", "nothing acknowledged lost", [("kill", "")]),
    ("the journal cut at every byte", "the longest good part is kept", [("lib", "library::journal::tests::")]),
    ("power lost at every write", "the old state or the new", [("power_loss", "")]),
    ("a damaged store", "said, rebuilt, the journal untouched", [("lib", "store::"), ("cli", "a_store_cut_in_half")]),
    ("the disk full", "nothing half written, works again with space", [("full_disk", ""), ("lib", "disk")]),
    ("two players, two trainers", "the second is refused and says why",
     [("pty", "already_runs"), ("train", "second_trainer"), ("lib", "training::lock")]),
    ("a directory in which everything happens", "0 missed, 0 stale after 5 s", [("churn", ""), ("follow", "")]),
    ("files that are being copied", "none taken before its end", [("churn", "two_hundred_copies")]),
    ("an unmounted disk, moved files", "nothing forgotten", [("lasting", ""), ("lib", "library::scan::")]),
    ("hostile names in every output", "no control byte but our own",
     [("outside", ""), ("prints", ""), ("torture", "outputs::"), ("pty", "names_cannot_speak"), ("lib", "text::")]),
    ("keys, mouse and sizes by chance", "no panic", [("lib", "tui::screen::tests::"), ("lib", "tui::view::tests::")]),
    ("every end of a player", "terminal restored, nothing left running", [("torture", "life::"), ("pty", "end"), ("pty", "vanishes")]),
    ("hostile plugins", "stopped and explained, < 32 MiB", [("lib", "queue::plugin::")]),
    ("joins of tracks", "no gap, no sample missing", [("lib", "audio::player::tests::joins::"), ("lib", "audio::player::tests::breaks::")]),
    ("seeking and decoding", "to the sample; as the reference decodes", [("lib", "audio::decode::")]),
    ("lost, hanging and late devices", "no music lost, back within 1 s",
     [("lib", "audio::player::tests::devices::"), ("lib", "audio::player::tests::appearing::")]),
    ("no terminal, no directory, wrong usage", "a line that says why, exit code 1 or 2", [("cli", "wrong"), ("cli", "mistake")]),
    ("training killed and limited", "resumes to the same numbers", [("train", ""), ("lib", "training::")]),
    ("workers that die, hang or eat memory", "one answer lost, no orphan", [("worker", ""), ("interrupted", "")]),
    ("hostile playlists", "refused in words, nothing outside opened", [("playlists", ""), ("lib", "library::playlist::")]),
    ("the control socket", "one user, bounded clients, lines and waiting", [("lib", "runtime::socket::")]),
    ("no network, music only read", "0 calls, 0 changes", [("torture", "network::")]),
    ("dependencies", "no known vulnerability, allowed licences", [("supply_chain", "")]),
]
# What takes hours or needs a machine of its own.
ELSEWHERE = [
    ("sound that breaks off while the machine is busy", "0 in 20 min", "`scripts/soak.sh MUSICDIR`"),
    ("first frame, memory and exit with 100,000 tracks", "measurements.md", "`scripts/figures.sh`"),
    ("the suite itself, ten times, five beside busy loops", "0 failures", "`scripts/again.sh 10`"),
    ("what a whole library takes to be worked out", "seconds", "`make bench`"),
]


def filters() -> str:
    parts = set()
    for _, _, tests in ROWS:
        for program, name in tests:
            where = "kind(lib) & package(jukebox-player)" if program == "lib" else f"binary({program})"
            parts.add(f"({where} & test({name}))" if name else f"({where})")
    return " | ".join(sorted(parts))


def run() -> str:
    cargo = ["mold", "-run", "cargo"] if shutil.which("mold") else ["cargo"]
    command = cargo + ["nextest", "run", "--workspace", "--no-fail-fast", "--test-threads",
                       str(2 * (os.cpu_count() or 2)), "--color", "never", "--success-output", "immediate",
                       "--status-level", "pass", "-E", filters()]
    result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
    if "Summary" not in result.stdout:
        sys.exit(result.stdout[-3000:])
    return result.stdout


def parse(log: str) -> dict:
    """Every test by (program, name): whether it passed, was skipped, and its figures."""
    tests: dict = {}
    current = None
    for line in log.splitlines():
        status = re.match(r"\s+(PASS|FAIL|SIG\w+|ABORT|TIMEOUT|LEAK)\s+\[[^]]*\](?:\s+\([^)]*\))?\s+(\S+)\s+(\S+)", line)
        if status:
            program = status[2].split("::")[1] if "::" in status[2] else "lib"
            current = tests.setdefault((program, status[3]), {"figures": [], "skipped": False})
            current["passed"] = status[1] in ("PASS", "LEAK")
        elif current is not None and "SKIPPED" in line:
            current["skipped"] = True
        elif current is not None and (figure := re.match(r"\s*figure: (.*)", line)):
            figure = [part.strip() for part in figure[1].split("|")]
            if figure not in current["figures"]:
                current["figures"].append(figure)
    return tests


def main() -> None:
    log = open(sys.argv[1], errors="replace").read() if len(sys.argv) > 1 else run()
    tests = parse(log)
    lines, failed = [], 0
    for name, target, wanted in ROWS:
        own = {key: test for key, test in tests.items()
               if any(key[0] == program and part in key[1] for program, part in wanted)}
        passed = sum(test["passed"] for test in own.values())
        skipped = sum(test["skipped"] for test in own.values())
        good = own and passed == len(own)
        mark = ("yes" if good else "**NO**") + (f", {skipped} skipped" if skipped else "")
        failed += not good
        where = ", ".join(f"`{program}`" if not part else f"`{program} {part.strip(':')}`" for program, part in wanted)
        lines.append((name, f"{passed} of {len(own)}", "tests pass", target, mark, where))
        for test in own.values():
            for figure in test["figures"]:
                if len(figure) == 5:
                    lines.append((f"— {figure[0]}", *figure[1:4], "yes" if figure[4] == "yes" else "**NO**", ""))
        for key, test in own.items():
            if not test["passed"]:
                lines.append((f"— fails: {key[1]}", "", "", "", "**NO**", f"`{key[0]}`"))
    for line in lines:
        print("\t".join(line[:5]).replace("**", ""))
    write(lines)
    sys.exit(1 if failed else 0)


def write(lines: list) -> None:
    how = "the long one (`JUKEBOX_TORTURE=long`)" if os.environ.get("JUKEBOX_TORTURE") == "long" else "the short one"
    text = ["# What was tried, and what came of it", "",
            f"Written by `make reliability` ({how}) on {date.today()}; do not edit by hand. A line that begins with — is a figure that",
            "the tests of the row above it measured. Times depend on the machine and decide nothing.", "",
            "| name | value | unit | target | pass | tests |", "|---|---|---|---|---|---|"]
    text += ["| " + " | ".join(line) + " |" for line in lines]
    text += ["", "Not run by it:", "", "| name | target | how |", "|---|---|---|"]
    text += ["| " + " | ".join(row) + " |" for row in ELSEWHERE]
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "docs")
    os.makedirs(path, exist_ok=True)
    with open(os.path.join(path, "reliability.md"), "w") as file:
        file.write("\n".join(text) + "\n")


main()
