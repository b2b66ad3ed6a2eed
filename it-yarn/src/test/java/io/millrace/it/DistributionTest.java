package io.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.it.ClientCommand.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a user unpacks, and what its command says before any Java of ours runs. */
@Tag("cluster")
class DistributionTest {
  private static final Duration SOON = Duration.ofSeconds(10);

  @TempDir Path scratch;

  @Test
  void shipsNoHadoopAndLittleToUpload() throws IOException {
    Path lib = Repository.distribution().resolve("lib");
    List<Path> uploaded = files(lib);

    assertThat(uploaded).isNotEmpty();
    assertThat(Stream.concat(uploaded.stream(), files(lib.resolve("client")).stream()))
        .noneMatch(jar -> jar.getFileName().toString().startsWith("hadoop"));
    long bytes = 0;
    for (Path jar : uploaded) {
      bytes += Files.size(jar);
    }
    assertThat(bytes).isLessThan(10_000_000);
    // Travels with jobs that want it only.
    assertThat(uploaded).noneMatch(jar -> jar.getFileName().toString().startsWith("rocksdb"));
    assertThat(files(lib.resolve("rocksdb")))
        .singleElement()
        .matches(jar -> jar.getFileName().toString().startsWith("rocksdbjni"));
  }

  @Test
  void theExamplesJarHoldsExamplesOnly() throws IOException {
    try (JarFile jar = new JarFile(Repository.examplesJar().toFile())) {
      assertThat(jar.stream().filter(entry -> !entry.isDirectory()).map(ZipEntry::getName))
          .isNotEmpty()
          .allMatch(
              name -> name.startsWith("io/millrace/examples/") || name.startsWith("META-INF/"));
    }
  }

  @Test
  void anArchiveOfTheSameLiesBesideIt() throws IOException {
    assertThat(files(Repository.distribution().getParent()))
        .anyMatch(file -> file.getFileName().toString().matches("millrace-.*\\.tar\\.gz"));
  }

  @Test
  void aMissingJavaIsOneClearLine() throws Exception {
    Outcome outcome = millrace(Map.of("JAVA_HOME", scratch.resolve("nowhere").toString()));

    assertThat(outcome.exitCode()).isEqualTo(31);
    assertThat(outcome.stderr().lines())
        .singleElement()
        .asString()
        .contains(scratch.resolve("nowhere/bin/java").toString(), "set JAVA_HOME");
  }

  @Test
  void anOldJavaIsOneClearLine() throws Exception {
    Path java = scratch.resolve("jdk/bin/java");
    script(java, "exit 1");
    Files.writeString(scratch.resolve("jdk/release"), "JAVA_VERSION=\"11.0.2\"\n");

    Outcome outcome = millrace(Map.of("JAVA_HOME", scratch.resolve("jdk").toString()));

    assertThat(outcome.exitCode()).isEqualTo(31);
    assertThat(outcome.stderr().lines())
        .singleElement()
        .asString()
        .contains("Java 17 or newer is needed", "11.0.2", "JAVA_HOME");
  }

  @Test
  void aMissingConfigurationFolderIsOneClearLine() throws Exception {
    Outcome outcome = millrace(Map.of("MILLRACE_CONF_DIR", scratch.resolve("none").toString()));

    assertThat(outcome.exitCode()).isEqualTo(31);
    assertThat(outcome.stderr().lines())
        .singleElement()
        .asString()
        .contains(scratch.resolve("none").toString(), "MILLRACE_CONF_DIR");
  }

  @Test
  void theVersionNamesTheCommit() throws Exception {
    Outcome outcome = millrace(Map.of());

    String commit = Files.exists(Repository.root().resolve(".git")) ? "[0-9a-f]{7,40}" : "unknown";
    assertThat(outcome.exitCode()).isZero();
    assertThat(outcome.stdout()).containsPattern("(?m)^Version: \\S+, Commit ID: " + commit + "$");
  }

  /** Whether its cluster was to be kept or not: there is none, but there are logs. */
  @Test
  void aQuickstartThatFailsSaysWhereItsLogsAre() throws Exception {
    Path jdk = scratch.resolve("broken");
    script(jdk.resolve("bin/javac"), "echo javac 17.0.1");
    script(jdk.resolve("bin/java"), "echo no room >&2; exit 1");
    script(scratch.resolve("bin/mvn"), "exit 0");
    for (List<String> flags : List.of(List.<String>of(), List.of("--keep"))) {
      Path temporary = Files.createTempDirectory(scratch, "tmp");
      var words = new ArrayList<>(List.of(Repository.root() + "/scripts/quickstart.sh"));
      words.addAll(flags);
      Map<String, String> environment =
          Map.of(
              "JAVA_HOME",
              jdk.toString(),
              "TMPDIR",
              temporary.toString(),
              "PATH",
              scratch.resolve("bin") + ":" + System.getenv("PATH"));
      try (ClientCommand command = ClientCommand.start(words, environment, scratch)) {
        Outcome outcome = command.finish(SOON);

        assertThat(outcome.exitCode()).as(outcome.toString()).isEqualTo(1);
        try (Stream<Path> left = Files.list(temporary)) {
          assertThat(outcome.stderr().lines())
              .containsExactly(
                  "quickstart: the daemons ended: no room",
                  "quickstart: logs of the daemons and containers are in "
                      + left.findFirst().orElseThrow());
        }
      }
    }
  }

  private static void script(Path file, String text) throws IOException {
    Files.createDirectories(file.getParent());
    Files.createFile(
        file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
    Files.writeString(file, "#!/bin/sh\n" + text + "\n");
  }

  private Outcome millrace(Map<String, String> environment) throws Exception {
    List<String> words =
        List.of(Repository.distribution().resolve("bin/millrace").toString(), "-v");
    try (ClientCommand command = ClientCommand.start(words, environment, scratch)) {
      return command.finish(SOON);
    }
  }

  private static List<Path> files(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(Files::isRegularFile).toList();
    }
  }
}
