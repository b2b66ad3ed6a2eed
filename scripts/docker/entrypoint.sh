#!/usr/bin/env bash
# What a container runs: jobmanager, taskmanager, or any command of the distribution, such as millrace list.
# MILLRACE_PROPERTIES holds lines for config.yaml. What the processes share is in MILLRACE_SHARED, a volume,
# unless they say otherwise.
set -euo pipefail
shared=${MILLRACE_SHARED:-/shared}
properties=${MILLRACE_PROPERTIES:-}

# Made anew at each start of the container; commands that are run in it later find it.
cp "$MILLRACE_HOME"/conf/* "$MILLRACE_CONF_DIR/"
{
  [[ $properties == *high-availability.storageDir* ]] || echo "high-availability.storageDir: file://$shared/state"
  [[ $properties == *millrace.standalone.key-file* ]] || echo "millrace.standalone.key-file: $shared/cluster.key"
  printf '%s\n' "$properties"
} >>"$MILLRACE_CONF_DIR/config.yaml"

case ${1:-help} in
  jobmanager | taskmanager)
    kind=$1
    shift
    exec "$MILLRACE_HOME/bin/$kind.sh" start-foreground "$@"
    ;;
  help)
    echo "usage: jobmanager | taskmanager | millrace <action> ..." >&2
    exit 1
    ;;
  *) exec "$@" ;;
esac
