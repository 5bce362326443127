#!/bin/sh
# What jukebox, cmus and mpd cost while they play the same file and while they hold it, one after another in one run:
# processor time in percent of a core, and how often a second any of their threads is woken.
#
#     cargo build && scripts/play_beside.sh FILE
#
# They play to a PulseAudio null sink, which pulls in real time and is heard by nobody; started here, for this run only.
# Needs pulseaudio, libasound2-plugins and util-linux's script; cmus, mpd and mpc where they are installed.
# SECS (30) is how long each is watched.
set -eu
file=$(realpath "${1:?usage: play_beside.sh FILE}")
jukebox=$(realpath "${JUKEBOX:-target/debug/jukebox}")
secs=${SECS:-30}
. "$(dirname "$0")/null_sink.sh"
cp "$file" "$work/music/"

# Processor ticks of, and how often they went to sleep, all threads of a process and all below it.
count() {
  for p in $(tree_of "$1"); do
    cat "/proc/$p/task/"*/status 2>/dev/null || true
    awk '{ sub(/.*\) /, ""); print "ticks:", $12 + $13 }' "/proc/$p/stat" 2>/dev/null || true
  done | awk '/^voluntary_ctxt_switches/ { s += $2 } /^ticks:/ { t += $2 } END { print t, s }'
}

watch() { # name, what, pid
  before=$(count "$3")
  sleep "$secs"
  after=$(count "$3")
  echo "$1 $2 $before $after" | awk -v secs="$secs" -v hz="$(getconf CLK_TCK)" \
    '{ printf "%-8s %-8s %5.2f %% of a core  %6.1f wake-ups a second\n", $1, $2, ($5 - $3) * 100 / hz / secs, ($6 - $4) / secs }'
}

# The process of a name that was started here: its HOME is this script's directory.
pid_of() {
  for p in $(pgrep -x "$1" || true); do
    if tr '\0' '\n' <"/proc/$p/environ" 2>/dev/null | grep -qxF "HOME=$work"; then
      echo "$p"
      return 0
    fi
  done
  echo "play_beside.sh: no $1 runs in $work" >&2
  return 1
}

plays() {
  "$jukebox" send "play $work/music/$(basename "$file")" && "$jukebox" status | grep -q playing
}

play_jukebox() {
  export JUKEBOX_HOME="$work/jukebox"
  in_terminal "exec '$jukebox' '$work/music'"
  until_done "$jukebox" send auto off
  until_done plays
  # Until the file has been listened to and everything else is done.
  sleep 45
  "$jukebox" send "seek 0"
  sleep 3
  pid=$("$jukebox" status --json | sed -n 's/.*"pid": *\([0-9]*\).*/\1/p' | head -1)
  "$jukebox" status | head -3 >&2
  watch jukebox playing "$pid"
  "$jukebox" send pause
  sleep 6
  watch jukebox paused "$pid"
  "$jukebox" send toggle
  sleep 2
  "$jukebox" status | head -2 >&2
  "$jukebox" send quit
}

play_cmus() {
  command -v cmus >/dev/null || return 0
  mkdir -p "$work/.config/cmus"
  printf 'set output_plugin=pulse\nset continue=false\n' >"$work/.config/cmus/rc"
  in_terminal "exec cmus --listen '$work/cmus.sock'"
  sleep 3
  # It asks for a key when there is no D-Bus.
  printf '\n' >"$work/keys"
  sleep 3
  cmus-remote --server "$work/cmus.sock" -f "$file"
  sleep 5
  pid=$(pid_of cmus)
  watch cmus playing "$pid"
  cmus-remote --server "$work/cmus.sock" -u
  sleep 6
  watch cmus paused "$pid"
  cmus-remote --server "$work/cmus.sock" -C quit || true
}

play_mpd() {
  command -v mpd >/dev/null && command -v mpc >/dev/null || return 0
  cat >"$work/mpd.conf" <<EOF
music_directory "$work/music"
db_file "$work/mpd.db"
bind_to_address "$work/mpd.sock"
follow_outside_symlinks "yes"
audio_output {
  type "pulse"
  name "null"
}
EOF
  mpd --no-daemon "$work/mpd.conf" >"$work/mpd.log" 2>&1 &
  pid=$!
  pids="$pids $pid"
  export MPD_HOST="$work/mpd.sock"
  sleep 3
  mpc -q update --wait && mpc -q add / && mpc -q play
  sleep 5
  watch mpd playing "$pid"
  mpc -q pause
  sleep 6
  watch mpd paused "$pid"
}

for player in ${PLAYERS:-jukebox cmus mpd}; do "play_$player"; done
