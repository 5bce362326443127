#!/bin/sh
# What a large library costs, beside cmus and mpd with ncmpcpp, in one run: the time to the first frame and to the first
# artist of the library on the screen, the memory of everything that runs (PSS, some seconds later), the time to the end;
# then what a key of search costs. Medians of 5 starts, with the lowest and the highest.
#
#     cargo build --examples && cargo build && scripts/figures.sh WORK [FILES…]
#
# In the directory WORK the libraries of FILES songs (10000 100000) are made, once. jukebox has latents for every song
# (random ones, which cost as much as any); the others know the tags. They are the system's:
# apt-get install cmus mpd mpc ncmpcpp.
set -eu
work=$(mkdir -p "${1:?usage: figures.sh WORK [FILES…]}" && realpath "$1")
shift
[ $# -gt 0 ] || set -- 10000 100000
bin=$(realpath "${BIN:-target/debug}")
mpd=
trap 'kill $mpd 2>/dev/null || true' EXIT

frames() { # name, text to wait for, keys that end it, seconds until the memory is read, program…
  echo "## $1"
  until=$2 quit=$3 settle=$4
  shift 4
  "$bin/examples/first_frame" --size 120x40 --settle "$settle" --until "$until" --quit "$quit" -- "$@" | tail -n +2
}

of_jukebox() { # files, music, home
  export JUKEBOX_HOME=$3
  frames "$1 files: jukebox" "$artist" ':q!
' 3 "$bin/jukebox" --no-audio "$2"
}

of_cmus() { # files, music
  export CMUS_HOME="$work/$1.cmus"
  mkdir -p "$CMUS_HOME"
  # Without a session bus it would ask for a key.
  echo "set mpris=false" >"$CMUS_HOME/rc"
  if [ ! -s "$CMUS_HOME/lib.pl" ]; then
    # The first start reads every file; cmus writes what it has read at its end.
    mkfifo "$CMUS_HOME/keys"
    TERM=xterm script -qfc "exec cmus --listen $CMUS_HOME/socket" /dev/null <>"$CMUS_HOME/keys" >/dev/null 2>&1 &
    while ! cmus-remote --server "$CMUS_HOME/socket" -C 2>/dev/null; do sleep 0.1; done
    cmus-remote --server "$CMUS_HOME/socket" -l "$2"
    sleep "$(($1 / 2500 + 5))"
    cmus-remote --server "$CMUS_HOME/socket" -C quit || true
    while [ ! -s "$CMUS_HOME/lib.pl" ] || [ -e "$CMUS_HOME/cache.tmp" ]; do sleep 0.2; done
    kill -9 $! 2>/dev/null || true
    rm "$CMUS_HOME/keys"
  fi
  # One that is ended before it has its library forgets it.
  frames "$1 files: cmus" "$artist" ':quit
' "$((3 + $1 / 10000))" cmus
}

of_mpd() { # files, music
  home="$work/$1.mpd"
  mkdir -p "$home"
  cat >"$home/conf" <<END
music_directory "$2"
db_file "$home/db"
log_file "$home/log"
bind_to_address "$home/socket"
auto_update "no"
audio_output {
  type "null"
  name "none"
}
END
  export MPD_HOST="$home/socket"
  # As a start of the machine has it: the server and its client.
  cat >"$home/start" <<END
#!/bin/sh
mpd --no-daemon "$home/conf" >/dev/null 2>&1 &
while ! mpc status >/dev/null 2>&1; do sleep 0.01; done
ncmpcpp --host "$home/socket" --config "$home/ncmpcpp" --screen media_library
kill \$! && wait
END
  chmod +x "$home/start"
  printf 'ncmpcpp_directory = "%s"\nlyrics_directory = "%s"\n' "$home" "$home" >"$home/ncmpcpp"
  if [ ! -e "$home/db" ]; then
    mpd --no-daemon "$home/conf" >/dev/null 2>&1 &
    mpd=$!
    while ! mpc status >/dev/null 2>&1; do sleep 0.1; done
    while mpc status | grep -q '^Updating'; do sleep 0.2; done
    kill $mpd && wait $mpd || true
    mpd=
  fi
  frames "$1 files: mpd and ncmpcpp" "$artist" q 3 "$home/start"
}

echo "# $(nproc) cores, $(awk -F': ' '/model name/ { print $2; exit }' /proc/cpuinfo)"
for files in "$@"; do
  music="$work/$files.music"
  [ -d "$music" ] || "$bin/examples/big_library" "$music" "$files"
  # The first name of the list, which all of them show.
  artist=$(ls "$music" | head -1)
  home="$work/$files.jukebox"
  if [ ! -d "$home" ]; then
    JUKEBOX_HOME="$home" "$bin/jukebox" scan --tags-only "$music" >/dev/null 2>&1
    "$bin/examples/random_latents" "$home"
  fi
  of_jukebox "$files" "$music" "$home"
  if command -v cmus >/dev/null; then of_cmus "$files" "$music"; else echo "no cmus here" >&2; fi
  if command -v mpd >/dev/null && command -v mpc >/dev/null && command -v ncmpcpp >/dev/null; then
    of_mpd "$files" "$music"
  else
    echo "no mpd, mpc and ncmpcpp here" >&2
  fi
  echo "## $files files: search"
  "$bin/examples/search_speed" "$files"
done
