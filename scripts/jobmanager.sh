#!/usr/bin/env bash
# Starts and stops JobManagers of a standalone cluster on this machine.
#
#   jobmanager.sh (start|start-foreground) [host] [port] [-D key=value]...
#   jobmanager.sh (stop|stop-all)
#
# One that is stopped, or dies, leaves its jobs to the next one: start it again.
set -euo pipefail
here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
words=("${@:1:1}")
shift $(($# > 0 ? 1 : 0))
if [[ $# -gt 0 && $1 != -* ]]; then
  words+=(-D "jobmanager.rpc.address=$1")
  shift
fi
if [[ $# -gt 0 && $1 != -* ]]; then
  words+=(-D "jobmanager.rpc.port=$1")
  shift
fi
exec "$here/daemon.sh" jobmanager "${words[@]}" "$@"
