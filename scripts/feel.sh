#!/bin/sh
# How jukebox, cmus and ncmpcpp (with an mpd of its own) feel: the same keys, the same folder and terminals of the same size, one after
# another in one run, as a table of `what jukebox cmus ncmpcpp floor`:
#
#   first frame      from the start to something to see, with the library known: the median of STARTS (5)
#   key to frame     j held in the library and in the queue of QUEUED (20000) tracks: KEYS (400) keys, median and 99th percentile
#                    and p99 in jukebox's other views in which a key has something to move: playlists, sound, dimensions, log, grid of albums, with
#                    HEARD also signature and map
#   sent a minute    bytes and frames while nothing plays, while one track plays in a list, and while jukebox analyses, over SECS (60)
#   sizes            whether a key is answered after 200 other sizes of the terminal
#
#     cargo build && cargo run --example big_library -- DIR && scripts/feel.sh DIR
#
# HEARD names a home in which DIR was listened to, of which a copy is used: big_library DIR --home HOME makes one up, and
# JUKEBOX_HOME=HOME jukebox map lays its map out, which else goes on while keys are measured.
# Starts, keys, sizes and the analysis are measured on DIR; nothing plays, and a track plays, on the 32 pieces of the demo library, which
# jukebox has heard by then. SMALL names another folder for that. SIZE (120x40) is the terminal's, PLAYERS which are run. cmus plays only
# where pulseaudio is installed (with libasound2-plugins), into a null sink that is heard by nobody; jukebox and mpd need no sound card.
# Ends with 1 when jukebox misses a floor. What is not installed is said and left out: apt-get install cmus ncmpcpp mpd mpc.
set -eu
dir=$(realpath "${1:?usage: feel.sh DIR}")
jukebox=$(realpath "${JUKEBOX:-target/debug/jukebox}")
here=$(realpath "$(dirname "$0")")
small=${SMALL:+$(realpath "$SMALL")}
heard=${HEARD:+$(realpath "$HEARD")}
sink=
if command -v pulseaudio >/dev/null; then
  . "$here/null_sink.sh"
  sink=--sink
else
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  export HOME="$work" XDG_RUNTIME_DIR="$work/run"
  mkdir -p "$work/run"
  chmod 700 "$work/run"
fi
unset NO_COLOR XDG_CONFIG_HOME XDG_DATA_HOME XDG_CACHE_HOME XDG_STATE_HOME XDG_MUSIC_DIR || true
if [ -z "$small" ]; then
  small=$work/demo
  JUKEBOX_HOME="$work/composer" "$jukebox" demo "$small" >/dev/null
fi
# The files are read once, so that every player finds them in the page cache.
find "$dir" "$small" -type f -exec cat {} + >/dev/null
# shellcheck disable=SC2086
python3 "$here/feel.py" --jukebox "$jukebox" --music "$dir" --small "$small" --work "$work" --queued "${QUEUED:-20000}" --secs "${SECS:-60}" \
  --starts "${STARTS:-5}" --keys "${KEYS:-400}" --size "${SIZE:-120x40}" --players "${PLAYERS:-jukebox cmus ncmpcpp}" $sink ${heard:+--heard "$heard"}
