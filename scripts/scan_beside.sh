#!/bin/sh
# How long jukebox, cmus and mpd take to read the same library, one after another in one run, three times each:
# cold (an empty database; the page cache is warm) and with nothing changed; the most memory of all their processes (PSS).
#
#     cargo build && scripts/scan_beside.sh DIR
#
# cmus and mpd are the system's: apt-get install cmus mpd mpc. What is not installed is left out.
set -eu
dir=$(realpath "${1:?usage: scan_beside.sh DIR}")
jukebox=$(realpath "${JUKEBOX:-target/debug/jukebox}")
runs=${RUNS:-3}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

now() { date +%s%N; }

# PSS of a process and all below it, in MB.
pss() {
  tree=$1 next=$1
  while [ -n "$next" ]; do
    next=$(for p in $next; do cat "/proc/$p/task/$p/children" 2>/dev/null || true; done)
    tree="$tree $next"
  done
  for p in $tree; do cat "/proc/$p/smaps_rollup" 2>/dev/null || true; done | awk '/^Pss:/ { s += $2 } END { print int(s / 1024) }'
}

# Watches a process until it ends or the file "$work/done" is there; the peak goes to "$work/peak".
watch_memory() {
  peak=0
  while kill -0 "$1" 2>/dev/null && [ ! -e "$work/done" ]; do
    m=$(pss "$1")
    [ "${m:-0}" -gt "$peak" ] && peak=$m
    sleep 0.2
  done
  echo "$peak" >"$work/peak"
}

note() { # program, what, nanoseconds, peak
  echo "$1 $2 $3 $4" >>"$work/table"
  echo "$1 $2: $(awk "BEGIN { printf \"%.2f\", $3 / 1e9 }") s, $4 MB" >&2
}

scan_jukebox() {
  export JUKEBOX_HOME="$work/jukebox"
  rm -rf "$JUKEBOX_HOME"
  for what in cold unchanged; do
    rm -f "$work/done"
    begin=$(now)
    "$jukebox" scan "$dir" --tags-only >"$work/out" 2>/dev/null &
    pid=$!
    watch_memory "$pid" &
    watcher=$!
    wait "$pid"
    end=$(now)
    wait "$watcher"
    note jukebox "$what" $((end - begin)) "$(cat "$work/peak")"
  done
  cat "$work/out" >&2
}

scan_cmus() {
  export CMUS_HOME="$work/cmus" CMUS_SOCKET="$work/cmus.socket"
  rm -rf "$CMUS_HOME"
  for what in cold unchanged; do
    rm -f "$work/done" "$CMUS_SOCKET"
    mkdir -p "$CMUS_HOME"
    # Without a session bus it would ask for a key.
    echo "set mpris=false" >"$CMUS_HOME/rc"
    sleep 600 | TERM=xterm script -qfc "exec cmus --listen $CMUS_SOCKET" /dev/null >/dev/null 2>&1 &
    while ! cmus-remote --server "$CMUS_SOCKET" -C 2>/dev/null; do sleep 0.05; done
    cmus=$(pgrep -n -x cmus)
    watch_memory "$cmus" &
    watcher=$!
    begin=$(now)
    if [ "$what" = cold ]; then
      cmus-remote --server "$CMUS_SOCKET" -l "$dir"
    else
      cmus-remote --server "$CMUS_SOCKET" -C update-cache
    fi
    # cmus does not say when it is through: its worker thread has used no processor time for two seconds.
    idle=0 last=-1 end=$(now)
    while [ "$idle" -lt 10 ]; do
      sleep 0.2
      used=$(awk '{ print $14 + $15 }' "/proc/$cmus/stat")
      if [ $((used - last)) -le 0 ]; then idle=$((idle + 1)); else idle=0 end=$(now); fi
      last=$used
    done
    touch "$work/done"
    wait "$watcher"
    note cmus "$what" $((end - begin)) "$(cat "$work/peak")"
    cmus-remote --server "$CMUS_SOCKET" -C quit || true
    while kill -0 "$cmus" 2>/dev/null; do sleep 0.1; done
  done
}

scan_mpd() {
  rm -rf "$work/mpd"
  mkdir -p "$work/mpd"
  cat >"$work/mpd.conf" <<END
music_directory "$dir"
db_file "$work/mpd/db"
pid_file "$work/mpd/pid"
state_file "$work/mpd/state"
log_file "$work/mpd/log"
bind_to_address "$work/mpd/socket"
auto_update "no"
audio_output {
  type "null"
  name "none"
}
END
  export MPD_HOST="$work/mpd/socket"
  begin=$(now)
  mpd --no-daemon "$work/mpd.conf" >/dev/null 2>&1 &
  pid=$!
  for what in cold unchanged; do
    rm -f "$work/done"
    watch_memory "$pid" &
    watcher=$!
    if [ "$what" = cold ]; then
      # With no database it begins by itself.
      while ! mpc status >/dev/null 2>&1; do sleep 0.05; done
      while mpc status | grep -q '^Updating'; do sleep 0.05; done
    else
      begin=$(now)
      mpc --wait update >/dev/null
    fi
    end=$(now)
    touch "$work/done"
    wait "$watcher"
    note mpd "$what" $((end - begin)) "$(cat "$work/peak")"
  done
  kill "$pid"
  wait "$pid" 2>/dev/null || true
}

find "$dir" -type f -exec cat {} + >/dev/null
for run in $(seq "$runs"); do
  echo "run $run of $runs" >&2
  scan_jukebox
  if command -v cmus >/dev/null; then scan_cmus; else echo "no cmus here: apt-get install cmus" >&2; fi
  if command -v mpd >/dev/null && command -v mpc >/dev/null; then scan_mpd; else echo "no mpd here: apt-get install mpd mpc" >&2; fi
done
echo "medians of $runs, $(find "$dir" -type f | wc -l) files, $(nproc) cores"
sort -k1,2 -k3n "$work/table" | awk '
  { key = $1 " " $2; n[key]++; time[key, n[key]] = $3; if ($4 > peak[key]) peak[key] = $4 }
  END { for (key in n) printf "%-18s %8.2f s  %5d MB at most\n", key, time[key, int((n[key] + 1) / 2)] / 1e9, peak[key] }' | sort
