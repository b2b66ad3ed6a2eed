#!/usr/bin/env bash
# Starts and stops TaskManagers of a standalone cluster on this machine; each start adds one.
#
#   taskmanager.sh (start|start-foreground) [-D key=value]...
#   taskmanager.sh (stop|stop-all)
set -euo pipefail
here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
exec "$here/daemon.sh" taskmanager "$@"
