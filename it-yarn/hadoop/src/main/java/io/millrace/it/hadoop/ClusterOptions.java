package io.millrace.it.hadoop;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What kind of cluster to start.
 *
 * @param directory everything the cluster writes lies here; must be empty or absent
 * @param hadoopJars folder of the Hadoop jars that containers get, and nothing else
 * @param nodes number of NodeManagers
 * @param memoryMegabytes memory that each of them offers
 * @param maxAmAttempts how often YARN starts an ApplicationMaster
 * @param amExpiry silence after which YARN takes an ApplicationMaster for dead
 * @param nodeHeartbeat interval of the NodeManagers' heartbeats
 * @param memoryCheck whether NodeManagers kill containers that exceed their memory
 * @param logAggregation whether container logs move to HDFS at the end of an application
 * @param detached whether the daemons outlive the end of their standard input
 * @param properties further Hadoop properties; they win over ours
 */
public record ClusterOptions(
    Path directory,
    Path hadoopJars,
    int nodes,
    int memoryMegabytes,
    int maxAmAttempts,
    Duration amExpiry,
    Duration nodeHeartbeat,
    boolean memoryCheck,
    boolean logAggregation,
    boolean detached,
    Map<String, String> properties) {
  public static final String USAGE =
      """
      --dir <directory> --hadoop-jars <directory> [--nodes n] [--memory MB]
      [--max-am-attempts n] [--am-expiry seconds] [--heartbeat ms] [--memory-check]
      [--log-aggregation] [--detached] [-D key=value]...""";

  public ClusterOptions {
    require(directory.isAbsolute(), "the directory must be absolute: " + directory);
    require(hadoopJars.isAbsolute(), "the folder of jars must be absolute: " + hadoopJars);
    require(nodes > 0, "at least one node is needed, not " + nodes);
    require(memoryMegabytes >= 512, "a node needs at least 512 MB, not " + memoryMegabytes);
    require(maxAmAttempts > 0, "at least one attempt is needed, not " + maxAmAttempts);
    properties = new TreeMap<>(properties);
  }

  /** One node of 8 GB with YARN's own defaults where they matter to jobs. */
  public static ClusterOptions in(Path directory, Path hadoopJars) {
    return new ClusterOptions(
        directory,
        hadoopJars,
        1,
        8192,
        2,
        Duration.ofSeconds(600),
        Duration.ofMillis(100),
        false,
        false,
        false,
        Map.of());
  }

  public ClusterOptions withNodes(int count, int memoryMegabytesEach) {
    return new ClusterOptions(
        directory,
        hadoopJars,
        count,
        memoryMegabytesEach,
        maxAmAttempts,
        amExpiry,
        nodeHeartbeat,
        memoryCheck,
        logAggregation,
        detached,
        properties);
  }

  public ClusterOptions withMaxAmAttempts(int attempts) {
    return new ClusterOptions(
        directory,
        hadoopJars,
        nodes,
        memoryMegabytes,
        attempts,
        amExpiry,
        nodeHeartbeat,
        memoryCheck,
        logAggregation,
        detached,
        properties);
  }

  public ClusterOptions withMemoryCheck() {
    return new ClusterOptions(
        directory,
        hadoopJars,
        nodes,
        memoryMegabytes,
        maxAmAttempts,
        amExpiry,
        nodeHeartbeat,
        true,
        logAggregation,
        detached,
        properties);
  }

  public ClusterOptions with(String key, String value) {
    Map<String, String> more = new TreeMap<>(properties);
    more.put(key, value);
    return new ClusterOptions(
        directory,
        hadoopJars,
        nodes,
        memoryMegabytes,
        maxAmAttempts,
        amExpiry,
        nodeHeartbeat,
        memoryCheck,
        logAggregation,
        detached,
        more);
  }

  /** The client's configuration folder, complete once the cluster says that it is ready. */
  public Path configuration() {
    return directory.resolve("conf");
  }

  /** What the paths of all NodeManagers' directories begin with. */
  public String nodeDirectories() {
    return directory + "/node-";
  }

  /** The words that {@link #parse} turns back into these options. */
  public List<String> toArguments() {
    List<String> words =
        new ArrayList<>(
            List.of(
                "--dir",
                directory.toString(),
                "--hadoop-jars",
                hadoopJars.toString(),
                "--nodes",
                "" + nodes,
                "--memory",
                "" + memoryMegabytes,
                "--max-am-attempts",
                "" + maxAmAttempts,
                "--am-expiry",
                "" + amExpiry.toSeconds(),
                "--heartbeat",
                "" + nodeHeartbeat.toMillis()));
    if (memoryCheck) {
      words.add("--memory-check");
    }
    if (logAggregation) {
      words.add("--log-aggregation");
    }
    if (detached) {
      words.add("--detached");
    }
    properties.forEach((key, value) -> words.addAll(List.of("-D", key + "=" + value)));
    return words;
  }

  static ClusterOptions parse(String[] words) {
    Map<String, String> said = new TreeMap<>();
    Map<String, String> properties = new TreeMap<>();
    for (int i = 0; i < words.length; i++) {
      String word = words[i];
      switch (word) {
        case "--memory-check", "--log-aggregation", "--detached" -> said.put(word, "true");
        case "-D" -> {
          String pair = argument(words, ++i);
          int equals = pair.indexOf('=');
          require(equals > 0, "-D wants key=value, not " + pair);
          properties.put(pair.substring(0, equals), pair.substring(equals + 1));
        }
        case "--dir",
            "--hadoop-jars",
            "--nodes",
            "--memory",
            "--max-am-attempts",
            "--am-expiry",
            "--heartbeat" ->
            said.put(word, argument(words, ++i));
        default -> throw new IllegalArgumentException("unknown option " + word);
      }
    }
    require(said.containsKey("--dir"), "--dir is missing");
    require(said.containsKey("--hadoop-jars"), "--hadoop-jars is missing");
    return new ClusterOptions(
        Path.of(said.get("--dir")),
        Path.of(said.get("--hadoop-jars")),
        Integer.parseInt(said.getOrDefault("--nodes", "1")),
        Integer.parseInt(said.getOrDefault("--memory", "8192")),
        Integer.parseInt(said.getOrDefault("--max-am-attempts", "2")),
        Duration.ofSeconds(Long.parseLong(said.getOrDefault("--am-expiry", "600"))),
        Duration.ofMillis(Long.parseLong(said.getOrDefault("--heartbeat", "100"))),
        said.containsKey("--memory-check"),
        said.containsKey("--log-aggregation"),
        said.containsKey("--detached"),
        properties);
  }

  private static String argument(String[] words, int index) {
    require(index < words.length, words[index - 1] + " wants a value");
    return words[index];
  }

  private static void require(boolean condition, String complaint) {
    if (!condition) {
      throw new IllegalArgumentException(complaint);
    }
  }
}
