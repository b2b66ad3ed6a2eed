package io.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MigrateCommandTest {
  private static final String BEFORE = "import org.apache.flink.util.Collector; // gr\u00fcn\r\n";
  private static final String AFTER = "import io.millrace.api.function.Collector; // gr\u00fcn\r\n";

  @TempDir Path folder;

  @Test
  void rewritesWhatIsCommittedAndKeepsItsBytes() throws Exception {
    Path latin = write("src/Latin.java", BEFORE.getBytes(StandardCharsets.ISO_8859_1));
    Path utf = write("src/Utf.java", BEFORE.getBytes(StandardCharsets.UTF_8));
    Path other = write("src/Other.java", "class Other {}".getBytes(StandardCharsets.UTF_8));
    Files.setPosixFilePermissions(utf, PosixFilePermissions.fromString("rwxr-----"));
    var untouched = Files.getLastModifiedTime(other);
    commit();

    Terminal terminal = migrate(folder.toString());

    assertThat(terminal.exitCode()).as(terminal.toString()).isZero();
    assertThat(terminal.out())
        .isEqualTo(
            "src/Latin.java: 1 name\nsrc/Utf.java: 1 name\n"
                + "2 names in 2 files rewritten; nothing is left to you.\n");
    assertThat(Files.readAllBytes(latin)).isEqualTo(AFTER.getBytes(StandardCharsets.ISO_8859_1));
    assertThat(Files.readAllBytes(utf)).isEqualTo(AFTER.getBytes(StandardCharsets.UTF_8));
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(utf)))
        .isEqualTo("rwxr-----");
    assertThat(Files.getLastModifiedTime(other)).isEqualTo(untouched);
    try (var files = Files.list(folder.resolve("src"))) {
      assertThat(files).hasSize(3);
    }

    // What it has written is not committed; nothing is left to rewrite, so nothing is refused.
    Terminal again = migrate(folder.toString());
    assertThat(again.exitCode()).isZero();
    assertThat(again.out()).isEqualTo("0 names in 0 files rewritten; nothing is left to you.\n");
  }

  @Test
  void aDryRunShowsAllAndChangesNothing() throws Exception {
    Path file =
        write(
            "A.java",
            (BEFORE + "import org.apache.flink.cep.CEP;\n").getBytes(StandardCharsets.UTF_8));
    write(
        "pom.xml",
        """
        <project>
          <artifactId>flink-streaming-java</artifactId>
          <artifactId>flink-cep_2.12</artifactId>
        </project>
        """
            .getBytes(StandardCharsets.UTF_8));
    byte[] before = Files.readAllBytes(file);

    Terminal terminal = migrate("--dry-run", folder.toString());

    assertThat(terminal.exitCode()).isEqualTo(1);
    assertThat(terminal.out().lines())
        .containsExactly(
            "A.java: 1 name",
            "A.java:2: org.apache.flink.cep.CEP has no counterpart: there is no pattern library; a"
                + " KeyedProcessFunction with state and timers does it",
            "pom.xml:2: flink-streaming-java: use io.millrace:millrace-stream-api, scope provided",
            "pom.xml:3: flink-cep_2.12: has no counterpart",
            "1 name in 1 file would be rewritten; 3 places are left to you, listed above.");
    assertThat(Files.readAllBytes(file)).isEqualTo(before);
  }

  /** An import of a package becomes several, and one that is there already goes. */
  @Test
  void namesLinesOfTheFileAsItIsAfterwards() throws Exception {
    Path file =
        write(
            "A.java",
            """
            import org.apache.flink.cep.CEP;
            import org.apache.flink.streaming.api.datastream.*;
            import org.apache.flink.api.common.time.Time;
            import org.apache.flink.streaming.api.windowing.time.Time;
            class A {
              DataStream<String> a;
              KeyedStream<String, String> b;
              ConnectedStreams<String, String> c;
              org.apache.flink.table.api.Table d;
            }
            """
                .getBytes(StandardCharsets.UTF_8));

    List<String> before = placed(migrate("--dry-run", folder.toString()));
    assertThat(before).hasSize(2).allMatch(each -> names(file, each));

    commit();
    List<String> after = placed(migrate(folder.toString()));
    assertThat(after).hasSize(2).allMatch(each -> names(file, each));
    assertThat(Files.readString(file)).hasLineCount(11);
    assertThat(after.get(1)).isNotEqualTo(before.get(1));
  }

  private static List<String> placed(Terminal terminal) {
    return terminal.out().lines().filter(line -> line.contains("has no counterpart")).toList();
  }

  /** Whether the line that is named has what is said to be there. */
  private static boolean names(Path file, String placed) {
    String[] parts = placed.split(":? ")[0].split(":");
    String name = placed.split(" ")[1];
    try {
      return Files.readAllLines(file).get(Integer.parseInt(parts[1]) - 1).contains(name);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void refusesWhatCouldNotBeTakenBack() throws Exception {
    Path file = write("A.java", BEFORE.getBytes(StandardCharsets.UTF_8));

    Terminal noRepository = migrate(folder.toString());
    commit();
    Files.writeString(file, BEFORE + "// more\n");
    Terminal changed = migrate(folder.toString());

    assertThat(noRepository.exitCode()).isEqualTo(1);
    assertThat(noRepository.err()).contains("is not in a git repository", "--backup <folder>");
    assertThat(changed.exitCode()).isEqualTo(1);
    assertThat(changed.err()).contains("A.java not committed in git", "--backup <folder>");
    assertThat(Files.readString(file)).isEqualTo(BEFORE + "// more\n");
  }

  @Test
  void keepsOriginalsWhereItIsTold(@TempDir Path elsewhere) throws Exception {
    Path file = write("deep/A.java", BEFORE.getBytes(StandardCharsets.UTF_8));
    Path backup = elsewhere.resolve("originals");

    Terminal inside = migrate("--backup", folder.resolve("b").toString(), folder.toString());
    Terminal terminal = migrate("--backup", backup.toString(), folder.toString());

    assertThat(inside.err()).contains("name another folder");
    assertThat(terminal.exitCode()).as(terminal.toString()).isZero();
    assertThat(Files.readString(backup.resolve("deep/A.java"))).isEqualTo(BEFORE);
    assertThat(Files.readString(file)).isEqualTo(AFTER);
    Files.writeString(file, BEFORE);
    Terminal again = migrate("--backup", backup.toString(), folder.toString());
    assertThat(again.err()).contains("is not empty");
    assertThat(Files.readString(file)).isEqualTo(BEFORE);
  }

  @Test
  void leavesBuildOutputAndWhatLinksPointAtAlone(@TempDir Path elsewhere) throws Exception {
    write("pom.xml", "<project/>".getBytes(StandardCharsets.UTF_8));
    Path generated = write("target/A.java", BEFORE.getBytes(StandardCharsets.UTF_8));
    Path outside = elsewhere.resolve("B.java");
    Files.writeString(outside, BEFORE);
    Files.createSymbolicLink(folder.resolve("B.java"), outside);

    Terminal terminal = migrate(folder.toString());

    assertThat(terminal.exitCode()).isZero();
    assertThat(Files.readString(generated)).isEqualTo(BEFORE);
    assertThat(Files.readString(outside)).isEqualTo(BEFORE);
  }

  @Test
  void saysWhatItWants() {
    assertThat(migrate().err()).contains("migrate takes one folder, found 0");
    assertThat(migrate(folder.resolve("none").toString()).err()).contains("is not a folder");
  }

  private Path write(String name, byte[] bytes) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.write(file, bytes);
  }

  private void commit() throws Exception {
    for (List<String> words :
        List.of(
            List.of("init", "-q"),
            List.of("add", "-A"),
            List.of("-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "all"))) {
      var all = new ArrayList<>(List.of("git", "-C", folder.toString()));
      all.addAll(words);
      assertThat(new ProcessBuilder(all).inheritIO().start().waitFor()).isZero();
    }
  }

  private static Terminal migrate(String... words) {
    var all = new ArrayList<>(List.of("migrate"));
    all.addAll(List.of(words));
    return Terminal.run(Map.of(), all.toArray(String[]::new));
  }
}
