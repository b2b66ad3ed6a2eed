package io.millrace.cli.migrate;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.StringWriter;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Programs as they are written for Flink: migrated, compiled and run, all in here. */
class MigratedProgramsTest {
  @TempDir Path scratch;

  @Test
  void windowsOfWords() throws Exception {
    assertThat(outputOf("some.team.words", "WindowedWords"))
        .containsExactly("10000 be 2", "10000 not 1", "10000 or 1", "10000 to 2", "20000 to 1");
  }

  @Test
  void stateTimersAndSideOutputs() throws Exception {
    assertThat(outputOf("some.team.sensors", "SilentSensors"))
        .containsExactly(
            "cold a 200000 -1",
            "cold b 10000 -5",
            "silent a 260000 3",
            "silent b 270000 2",
            "silent b 70000 1");
  }

  @Test
  void joinsAndConnectedStreams() throws Exception {
    assertThat(outputOf("some.team.joins", "Marriages"))
        .containsExactly("near x 1 x 2", "near x 9 x 12", "window x 1 x 2", "window x 9 x 2");
  }

  @Test
  void asyncFunctions() throws Exception {
    assertThat(outputOf("some.team.prices", "Prices"))
        .containsExactly("1 costs 7", "2 costs 14", "3 costs 21", "4 costs 28");
  }

  @Test
  void filesAccumulatorsMetricsAndParameters() throws Exception {
    assertThat(outputOf("some.team.enrichment", "Enrichment"))
        .containsExactly("France 2", "Germany 3", "nowhere 1");
  }

  @Test
  void richJoinsAndTheNamesOfTheSecondVersion() throws Exception {
    assertThat(outputOf("some.team.orders", "Orders"))
        .containsExactly(
            "0 a 1 true",
            "0 b 0 true",
            "0 c 2 true",
            "late a 1",
            "late c 2",
            "paid a after 3000",
            "paid c after 3000",
            "paid c after 3000");
  }

  @Test
  void everyKindOfFunctionAndState() throws Exception {
    assertThat(outputOf("some.team.turnstiles", "Turnstiles"))
        .containsExactly(
            "asked 1",
            "asked 20",
            "asked 4",
            "asked 5",
            "average north 3",
            "batch [1, 4]",
            "batch [5, 20]",
            "first north 1001",
            "first south 4001",
            "kept Ann 4",
            "kept Bob 1",
            "kept Bob 20",
            "kept Bob 5",
            "seen north 3",
            "seen south 1",
            "window north 10 2",
            "window north 30 1",
            "window south 10 1");
  }

  @Test
  void sinkFunctionsThatWriteWhatACheckpointCovers() throws Exception {
    assertThat(outputOf("some.team.ferries", "Ferries"))
        .containsExactly(
            "Ada 0.5",
            "Ada 10.0",
            "Ada from North",
            "Bea 0.25",
            "Bea 5.0",
            "Bea from South",
            "most cars 10",
            "most cars 20",
            "most cars 30",
            "most cars 30",
            "most cars 30",
            "moves 2");
  }

  @Test
  void configurationsAndRestartStrategies() throws Exception {
    assertThat(outputOf("some.team.dams", "Dams"))
        .containsExactly("high Aller 9 of 7", "high Oker 12 of 7", "unit METRES, 2 gates");
  }

  @Test
  void sourceFunctionsWithStateAndEventTime() throws Exception {
    assertThat(outputOf("some.team.meters", "Meters"))
        .containsExactly("A WORD FROM OUTSIDE", "sum 60", "sum 60", "sum 60", "sum 60");
  }

  @Test
  void keysThatAreFields() throws Exception {
    assertThat(outputOf("some.team.fields", "Fields"))
        .containsExactly(
            "(be,1,3)",
            "(be,2,3)",
            "(not,1,1)",
            "(to,1,2)",
            "be by (be,3) 2",
            "not by (not,1) 1",
            "pojo be 2",
            "pojo be 4",
            "pojo not 1",
            "pojo to 2",
            "to by (to,2) 1");
  }

  @Test
  void programsFromBeforeWatermarkStrategies() throws Exception {
    assertThat(outputOf("some.team.buoys", "Buoys"))
        .containsExactly(
            "count 1",
            "count 2",
            "count 3",
            "highest (Elbe) 10000 5",
            "highest (Elbe) 20000 6",
            "highest (Elbe) 40000 2",
            "highest (Weser) 10000 4",
            "highest (Weser) 20000 1",
            "longest 23",
            "name (Elbe,1)",
            "name (Weser,2)",
            "number 1 3",
            "number 1 5",
            "number 2 4",
            "punctual Elbe 2",
            "punctual Elbe 3",
            "punctual Elbe 6",
            "punctual Weser 4",
            "sum Elbe 2",
            "sum Elbe 6",
            "sum Elbe 8",
            "sum Weser 1",
            "sum Weser 4",
            "wave (Elbe,2)",
            "wave (Elbe,3)",
            "wave (Elbe,5)",
            "wave (Elbe,6)",
            "wave (Weser,1)",
            "wave (Weser,4)");
  }

  /** What meanings.txt holds was written by Flink 2.3.0, which ran the program as it is there. */
  @Test
  void everyOperationMeansTheSame() throws Exception {
    String theirs;
    try (InputStream in = MigratedProgramsTest.class.getResourceAsStream("meanings.txt")) {
      theirs = new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
    assertThat(outputOf("some.team.meanings", "Meanings"))
        .hasSizeGreaterThan(50)
        .isEqualTo(theirs.lines().sorted().toList());
  }

  /** The lines that the migrated program writes, sorted. */
  private List<String> outputOf(String packageName, String name) throws Exception {
    Path sources = Files.createDirectories(scratch.resolve("sources"));
    Path source = sources.resolve(name + ".java");
    try (InputStream in = MigratedProgramsTest.class.getResourceAsStream(name + ".java.txt")) {
      Files.copy(in, source);
    }
    var report = new ArrayList<String>();
    int left = Migration.run(sources, false, scratch.resolve("originals"), report::add);
    assertThat(left).as(report.toString()).isZero();

    Path classes = Files.createDirectories(scratch.resolve("classes"));
    compile(source, classes);
    Path output = scratch.resolve("output");
    run(classes, packageName + "." + name, output.toUri().toString());
    return lines(output);
  }

  private static void compile(Path source, Path classes) {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    var complaints = new StringWriter();
    List<String> options =
        List.of("-d", classes.toString(), "-cp", System.getProperty("java.class.path"));
    try (var files = compiler.getStandardFileManager(null, null, null)) {
      boolean compiled =
          compiler
              .getTask(complaints, files, null, options, null, files.getJavaFileObjects(source))
              .call();
      assertThat(compiled).as(complaints.toString()).isTrue();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static void run(Path classes, String main, String output) throws Exception {
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    try (var loader = new URLClassLoader(new URL[] {classes.toUri().toURL()}, before)) {
      thread.setContextClassLoader(loader);
      loader
          .loadClass(main)
          .getMethod("main", String[].class)
          .invoke(null, (Object) new String[] {output});
    } finally {
      thread.setContextClassLoader(before);
    }
  }

  private static List<String> lines(Path output) throws IOException {
    var lines = new ArrayList<String>();
    try (Stream<Path> files = Files.walk(output)) {
      for (Path file : files.filter(f -> f.getFileName().toString().startsWith("part-")).toList()) {
        lines.addAll(Files.readAllLines(file));
      }
    }
    lines.sort(null);
    return lines;
  }
}
