#!/usr/bin/env bash
# Starts a standalone cluster: the JobManager here, or one for each line of conf/masters if there are several,
# and a TaskManager for each line of conf/workers, by ssh where a line names another host.
#
#   start-cluster.sh [-D key=value]...
set -euo pipefail
script=$(readlink -f "${BASH_SOURCE[0]}")
# shellcheck source=environment.sh
source "${script%/*}/environment.sh"
# shellcheck source=hosts.sh
source "${script%/*}/hosts.sh"

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
