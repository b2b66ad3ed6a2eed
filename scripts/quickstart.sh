#!/usr/bin/env bash
# Counts words on a YARN cluster of its own: starts HDFS and YARN on loopback, puts text in HDFS,
# runs the word count of examples/ as a per-job cluster, prints the 20 most frequent words, and
# takes everything down again.
#
#   scripts/quickstart.sh [--keep] [text file...]     default: the texts of this repository
#   --keep    leaves the cluster running and prints the environment to try the commands in
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
root=$PWD

die() {
  echo "quickstart: $1" >&2
  exit 1
}

keep=false
texts=()
for word in "$@"; do
  case $word in
    --keep) keep=true ;;
    -h | --help) sed -n '2,/^set/{/^#/s/^# \{0,1\}//p;}' "${BASH_SOURCE[0]}" && exit 0 ;;
    -*) die "unknown option $word; see --help" ;;
    *) texts+=("$word") ;;
  esac
done
if [[ ${#texts[@]} -eq 0 ]]; then
  while IFS= read -r text; do texts+=("$text"); done < <(find README.md CHANGELOG.md LICENSE docs -name '*.md' -o -name LICENSE | LC_ALL=C sort)
fi
for text in "${texts[@]}"; do
  [[ -r $text ]] || die "cannot read the text file $text"
done

# ---- what must be there

if [[ -n ${JAVA_HOME:-} ]]; then
  PATH=$JAVA_HOME/bin:$PATH
fi
command -v javac >/dev/null || die "no JDK found; install a JDK 17 or newer, or set JAVA_HOME to one"
JAVA_HOME=$(dirname "$(dirname "$(readlink -f "$(command -v javac)")")")
export JAVA_HOME
version=$(javac -version 2>&1 | sed 's/^javac \([0-9]*\).*/\1/')
[[ $version -ge 17 ]] || die "JDK 17 or newer is needed, $JAVA_HOME is $version; set JAVA_HOME"
command -v mvn >/dev/null || die "no Maven found; install Maven 3.8 or newer and put mvn on the PATH"

# ---- phases, each timed

phases=()
phase_start=0
phase_name=
milliseconds() { echo $((${EPOCHREALTIME/[.,]/} / 1000)); }
end_phase() {
  [[ -z $phase_name ]] || phases+=("$(printf '%-28s %6d ms' "$phase_name" $(($(milliseconds) - phase_start)))")
  phase_name=
}
phase() {
  end_phase
  phase_name=$1
  phase_start=$(milliseconds)
  echo "== $1"
}

# Waiting for a child in the background, unlike one in the foreground, lets signals in at once.
child=
run() {
  "$@" &
  child=$!
  local code=0
  wait "$child" || code=$?
  child=
  return "$code"
}

daemons=
hold=
work=
done=false
interrupted=false
cleanup() {
  trap '' INT TERM
  [[ -z $child ]] || kill "$child" 2>/dev/null || true
  $keep && $done && return
  if [[ -n $daemons ]]; then
    # The daemons end, and their containers with them, when nobody holds their standard input.
    [[ -z $hold ]] || exec {hold}>&-
    kill "$daemons" 2>/dev/null || true
    for ((wait = 0; wait < 300; wait++)); do
      kill -0 "$daemons" 2>/dev/null || break
      sleep 0.05
    done
    kill -9 "$daemons" 2>/dev/null || true
  fi
  if [[ -n $work ]]; then
    if $done || $interrupted; then rm -rf "$work"; else echo "quickstart: logs of the daemons and containers are in $work" >&2; fi
  fi
}
trap cleanup EXIT
trap 'interrupted=true; exit 130' INT
trap 'interrupted=true; exit 143' TERM

# ---- build what is missing or older than its sources

home=$root/target/millrace
hadoop=$root/it-yarn/hadoop/target
started=$(milliseconds)
built() {
  [[ -x $home/bin/millrace ]] && compgen -G "$hadoop/client-*/hadoop-client-api-*.jar" >/dev/null &&
    compgen -G "$hadoop/daemons-*/hadoop-minicluster-*.jar" >/dev/null && [[ -d $hadoop/classes/io ]] &&
    [[ -z $(find . -path ./target -prune -o \( -path '*/src/main/*' -o -name pom.xml -o -path './conf/*' -o -path './scripts/millrace' -o -path './scripts/environment.sh' \) \
      -type f -newer "$home/bin/millrace" -print -quit) ]]
}
if ! built; then
  phase "build"
  run mvn -B -ntp -q -Dmaven.test.skip -Dspotless.check.skip package -pl distribution,it-yarn/hadoop -am
  touch "$home/bin/millrace"
fi
client_jars=$(compgen -G "$hadoop/client-*" | head -n 1)
daemon_jars=$(compgen -G "$hadoop/daemons-*" | head -n 1)

# ---- the cluster

phase "start HDFS and YARN"
work=$(mktemp -d "${TMPDIR:-/tmp}/millrace-quickstart.XXXXXX")
daemon_command=("$JAVA_HOME/bin/java" -Xmx768m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xshare:auto
  -cp "$hadoop/classes:$daemon_jars/*" io.millrace.it.hadoop.EmbeddedHadoop
  --dir "$work/cluster" --hadoop-jars "$client_jars" --nodes 2 --memory 4096)
if $keep; then
  setsid nohup "${daemon_command[@]}" --detached </dev/null >"$work/daemons.out" 2>"$work/daemons.log" &
  daemons=$!
else
  exec {hold}> >(exec "${daemon_command[@]}" >"$work/daemons.out" 2>"$work/daemons.log")
  daemons=$!
fi
until grep -q '^ready ' "$work/daemons.out" 2>/dev/null; do
  kill -0 "$daemons" 2>/dev/null || die "the daemons ended: $(tail -n 3 "$work/daemons.log")"
  sleep 0.1
done
export HADOOP_CONF_DIR=$work/cluster/conf HADOOP_CLASSPATH=$client_jars/* MILLRACE_LOG_DIR=$work/client-logs
unset YARN_CONF_DIR MILLRACE_HOME MILLRACE_CONF_DIR
hdfs() {
  "$JAVA_HOME/bin/java" -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Dmillrace.log.file="$work/hdfs.log" \
    -Dlog4j2.configurationFile="$home/conf/log4j2-cli.properties" -Dslf4j.internal.verbosity=ERROR \
    -cp "$HADOOP_CONF_DIR:$home/lib/*:$client_jars/*" org.apache.hadoop.fs.FsShell "$@"
}

# ---- the job

phase "put the text in HDFS"
input=/user/$(id -un)/quickstart/input
output=/user/$(id -un)/quickstart/counts
# Files of one name may come from several folders.
mkdir "$work/texts"
for i in "${!texts[@]}"; do
  cp "${texts[$i]}" "$work/texts/$i-$(basename "${texts[$i]}")"
done
run hdfs -mkdir -p "${input%/*}"
run hdfs -put "$work/texts" "$input"

phase "count the words"
run "$home/bin/millrace" run -m yarn-cluster -yjm 1024 -ytm 1024 -c io.millrace.examples.WordCount \
  "$home/examples/millrace-examples.jar" --input "hdfs://$input" --output "hdfs://$output"

phase "read the result"
counts() { hdfs -cat "$output/[^_.]*" | LC_ALL=C sort -k1,1nr -k2,2 >"$1"; }
mkdir -p target/quickstart
run counts target/quickstart/counts.txt
end_phase

echo "== the 20 most frequent of $(wc -l <target/quickstart/counts.txt) words in ${#texts[@]} texts"
head -n 20 target/quickstart/counts.txt
echo "== output: $output in HDFS; sorted in $root/target/quickstart/counts.txt"
done=true
if $keep; then
  cat <<END
== the cluster is still running; to try the commands:
export HADOOP_CONF_DIR=$HADOOP_CONF_DIR
export HADOOP_CLASSPATH='$HADOOP_CLASSPATH'
export PATH=$home/bin:\$PATH
millrace list
== to end it: kill $daemons; rm -r $work
END
else
  phase "take the cluster down"
  cleanup
  daemons='' work='' hold=''
  end_phase
fi
echo "== how long it took"
printf '%s\n' "${phases[@]}" "$(printf '%-28s %6d ms' "all" $(($(milliseconds) - started)))"
