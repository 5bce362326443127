#!/bin/sh
# Opens what jukebox exports in cmus and mpd, and what they export in jukebox; and takes over their ratings and play counts.
#
#     cargo build && scripts/interop.sh DIR
#
# DIR is a music directory, of which 25 files are copied. cmus, mpd and mpc are the system's: apt-get install cmus mpd mpc.
set -eu
from=$(realpath "${1:?usage: interop.sh DIR}")
jukebox=$(realpath "${JUKEBOX:-target/debug/jukebox}")
work=$(mktemp -d)
trap 'kill -9 $mpd $cmus 2>/dev/null || true; rm -rf "$work"' EXIT
mpd= cmus= failed=0
dir="$work/music"
export JUKEBOX_HOME="$work/jukebox" XDG_MUSIC_DIR="$dir"

check() { # what, expected file, found file
  if cmp -s "$2" "$3"; then echo "ok      $1 ($(wc -l <"$2") tracks)"; else
    echo "FAILED  $1"
    diff "$2" "$3" | head -4
    failed=1
  fi
}

mkdir "$dir"
(cd "$from" && find . -type f -regex '.*\.\(mp3\|ogg\|flac\|opus\)' | sort | head -25 | tr '\n' '\0' | xargs -0 cp --parents -t "$dir")
"$jukebox" scan "$dir" --tags-only >/dev/null 2>&1
"$jukebox" search 'length>0' | sort -r >"$work/wanted"
{ echo '#EXTM3U'; cat "$work/wanted"; } >"$work/mine.m3u8"
"$jukebox" playlist import "$work/mine.m3u8" --name mine 2>/dev/null

# mpd reads M3U, PLS and XSPF that lie with the music, and saves M3U in a directory of its own.
mkdir -p "$work/mpd/playlists"
cat >"$work/mpd.conf" <<END
music_directory "$dir"
playlist_directory "$work/mpd/playlists"
db_file "$work/mpd/db"
sticker_file "$work/mpd/stickers"
log_file "$work/mpd/log"
bind_to_address "$work/mpd/socket"
auto_update "no"
audio_output {
  type "null"
  name "none"
}
END
mpd --no-daemon "$work/mpd.conf" >/dev/null 2>&1 &
mpd=$!
export MPD_HOST="$work/mpd/socket"
while ! mpc status >/dev/null 2>&1; do sleep 0.1; done
mpc --wait update >/dev/null
sed "s|^$dir/||" "$work/wanted" >"$work/wanted.relative"
mkdir "$dir/lists"
for kind in m3u8 m3u pls xspf; do
  for how in relative absolute; do
    to="lists/$how-$kind.$kind"
    if [ $how = relative ]; then flag=--relative; else flag=--absolute; fi
    "$jukebox" playlist export mine $flag "$dir/$to" 2>/dev/null
    mpc --wait update >/dev/null
    mpc clear >/dev/null
    mpc load "$to" >/dev/null 2>&1 || true
    mpc -f '%file%' playlist >"$work/got"
    check "mpd opens our .$kind, $how paths" "$work/wanted.relative" "$work/got"
  done
done
mpc clear >/dev/null
mpc add <"$work/wanted.relative"
mpc save theirs >/dev/null
# What mpd saves lies with the music, or its paths lead nowhere.
cp "$work/mpd/playlists/theirs.m3u" "$work/theirs.m3u"
sed "s|^|$dir/|" "$work/theirs.m3u" >"$work/theirs-absolute.m3u"
"$jukebox" playlist show "$work/theirs-absolute.m3u" >"$work/got"
check "we open mpd's .m3u" "$work/wanted" "$work/got"
first=$(head -1 "$work/wanted.relative")
mpc sticker "$first" set rating 8 >/dev/null
mpc sticker "$first" set playCount 12 >/dev/null
"$jukebox" import --from mpd 2>/dev/null
"$jukebox" search 'rating=80 & plays=12' >"$work/got" || true
head -1 "$work/wanted" >"$work/first"
check "ratings and play counts of mpd" "$work/first" "$work/got"

# cmus reads M3U and PLS, by their suffix (.m3u8 it takes for music), and writes M3U.
export CMUS_HOME="$work/cmus" CMUS_SOCKET="$work/cmus.socket"
mkdir -p "$CMUS_HOME"
echo "set mpris=false" >"$CMUS_HOME/rc"
# Keys that never come: a pipe that stays open.
mkfifo "$work/keys"
TERM=xterm script -qfc "exec cmus --listen $CMUS_SOCKET" /dev/null <>"$work/keys" >/dev/null 2>&1 &
cmus=$!
remote() { cmus-remote --server "$CMUS_SOCKET" "$@"; }
while ! remote -C 2>/dev/null; do sleep 0.1; done
for kind in m3u pls; do
  "$jukebox" playlist export mine --absolute "$work/cm.$kind" 2>/dev/null
  remote -C 'clear -q'
  remote -q "$work/cm.$kind"
  for try in 1 2 3 4 5 6 7 8 9 10; do
    sleep 0.3
    remote -C "save -q $work/cmus-$kind.m3u"
    grep -v '^#' "$work/cmus-$kind.m3u" >"$work/got" || true
    if [ "$(wc -l <"$work/got")" -ge "$(wc -l <"$work/wanted")" ]; then break; fi
  done
  check "cmus opens our .$kind" "$work/wanted" "$work/got"
done
"$jukebox" playlist show "$work/cmus-pls.m3u" >"$work/got"
check "we open what cmus saves" "$work/wanted" "$work/got"
remote -C quit || true
exit $failed
