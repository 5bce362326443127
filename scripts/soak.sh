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
work=$(mktemp -d)
pids=
finish() {
  for p in $pids; do kill "$p" 2>/dev/null || true; done
  sleep 0.5
  [ -n "${KEEP:-}" ] && cp "$work"/*.log "$KEEP/" 2>/dev/null
  rm -rf "$work"
}
trap finish EXIT
export TERM=xterm-256color HOME="$work" XDG_RUNTIME_DIR="$work/run" PULSE_RUNTIME_PATH="$work/run/pulse"
unset DISPLAY DBUS_SESSION_BUS_ADDRESS || true
mkdir -p "$work/run/pulse"
chmod 700 "$work/run"
printf 'pcm.!default { type pulse }\nctl.!default { type pulse }\n' >"$work/.asoundrc"

pulseaudio -n --daemonize=no --exit-idle-time=-1 --disallow-exit \
  -L "module-null-sink sink_name=null" -L "module-native-protocol-unix" >"$work/pulse.log" 2>&1 &
pids="$pids $!"
sleep 2

export JUKEBOX_HOME="$work/player"
# Heard before, so that there is something to train on.
"$jukebox" scan "$music" >"$work/scan.log" 2>&1
mkfifo "$work/keys"
sleep 100000 >"$work/keys" &
pids="$pids $!"
script -qfc "stty rows 40 cols 120; exec '$jukebox' '$music'" /dev/null <"$work/keys" >/dev/null 2>&1 &
pids="$pids $!"
tries=0
first=$("$jukebox" search --json 'length > 1' | sed -n 's/^ *"path": "\(.*\)",$/\1/p' | head -1)
until "$jukebox" send "play $first" >/dev/null 2>&1 && "$jukebox" status | grep -q "^status playing"; do
  tries=$((tries + 1))
  if [ "$tries" -gt 60 ]; then
    echo "soak.sh: the player does not play" >&2
    exit 1
  fi
  sleep 0.5
done

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
