package io.millrace.benchmarks.yarn;

import static java.nio.file.StandardOpenOption.APPEND;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.benchmarks.workloads.Arrival;
import io.millrace.benchmarks.workloads.Figures;
import io.millrace.benchmarks.workloads.Journal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.List;
import java.util.jar.JarFile;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class YarnTest {
  @TempDir Path folder;

  @Test
  void theJobNotesItsFirstAndItsLastRecord() throws Exception {
    String name = folder.resolve("job").toString();
    long before = System.currentTimeMillis();

    FirstRecord.main(new String[] {"1000", name});

    long first = Long.parseLong(Files.readString(Arrival.first(name)));
    long last = Long.parseLong(Files.readString(Arrival.last(name)));
    assertThat(first).isBetween(before, last);
    assertThat(last).isBetween(first, System.currentTimeMillis());
  }

  @Test
  void findsPhasesInWhatContainersLeaveBehind() throws Exception {
    long registered =
        LocalDateTime.parse("2026-11-30T01:02:03.456")
            .atZone(ZoneId.systemDefault())
            .toInstant()
            .toEpochMilli();
    Path jobManager = container("1", registered - 300);
    Path taskManager = container("2", registered + 500);
    Files.writeString(
        jobManager.resolve("jobmanager.log"),
        "2026-11-30 01:02:03.111 INFO  starts\n2026-11-30 01:02:03.456 INFO  is known now\n");

    Phases phases =
        Phases.of(
            registered - 1_000,
            List.of(jobManager, taskManager),
            Pattern.compile("known"),
            registered + 2_000);

    assertThat(phases.figures(registered - 1_600, "ox").json())
        .isEqualTo(
            "{\"workload\": \"start\", \"engine\": \"ox\", \"first_record_ms\": 3600,"
                + " \"submitted_ms\": 600, \"jobmanager_ms\": 700, \"registered_ms\": 300,"
                + " \"taskmanager_ms\": 500, \"record_ms\": 1500}");
    assertThatThrownBy(
            () -> Phases.of(0, List.of(jobManager, taskManager), Pattern.compile("lost"), 0))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("lost is not in ");
  }

  private Path container(String number, long launchedMillis) throws IOException {
    Path logs = Files.createDirectory(folder.resolve("container_" + number));
    Path file = Files.writeString(logs.resolve("prelaunch.out"), "");
    Files.setLastModifiedTime(file, FileTime.fromMillis(launchedMillis));
    return logs;
  }

  @Test
  void aTableComparesRoundByRound() {
    String conditions =
        new Figures().text("workload", "start").number("heartbeat_ms", 1_000).json();
    List<String> lines =
        List.of(
            conditions,
            line("millrace-per-job", 1_000),
            line("flink-application", 4_000),
            line("millrace-per-job", 2_000),
            line("flink-application", 6_000));

    assertThat(YarnTables.table(lines))
        .startsWith("\n### start, heartbeat of the node 1000 ms\n")
        .contains(
            """
            | millrace-per-job | 1.00 (1.00–2.00) |  | 1.00 (1.00–2.00) |""")
        .contains(
            """
            | flink-application | 4.00 (4.00–6.00) | 3.00 (3.00–4.00) | 4.00 (4.00–6.00) |""");
  }

  private static String line(String engine, long millis) {
    return new Phases(millis / 1_000, 0, 0, 0, millis).figures(0, engine).number("load", 1).json();
  }

  @Test
  void aTableOfKillsComparesWithOursOfTheSameVictim() {
    String conditions = new Figures().text("workload", "kill").number("heartbeat_ms", 100).json();
    List<String> lines =
        List.of(
            conditions,
            kill("millrace-per-job", "TaskManager", 2_000),
            kill("millrace-per-job", "JobManager", 8_000),
            kill("flink-application", "TaskManager", 6_000));

    assertThat(YarnTables.table(lines))
        .contains("| millrace-per-job, TaskManager | 2.00 |  | 1.00 | 1.00 | 1 |")
        .contains("| millrace-per-job, JobManager | 8.00 |  | 1.00 | 1.00 | 1 |")
        .contains("| flink-application, TaskManager | 6.00 | 3.00 | 1.00 | 1.00 | 1 |");
  }

  private static String kill(String engine, String victim, long millis) {
    return new Figures()
        .text("workload", "kill")
        .text("engine", engine)
        .text("victim", victim)
        .number("written_ms", 1_000)
        .number("committed_ms", millis)
        .number("load", 1)
        .json();
  }

  @Test
  void aJournalKnowsWhoNotedWhat() throws Exception {
    var journal = new Journal(folder.resolve("journal").toString());
    assertThat(journal.commits()).isEmpty();

    journal.written(3);
    journal.committed(7);
    journal.committed(9);
    Files.writeString(Path.of(journal.file()), "committed 1", APPEND);

    assertThat(journal.writers()).extracting(Journal.Entry::number).containsExactly(3L);
    assertThat(journal.writers().get(0).process()).isEqualTo(ProcessHandle.current().pid());
    assertThat(journal.commits()).extracting(Journal.Entry::number).containsExactly(7L, 9L);
  }

  @Test
  void aMergedJarHasTheServicesOfAllItsParts() throws Exception {
    Path one = part("one", "services/Fruit", "Apple");
    Path other = part("other", "services/Fruit", "Pear");
    Files.writeString(one.resolve("same"), "first");
    Files.writeString(other.resolve("same"), "second");
    Path inner = folder.resolve("inner.jar");
    Path jar = folder.resolve("merged.jar");

    Archive.merge(List.of(one), inner);
    Archive.merge(List.of(inner, other), jar);

    assertThat(content(jar, "META-INF/services/Fruit").lines().filter(line -> !line.isEmpty()))
        .containsExactly("Apple", "Pear");
    assertThat(content(jar, "same")).isEqualTo("first");
    try (var file = new JarFile(jar.toFile())) {
      assertThat(file.isMultiRelease()).isTrue();
    }
  }

  private Path part(String name, String file, String content) throws IOException {
    Path part = folder.resolve(name);
    Path path = part.resolve("META-INF").resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, content);
    return part;
  }

  private static String content(Path jar, String name) throws IOException {
    try (var file = new JarFile(jar.toFile())) {
      return new String(file.getInputStream(file.getEntry(name)).readAllBytes());
    }
  }
}
