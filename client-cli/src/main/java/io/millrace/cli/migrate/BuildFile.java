package io.millrace.cli.migrate;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Says which dependencies of a pom.xml or a Gradle script to swap; changes nothing. */
final class BuildFile {
  private static final Pattern DEPENDENCY =
      Pattern.compile("<artifactId>\\s*(flink-[\\w.-]+)|org\\.apache\\.flink:(flink-[\\w.-]+)");
  private static final String API = "use io.millrace:millrace-stream-api, scope provided";
  private static final Map<String, String> ADVICE = new TreeMap<>();

  static {
    ADVICE.put("flink-streaming-java", API);
    ADVICE.put("flink-core", API);
    ADVICE.put("flink-java", API);
    ADVICE.put(
        "flink-clients",
        "leave it out; to run in a JVM of its own the program needs"
            + " io.millrace:millrace-cluster-runtime");
    ADVICE.put("flink-connector-files", "use io.millrace:millrace-connector-files, scope provided");
    ADVICE.put("flink-connector-datagen", "leave it out: env.fromGenerator is in the API");
    ADVICE.put("flink-statebackend-rocksdb", "leave it out and set state.backend.type: rocksdb");
    ADVICE.put("flink-test-utils", "use io.millrace:millrace-cluster-runtime, scope test");
    ADVICE.put("flink-runtime-web", "leave it out");
  }

  private BuildFile() {}

  static boolean is(String fileName) {
    return fileName.equals("pom.xml")
        || fileName.equals("build.gradle")
        || fileName.equals("build.gradle.kts");
  }

  static List<Remark> advice(String text) {
    var remarks = new ArrayList<Remark>();
    Matcher matcher = DEPENDENCY.matcher(text);
    while (matcher.find()) {
      String name = matcher.group(1) != null ? matcher.group(1) : matcher.group(2);
      // Older artifacts are named after a version of Scala too.
      String plain = name.replaceAll("_2\\.\\d+$|_$", "");
      String advice = ADVICE.getOrDefault(plain, "has no counterpart");
      remarks.add(new Remark(JavaCode.lineOf(text, matcher.start()), name + ": " + advice));
    }
    return remarks;
  }
}
