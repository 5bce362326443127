#!/bin/sh
# Runs the whole test suite N (10) times in a row and says how often which test failed: a suite that fails by chance hides
# the failures that matter. Every second run has four busy loops beside it, because no verdict may depend on how fast the
# machine is.
#
#     scripts/again.sh [N] [ARGUMENT...]
#
# The suite is run as `make test` runs it. Further arguments go to cargo-nextest instead (`-E 'test(player)'`, `--test cli`). LOGS names a
# directory to keep the logs in.
# Ends with 1 when any test failed.
set -eu
cd "$(dirname "$0")/.."
runs=${1:-10}
[ $# -eq 0 ] || shift
logs=${LOGS:-$(mktemp -d)}
mkdir -p "$logs"
rm -f "$logs"/[0-9]*.log

cargo="cargo"
command -v mold >/dev/null 2>&1 && cargo="mold -run cargo"
if ! cargo nextest --version >/dev/null 2>&1; then
    echo "error: this needs cargo-nextest (cargo install --locked cargo-nextest)" >&2
    exit 1
fi

loops=""
calm() {
    # shellcheck disable=SC2086
    [ -z "$loops" ] || kill $loops 2>/dev/null || true
    loops=""
}
trap calm EXIT
trap 'exit 130' INT TERM

echo "building"
$cargo nextest run --workspace --no-run "$@" >"$logs/build.log" 2>&1 || { tail -30 "$logs/build.log"; exit 1; }

# The tests that failed, each once: nextest names them when they fail and again at the end, the library's harness as `test NAME ... FAILED`.
failures() {
    {
        grep -aE '^ +(FAIL|TIMEOUT|SIG[A-Z]+|ABORT) ' "$1" | sed 's/\[[^]]*\]//; s/([ 0-9/]*)//; s/  */ /g' || true
        sed -n 's/^test \(.*\) \.\.\. FAILED$/ FAIL \1/p' "$1"
    } | sort -u
}

suite() {
    if [ $# -eq 0 ]; then
        make --no-print-directory --output-sync=target -k -j 3 KEEP_ON=--no-fail-fast test-programs test-library test-documentation
    else
        $cargo nextest run --workspace --no-fail-fast --test-threads $((3 * $(nproc))) --failure-output final --status-level slow \
            --final-status-level fail "$@"
    fi
}

n=0 bad=0
while [ "$n" -lt "$runs" ]; do
    n=$((n + 1)) beside="alone"
    if [ $((n % 2)) -eq 0 ]; then
        beside="beside four busy loops"
        for _ in 1 2 3 4; do
            sh -c 'while :; do :; done' &
            loops="$loops $!"
        done
    fi
    begun=$(date +%s)
    rc=0
    suite "$@" >"$logs/$n.log" 2>&1 </dev/null || rc=$?
    calm
    took=$(($(date +%s) - begun))
    said=$(sed -n 's/^ *Summary *//p; s/^test result: .* \([0-9][0-9]* passed\); \([0-9]* failed\).*/\1, \2/p' "$logs/$n.log" | grep -v '^0 passed, 0' | paste -sd ';' -)
    echo "run $n, $beside: $took s, $said"
    if [ "$rc" -ne 0 ]; then
        bad=$((bad + 1))
        failures "$logs/$n.log"
    fi
done
echo "$bad of $runs runs failed; the logs are in $logs"
if [ "$bad" -gt 0 ]; then
    echo "failures by test:"
    for log in "$logs"/[0-9]*.log; do
        failures "$log"
    done | sort | uniq -c | sort -rn
    exit 1
fi
