# Sourced by start-cluster.sh and stop-cluster.sh, behind environment.sh: the hosts of a standalone cluster,
# and what is run there.
# shellcheck shell=bash
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
