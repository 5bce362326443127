#!/bin/sh
# How often the sound breaks off in MINUTES (20) of playing in real time while the machine is kept busy: `jukebox train` on the
# same music, and a scan that reads and hears all of it again and again.
#
#     cargo build && scripts/soak.sh MUSICDIR
#
# Plays to a PulseAudio null sink, which pulls in real time and is heard by nobody; started here, for this run only. Every
# minute something a listener would do is done too: a skip, a seek, a pause. Prints a line a minute and the count at the end;
# fails when there was one. TRAIN is for `jukebox train` ("--data tree:DIR" where the music has no genre tags); KEEP names a
# directory for the logs.
set -eu
music=$(realpath "${1:?usage: soak.sh MUSICDIR}")
jukebox=$(realpath "${JUKEBOX:-target/debug/jukebox}")
minutes=${MINUTES:-20}
. "$(dirname "$0")/null_sink.sh"

export JUKEBOX_HOME="$work/player"
# Heard before, so that there is something to train on.
"$jukebox" scan "$music" >"$work/scan.log" 2>&1
in_terminal "exec '$jukebox' '$music'"
first=$("$jukebox" search --json 'length > 1' | sed -n 's/^ *"path": "\(.*\)",$/\1/p' | head -1)
plays() {
  "$jukebox" send "play $first" && "$jukebox" status | grep -q "^status playing"
}
until_done plays

(
  # shellcheck disable=SC2086
  while :; do
    "$jukebox" train --plain ${TRAIN:-} || true
    sleep 1
  done
) >"$work/train.log" 2>&1 &
pids="$pids $!"
(
  export JUKEBOX_HOME="$work/scan"
  while :; do
    "$jukebox" scan "$music"
    rm -rf "$work/scan"
  done
) >"$work/scan.log" 2>&1 &
pids="$pids $!"

field() { "$jukebox" status --json | sed -n "s/.*\"$1\": *\([0-9]*\).*/\1/p" | head -1; }
n=0
while [ "$n" -lt "$minutes" ]; do
  sleep 57
  case $((n % 4)) in
    0) "$jukebox" send next ;;
    1) "$jukebox" send "seek +20" ;;
    2) "$jukebox" send pause && sleep 1 && "$jukebox" send toggle ;;
    3) "$jukebox" send "seek 5" ;;
  esac >/dev/null
  sleep 3
  n=$((n + 1))
  echo "minute $n: $("$jukebox" status | head -1); broke off $(field underruns) times; load $(cut -d' ' -f1 /proc/loadavg)"
done
count=$(field underruns)
echo "the sound broke off $count times in $minutes minutes; $(grep -ci epoch "$work/train.log" || true) lines of epochs trained, $(grep -ci "songs" "$work/scan.log" || true) scans"
"$jukebox" send quit
[ "$count" = 0 ]
