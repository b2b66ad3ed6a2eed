package io.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.it.ClientCommand.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Archives of classes save time where they are good, and cost nothing else where they are not. */
@Tag("cluster")
@ExtendWith(SharedCluster.class)
class ClassArchiveIT {
  private static final Duration PATIENCE = Duration.ofSeconds(120);
  private static final String SHARED = "io.millrace.cli.Main source: shared objects file (top)";
  private static final String HADOOP_SHARED =
      "org.apache.hadoop.yarn.client.api.YarnClient source: shared objects file (top)";

  private final Cluster cluster;
  private final Hdfs hdfs;

  @TempDir Path scratch;
  private Path cache;

  ClassArchiveIT(Cluster cluster) {
    this.cluster = cluster;
    this.hdfs = cluster.hdfs();
  }

  @BeforeEach
  void startWithNothing() throws IOException {
    cache = scratch.resolve("cache");
    hdfs.write("/archive/in", "to be or not to be\n");
  }

  @Test
  void theFirstJobMakesThemAndDamagedOnesHarmNobody() throws Exception {
    count(cached(cache), "/archive/first");

    List<Path> made =
        files(cache).stream().filter(file -> file.toString().endsWith(".jsa")).toList();
    assertThat(made).as("of the command, of the engine, of the engine with Hadoop").hasSize(3);
    assertThat(files(cache)).hasSize(4).contains(cache.resolve("digests"));
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(cache)))
        .isEqualTo("rwx------");
    assertThat(run(logged(cache), "list").stdout()).contains(SHARED, HADOOP_SHARED);
    Path elsewhere = scratch.resolve("elsewhere");
    Files.createSymbolicLink(elsewhere, cache);
    assertThat(run(logged(elsewhere), "-v").stdout()).contains("Version: ").doesNotContain(SHARED);

    for (Path archive : made) {
      damage(archive);
    }
    assertThat(count(logged(cache), "/archive/second").stdout()).doesNotContain(SHARED);
  }

  @Test
  @Tag("long")
  void nothingIsMadeWhereOthersCouldWrite() throws Exception {
    Files.createDirectory(
        cache, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    Files.setPosixFilePermissions(cache, PosixFilePermissions.fromString("rwxrwxrwx"));

    count(cached(cache), "/archive/open");

    assertThat(files(cache)).isEmpty();
  }

  /** Bytes that only a look at all of them finds. */
  private static void damage(Path archive) throws IOException {
    Files.setPosixFilePermissions(archive, PosixFilePermissions.fromString("rw-------"));
    byte[] bytes = Files.readAllBytes(archive);
    for (int i = bytes.length / 4; i < bytes.length; i += 4096) {
      bytes[i] ^= 0x55;
    }
    Files.write(archive, bytes);
  }

  private Outcome count(Map<String, String> environment, String output) throws Exception {
    Outcome outcome = run(environment, Program.wordCount("/archive/in", output).words());
    assertThat(hdfs.lines(output)).containsExactlyInAnyOrder("2 to", "2 be", "1 or", "1 not");
    return outcome;
  }

  private Outcome run(Map<String, String> environment, String... words) throws Exception {
    try (ClientCommand command = cluster.millrace(environment, words)) {
      Outcome outcome = command.finish(PATIENCE);
      assertThat(outcome.exitCode()).as(outcome.stderr()).isZero();
      return outcome;
    }
  }

  private static Map<String, String> cached(Path folder) {
    return Map.of("MILLRACE_CACHE_DIR", folder.toString());
  }

  /** What it prints says where the classes come from that it loads. */
  private static Map<String, String> logged(Path folder) {
    Map<String, String> environment = new TreeMap<>(cached(folder));
    environment.put("MILLRACE_CLIENT_OPTS", "-Xlog:class+load");
    return environment;
  }

  private static List<Path> files(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.toList();
    }
  }
}
