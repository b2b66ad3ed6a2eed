#!/usr/bin/env bash
# Starts and stops the processes of a standalone cluster on this machine; jobmanager.sh and taskmanager.sh
# call it with the name of theirs in front.
#
#   start | start-foreground [-D key=value]...
#   stop          the one that was started last
#   stop-all      all that were started here
#
# Environment: that of millrace, and MILLRACE_PID_DIR, MILLRACE_WORK_DIR.
set -euo pipefail

script=$(readlink -f "${BASH_SOURCE[0]}")
# shellcheck source=environment.sh
source "${script%/*}/environment.sh"

kind=$1
action=${2:-}
shift $(($# < 2 ? $# : 2))
usage() { die "usage: $kind.sh (start|start-foreground|stop|stop-all) [-D key=value]..."; }

user=$(id -un)
host=$(hostname 2>/dev/null || echo localhost)
apart=()
if [[ -n ${MILLRACE_PID_DIR:-} ]]; then
  pids=$MILLRACE_PID_DIR
elif (umask 077 && mkdir -p "$MILLRACE_HOME/run") 2>/dev/null && [[ -w $MILLRACE_HOME/run ]]; then
  pids=$MILLRACE_HOME/run
else
  pids=${TMPDIR:-/tmp}/millrace-run-$(id -u)
fi
(umask 077 && mkdir -p "$pids") || die "cannot make the folder $pids; set MILLRACE_PID_DIR"
[[ -O $pids && -w $pids ]] || die "the folder $pids is not yours; set MILLRACE_PID_DIR"
pid_file=$pids/millrace-$user-$kind.pid

# What distinguishes a process from any other that has its number, now or later: when it was started, and,
# where that counts from the machine's own start, which of those it was.
birth() {
  local stat boot=
  if [[ -r /proc/self/stat ]]; then
    stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
    # The name in parentheses may hold anything.
    read -r -a stat <<<"${stat##*) }"
    [[ ${stat[0]} != Z ]] || return 1
    read -r boot </proc/sys/kernel/random/boot_id || true
    echo "${stat[19]}@$boot"
  else
    LC_ALL=C ps -o lstart= -p "$1" 2>/dev/null | tr ' ' _ | grep .
  fi
}

lives() { [[ $(birth "$1" || true) == "$2" ]]; }

work_of() { echo "${MILLRACE_WORK_DIR:-${TMPDIR:-/tmp}}/millrace-$user-$kind-$1"; }

# A process that was killed cannot take its folder along.
clear_work() {
  local folder
  folder=$(work_of "$1")
  if [[ -d $folder && ! -L $folder && -O $folder ]]; then rm -rf -- "$folder"; fi
}

# Those that were started here and live, a line each: pid, birth, and the number of their log files. What has
# died is cleared away.
entries=()
read_entries() {
  local pid born number
  entries=()
  [[ -f $pid_file && -O $pid_file ]] || return 0
  while read -r pid born number; do
    [[ $pid =~ ^[0-9]+$ && $number =~ ^[0-9]+$ ]] || continue
    if lives "$pid" "$born"; then
      entries+=("$pid $born $number")
    elif ! birth "$pid" >/dev/null; then
      clear_work "$pid" # what has that number now might use it
    fi
  done <"$pid_file"
}

write_entries() {
  if [[ ${#entries[@]} -eq 0 ]]; then
    rm -f "$pid_file"
  else
    printf '%s\n' "${entries[@]}" >"$pid_file.new"
    mv "$pid_file.new" "$pid_file"
  fi
}

# One script at a time changes the file of pids.
lock() {
  if command -v flock >/dev/null; then
    exec {lock_fd}<"$pids"
    flock "$lock_fd"
  fi
}
unlock() { if [[ -n ${lock_fd:-} ]]; then exec {lock_fd}<&-; fi; }

class_path "${jars[@]}" "$MILLRACE_HOME"/lib/rocksdb/*.jar "$MILLRACE_HOME"/lib/zookeeper/*.jar
daemon=io.millrace.cli.Daemon

checked() {
  "$java" -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xshare:auto \
    -Dlog4j2.configurationFile="$MILLRACE_CONF_DIR/log4j2-cli.properties" \
    -Dmillrace.log.file="$logs/millrace-cli.log" -Dslf4j.internal.verbosity=ERROR \
    -cp "$classpath" "$daemon" "$@"
}

# Everything that can be checked is checked where somebody sees it; what is printed are flags of the JVM.
prepare() {
  local printed
  printed=$(checked flags "$kind" "$@") || exit $?
  mapfile -t flags <<<"$printed"
}

# Becomes the process.
become() {
  local log=$1
  shift
  export MALLOC_ARENA_MAX=2
  local self=$BASHPID
  exec "${apart[@]}" "$java" "${flags[@]}" -Dlog4j2.configurationFile="$MILLRACE_CONF_DIR/log4j2.properties" \
    -Dmillrace.log.file="$log" -Dslf4j.internal.verbosity=ERROR -Dmillrace.work.folder="$(work_of "$self")" \
    -cp "$classpath" "$daemon" "$kind" "$@"
}

# The lowest number that none of them has.
free_number() {
  local number=0
  while [[ " ${entries[*]##* } " == *" $number "* ]]; do number=$((number + 1)); done
  echo "$number"
}

# What those before printed, the newest first.
roll_output() {
  local n
  [[ -s $1 ]] || return 0
  for ((n = 4; n > 0; n--)); do
    [[ ! -e $1.$n ]] || mv -f -- "$1.$n" "$1.$((n + 1))"
  done
  mv -f -- "$1" "$1.1"
}

log_name() { echo "$logs/millrace-$user-$kind-$1-$host"; }

start() {
  prepare "$@"
  lock
  read_entries
  local log pid born number
  number=$(free_number)
  log=$(log_name "$number")
  # In a session of its own, so that it outlives the terminal.
  if command -v setsid >/dev/null; then apart=(setsid); fi
  roll_output "$log.out"
  : >"$log.out"
  flags+=(-Dmillrace.out.file="$log.out")
  (
    unlock
    trap '' HUP
    # It appends: who empties a full file goes on at its beginning.
    exec </dev/null >>"$log.out" 2>&1
    become "$log.log" "$@"
  ) &
  pid=$!
  disown "$pid"
  born=$(birth "$pid") || die "the $kind ended at once: $(tail -n 5 "$log.out"); its log is $log.log"
  entries+=("$pid $born $number")
  write_entries
  unlock
  echo "Starting $kind daemon on host $host."
  # A JobManager may have to wait until its storage answers; whoever waits for it need not.
  for ((wait = 0; wait < 600; wait++)); do
    if grep -q '^ready' "$log.out"; then
      sed -n 's/^ready at /The JobManager listens at /p; s/^ready to stand by/The JobManager stands by./p' "$log.out"
      return 0
    fi
    if ! lives "$pid" "$born"; then
      lock && read_entries && write_entries && unlock
      die "the $kind has ended: $(tail -n 5 "$log.out"); its log is $log.log"
    fi
    sleep 0.05
  done
  echo "$kind.sh: the $kind is not ready after 30 s, and goes on trying; its log is $log.log" >&2
}

end() {
  local pid=$1 born=$2
  echo "Stopping $kind daemon (pid: $pid) on host $host."
  kill "$pid" 2>/dev/null || true
  for ((wait = 0; wait < 400; wait++)); do
    lives "$pid" "$born" || break
    sleep 0.05
  done
  if lives "$pid" "$born"; then
    echo "$kind.sh: $pid did not end within 20 s and is killed" >&2
    kill -9 "$pid" 2>/dev/null || true
    while lives "$pid" "$born"; do sleep 0.05; done
  fi
  clear_work "$pid"
}

stop() {
  lock
  read_entries
  if [[ ${#entries[@]} -eq 0 ]]; then
    echo "No $kind daemon to stop on host $host."
  fi
  local last
  while [[ ${#entries[@]} -gt 0 ]]; do
    last=$((${#entries[@]} - 1))
    # shellcheck disable=SC2086 # three words
    end ${entries[$last]}
    unset "entries[$last]"
    [[ $1 == all ]] || break
  done
  write_entries
  unlock
}

case $action in
  start) start "$@" ;;
  start-foreground)
    prepare "$@"
    become "$(log_name foreground).log" "$@"
    ;;
  stop) stop one ;;
  stop-all) stop all ;;
  end-jobs)
    checked stop "$@"
    ;;
  *) usage ;;
esac
