#!/usr/bin/env bash
# Starts a standalone cluster: the JobManager here, or one for each line of conf/masters if there are several,
# and a TaskManager for each line of conf/workers, by ssh where a line names another host.
#
#   start-cluster.sh [-D key=value]...
set -euo pipefail
script=$(readlink -f "${BASH_SOURCE[0]}")
# shellcheck source=environment.sh
source "${script%/*}/environment.sh"
here=${script%/*}

# The hosts in a file of the configuration, a line each.
hosts() {
  [[ -r $MILLRACE_CONF_DIR/$1 ]] || die "there is no $MILLRACE_CONF_DIR/$1, which names hosts, one a line"
  # Also the last line, if it does not end as lines do.
  sed 's/#.*//; s/[[:space:]]//g' "$MILLRACE_CONF_DIR/$1" | grep . || true
}

is_here() { [[ $1 == localhost || $1 == 127.0.0.1 || $1 == "$(hostname 2>/dev/null)" ]]; }

# Runs a script of this folder on a host, which has the same folders.
on() {
  local host=$1
  shift
  if is_here "$host"; then
    "$here/$1" "${@:2}"
    return
  fi
  local words
  printf -v words ' %q' "MILLRACE_CONF_DIR=$MILLRACE_CONF_DIR" "MILLRACE_HOME=$MILLRACE_HOME" "$here/$1" "${@:2}"
  # shellcheck disable=SC2086 # options are words
  ssh -n ${MILLRACE_SSH_OPTS:-} "$host" -- "/bin/bash -lc $(printf %q "env$words")"
}

failed=()
mapfile -t masters < <(hosts masters)
if [[ ${#masters[@]} -gt 1 ]]; then
  for master in "${masters[@]}"; do
    port=()
    [[ $master != *:* ]] || port=("${master##*:}")
    on "${master%:*}" jobmanager.sh start "${master%:*}" "${port[@]}" "$@" || failed+=("$master")
  done
  [[ ${#failed[@]} -lt ${#masters[@]} ]] || die "no JobManager was started"
else
  "$here/jobmanager.sh" start "$@"
fi
while IFS= read -r worker <&3; do
  on "$worker" taskmanager.sh start "$@" || failed+=("$worker")
done 3< <(hosts workers)
[[ ${#failed[@]} -eq 0 ]] || die "not started on: ${failed[*]}"
