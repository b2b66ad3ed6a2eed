#!/usr/bin/env bash
# Starts a session on YARN or attaches to one: the same as millrace yarn-session.
set -euo pipefail
exec "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/millrace" yarn-session "$@"
