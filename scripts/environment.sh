# Sourced by the commands: finds the product, its configuration, Java and the folder for logs, and makes
# the class path. Whoever sources it has set script, its own path without links.
# shellcheck shell=bash

# A death before the action has an exit code of its own.
die() {
  echo "${script##*/}: $1" >&2
  exit 31
}

export MILLRACE_HOME=${MILLRACE_HOME:-${script%/bin/*}}
[[ -d $MILLRACE_HOME/lib ]] ||
  die "$MILLRACE_HOME has no lib folder; set MILLRACE_HOME to an unpacked distribution (mvn package leaves one in target/millrace)"
export MILLRACE_CONF_DIR=${MILLRACE_CONF_DIR:-$MILLRACE_HOME/conf}
[[ -d $MILLRACE_CONF_DIR ]] || die "the configuration folder $MILLRACE_CONF_DIR does not exist; set MILLRACE_CONF_DIR"

if [[ -n ${JAVA_HOME:-} ]]; then
  java=$JAVA_HOME/bin/java
  [[ -x $java ]] || die "there is no Java at $java; set JAVA_HOME to a JDK 17 or newer"
else
  java=$(command -v java) || die "no Java found; install a JDK 17 or newer, or set JAVA_HOME"
fi

# The release file beside Java tells its version without starting a JVM.
real=$(readlink -f "$java")
release=${real%/bin/java}/release
if [[ -r $release ]]; then
  version=$(sed -n 's/^JAVA_VERSION="\(.*\)"/\1/p' "$release")
else
  version=$("$java" -version 2>&1 | sed -n 's/.*version "\([^"]*\)".*/\1/p')
fi
[[ ${version%%[!0-9]*} -ge 17 ]] || die "Java 17 or newer is needed, but $java is ${version:-unknown}; set JAVA_HOME"

logs=${MILLRACE_LOG_DIR:-$MILLRACE_HOME/log}
if ! mkdir -p "$logs" 2>/dev/null || [[ ! -w $logs ]]; then
  [[ -z ${MILLRACE_LOG_DIR:-} ]] || die "cannot write to MILLRACE_LOG_DIR=$MILLRACE_LOG_DIR"
  logs=${TMPDIR:-/tmp}/millrace-logs-$(id -u)
  mkdir -p "$logs"
fi

jars=("$MILLRACE_HOME"/lib/*.jar "$MILLRACE_HOME"/lib/client/*.jar)

# Of these jars, the configuration and Hadoop. Ours come first: Hadoop brings old copies of several of them.
# Jar by jar, in an order that does not change, because an archive of classes serves this class path only.
class_path() {
  local folder
  printf -v classpath '%s:' "$@"
  classpath+=$MILLRACE_CONF_DIR
  for folder in "${HADOOP_CONF_DIR:-}" "${YARN_CONF_DIR:-}"; do
    [[ -z $folder ]] || classpath+=:$folder
  done
  [[ -z ${HADOOP_CLASSPATH:-} ]] || classpath+=:$HADOOP_CLASSPATH
}
