#!/usr/bin/env bash
# Ends a standalone cluster: cancels its jobs, whose output is settled, then ends the processes that were
# started here and on the hosts of conf/workers and conf/masters. With high-availability.type: zookeeper the jobs
# stay, and go on at the next start.
#
#   stop-cluster.sh [-D key=value]...
set -euo pipefail
script=$(readlink -f "${BASH_SOURCE[0]}")
# shellcheck source=environment.sh
source "${script%/*}/environment.sh"
# shellcheck source=hosts.sh
source "${script%/*}/hosts.sh"

code=0
"$here/daemon.sh" jobmanager end-jobs "$@" || code=$?
while IFS= read -r worker <&3; do
  on "$worker" taskmanager.sh stop-all || code=1
done 3< <(hosts workers | sort -u)
while IFS= read -r master <&3; do
  on "$master" jobmanager.sh stop-all || code=1
done 3< <({ hosts masters | sed 's/:.*//'; echo localhost; } | sort -u)
exit "$code"
