# For scripts that play to a PulseAudio null sink, which pulls in real time and is heard by nobody: to be read by them (`.`), not
# run. Makes $work, a directory that is HOME and everything else for this run only, and starts the sink; at the end whatever
# is in $pids is ended with all below it, and $work is removed. Needs pulseaudio, libasound2-plugins and util-linux's script.
work=$(mktemp -d)
pids=

# A process and all below it.
tree_of() {
  tree=$1 next=$1
  while [ -n "$next" ]; do
    next=$(for p in $next; do cat "/proc/$p/task/"*/children 2>/dev/null || true; done)
    tree="$tree $next"
  done
  echo "$tree"
}

finish() {
  for p in $pids; do
    # shellcheck disable=SC2046
    kill $(tree_of "$p") 2>/dev/null || true
  done
  sleep 0.5
  if [ -n "${KEEP:-}" ]; then cp "$work"/*.log "$KEEP/" 2>/dev/null || true; fi
  rm -rf "$work"
}
trap finish EXIT

export TERM=xterm-256color HOME="$work" XDG_RUNTIME_DIR="$work/run" PULSE_RUNTIME_PATH="$work/run/pulse"
unset DISPLAY DBUS_SESSION_BUS_ADDRESS || true
mkdir -p "$work/run/pulse" "$work/music"
chmod 700 "$work/run"
printf 'pcm.!default { type pulse }\nctl.!default { type pulse }\n' >"$work/.asoundrc"
pulseaudio -n --daemonize=no --exit-idle-time=-1 --disallow-exit \
  -L "module-null-sink sink_name=null" -L "module-native-protocol-unix" >"$work/pulse.log" 2>&1 &
pids="$pids $!"
sleep 2

# Runs a command in a terminal that shows nobody anything and where nobody types.
in_terminal() {
  [ -p "$work/keys" ] || mkfifo "$work/keys"
  sleep 100000 >"$work/keys" &
  pids="$pids $!"
  script -qfc "stty rows 40 cols 120; $1" /dev/null <"$work/keys" >/dev/null 2>&1 &
  pids="$pids $!"
}

# Tries a command twice a second, for a minute at most.
until_done() {
  tries=0
  until "$@" >/dev/null 2>&1; do
    tries=$((tries + 1))
    if [ "$tries" -ge 120 ]; then
      echo "gave up on: $*" >&2
      return 1
    fi
    sleep 0.5
  done
}
