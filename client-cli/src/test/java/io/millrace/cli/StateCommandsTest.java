package io.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.StreamExecutionEnvironment;
import io.millrace.api.function.Collector;
import io.millrace.api.function.KeyedProcessFunction;
import io.millrace.api.function.OpenContext;
import io.millrace.api.sink.DiscardingSink;
import io.millrace.api.state.ValueStateDescriptor;
import io.millrace.api.type.Serializers;
import io.millrace.api.type.Shape;
import io.millrace.hdfs.HdfsCheckpointStore;
import io.millrace.runtime.checkpoint.DurableNames;
import io.millrace.runtime.checkpoint.Facts;
import io.millrace.runtime.checkpoint.GiveUpNewer;
import io.millrace.runtime.checkpoint.JobDirectory;
import io.millrace.runtime.checkpoint.KeepSavepoint;
import io.millrace.runtime.checkpoint.Manifest;
import io.millrace.runtime.checkpoint.NamedOperator;
import io.millrace.runtime.checkpoint.Procedure;
import io.millrace.runtime.checkpoint.Rollback;
import io.millrace.runtime.checkpoint.StateBytes;
import io.millrace.runtime.checkpoint.StateInfo;
import io.millrace.runtime.checkpoint.Stopped;
import io.millrace.runtime.checkpoint.SubtaskState;
import io.millrace.runtime.protocol.Epoch;
import io.millrace.runtime.protocol.JobId;
import io.millrace.runtime.protocol.JobStatus;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code millrace state} says of a savepoint on local disk. */
class StateCommandsTest {
  private static final byte[] BYTES = {1, 2, 3};

  @TempDir Path folder;

  /** A job with one state. */
  public static final class Counting extends KeyedProcessFunction<Long, Long, Long> {
    private final boolean database;
    private final boolean later;

    public Counting(boolean database, boolean later) {
      this.database = database;
      this.later = later;
    }

    @Override
    public void open(OpenContext context) {
      if (later) {
        return;
      }
      if (database) {
        throw new IllegalStateException("no database here");
      }
      getRuntimeContext().getState(new ValueStateDescriptor<>("count", Long.class));
    }

    @Override
    public void processElement(Long value, Context context, Collector<Long> out) {
      throw new IllegalStateException("no record is ever processed");
    }
  }

  /** The program of that job. */
  public static final class Program {
    private Program() {}

    public static void main(String[] arguments) throws Exception {
      var env = StreamExecutionEnvironment.getExecutionEnvironment();
      env.setMaxParallelism(16);
      env.setParallelism(2);
      env.fromGenerator(index -> index, 10)
          .uid("numbers")
          .keyBy(value -> value)
          .process(new Counting(with("database", arguments), with("later", arguments)))
          .uid(arguments[0])
          .sinkTo(new DiscardingSink<>())
          .uid("nowhere");
      env.execute();
    }

    private static boolean with(String word, String[] arguments) {
      return arguments.length > 1 && arguments[1].equals(word);
    }
  }

  /** A program of several jobs, one for each argument. */
  public static final class Jobs {
    private Jobs() {}

    public static void main(String[] arguments) throws Exception {
      var env = StreamExecutionEnvironment.getExecutionEnvironment();
      env.setMaxParallelism(16);
      for (String uid : arguments) {
        env.fromGenerator(index -> index, 10)
            .uid("numbers of " + uid)
            .keyBy(value -> value)
            .process(new Counting(uid.equals("unknown"), false))
            .uid(uid)
            .sinkTo(new DiscardingSink<>())
            .uid("end of " + uid);
        env.execute("job of " + uid);
      }
    }
  }

  @BeforeEach
  void configure() throws IOException {
    Files.createDirectories(folder.resolve("home/conf"));
    Files.writeString(folder.resolve("home/conf/config.yaml"), "");
    Files.createDirectories(folder.resolve("hadoop"));
    Files.writeString(folder.resolve("hadoop/yarn-site.xml"), "<configuration/>");
  }

  private Terminal run(String... words) {
    return Terminal.run(
        Map.of(
            "MILLRACE_HOME", folder.resolve("home").toString(),
            "HADOOP_CONF_DIR", folder.resolve("hadoop").toString()),
        words);
  }

  private String savepoint(Class<?> value) throws Exception {
    var bytes = new StateBytes.Inline(BYTES, StateBytes.crcOf(BYTES));
    return savepoint(value, bytes);
  }

  private String savepoint(Class<?> value, StateBytes bytes) throws Exception {
    return savepoint(value, bytes, Optional.empty());
  }

  private String savepoint(Class<?> value, StateBytes bytes, Optional<Stopped> stopped)
      throws Exception {
    Path path = Files.createTempDirectory(folder, "savepoint");
    var form =
        new StateInfo.Form(
            Shape.of(Serializers.of(value)),
            Optional.of(Shape.of(Serializers.of(Long.class))),
            true,
            70);
    var contents =
        List.of(
            new StateInfo("count", StateInfo.Kind.VALUE, value.getName(), 5, Optional.of(form)));
    Optional<StateBytes> keyed = Optional.of(bytes);
    var states =
        List.of(
            new SubtaskState("counting", 0, 2, 16, Optional.empty(), List.of(), keyed)
                .with(contents),
            new SubtaskState("counting", 1, 2, 16, Optional.empty(), List.of(), keyed)
                .with(contents));
    var manifest =
        new Manifest(
            new JobId("a".repeat(32)),
            "0123456789abcdef",
            new Epoch(1, 1),
            1,
            7,
            1_000,
            false,
            states,
            stopped,
            List.of(new NamedOperator("counting", "Count \"all\"")));
    var store =
        new HdfsCheckpointStore(new org.apache.hadoop.fs.Path(path.toUri()), new Configuration());
    DurableNames names = store.names(path.toUri().toString());
    if (stopped.isPresent()) {
      String name = JobDirectory.manifestFile(manifest.epoch(), manifest.checkpoint());
      names.mkdir(name.substring(0, name.lastIndexOf('/')));
      names.createExclusive(name, Facts.encode(manifest));
    } else {
      Procedure.run(new KeepSavepoint(manifest), names);
    }
    return path.toUri().toString();
  }

  private String jar() throws IOException {
    return jar(Program.class);
  }

  private String jar(Class<?> program) throws IOException {
    Path jar = Files.createTempFile(folder, "program", ".jar");
    var manifest = new java.util.jar.Manifest();
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    manifest.getMainAttributes().put(Attributes.Name.MAIN_CLASS, program.getName());
    try (var out = new JarOutputStream(Files.newOutputStream(jar), manifest)) {
      for (Class<?> type : List.of(program, Counting.class)) {
        String name = type.getName().replace('.', '/') + ".class";
        out.putNextEntry(new JarEntry(name));
        try (InputStream in = type.getClassLoader().getResourceAsStream(name)) {
          in.transferTo(out);
        }
        out.closeEntry();
      }
    }
    return jar.toString();
  }

  @Test
  void saysWhatNobodyHasCounted() {
    var counted = new StateInfo("total", StateInfo.Kind.VALUE, "long", 3);
    var uncounted = new StateInfo("total", StateInfo.Kind.VALUE, "long", -1);
    var manifest =
        new Manifest(
            new JobId("0".repeat(32)),
            "0".repeat(32),
            new Epoch(1, 1),
            1,
            7,
            0,
            false,
            List.of(subtask(0, counted), subtask(1, uncounted)));

    assertThat(StateShowCommand.table(manifest))
        .containsPattern("total +value +\\? +0  long")
        .doesNotContain("-1");
  }

  private static SubtaskState subtask(int subtask, StateInfo contents) {
    return new SubtaskState("sums", subtask, 2, 8, Optional.empty(), List.of(), Optional.empty())
        .with(List.of(contents));
  }

  @Test
  void showsWhatASavepointHolds() throws Exception {
    String path = savepoint(Integer.class);
    Terminal table = run("state", "show", path);
    assertThat(table.err()).isEmpty();
    assertThat(table.exitCode()).isZero();
    assertThat(table.out())
        .contains(
            "Checkpoint 7 of job " + "a".repeat(32),
            "Count \"all\" (uid 'counting')",
            "parallelism 2, key groups 0 to 15",
            "in all 6 bytes under keys")
        .containsPattern("count +value +10 +140  java.lang.Integer under java.lang.Long, expires");
    Terminal json = run("state", "show", "--json", path);
    assertThat(json.exitCode()).isZero();
    assertThat(json.out())
        .hasLineCount(1)
        .startsWith("{\"job\":\"" + "a".repeat(32) + "\",")
        .contains(
            "\"name\":\"Count \\\"all\\\"\"",
            "\"subtask\":1,\"firstKeyGroup\":8,\"lastKeyGroup\":15,\"keyedBytes\":3",
            "\"shape\":[{\"kind\":\"SCALAR\",\"name\":\"java.lang.Integer\",\"parts\":[]}]");
  }

  @Test
  void needsNoYarnForTheSavepointsOfAStandaloneCluster() throws Exception {
    Files.writeString(folder.resolve("home/conf/cluster.key"), "of no use for that");
    Map<String, String> withoutYarn = Map.of("MILLRACE_HOME", folder.resolve("home").toString());
    String path = savepoint(Long.class);

    Terminal show = Terminal.run(withoutYarn, "state", "show", path);
    assertThat(show.err()).isEmpty();
    assertThat(show.exitCode()).isZero();
    assertThat(show.out()).contains("Checkpoint 7 of job " + "a".repeat(32));

    Terminal check = Terminal.run(withoutYarn, "state", "check", "--from", path, jar(), "counting");
    assertThat(check.err()).isEmpty();
    assertThat(check.exitCode()).isZero();
    assertThat(check.out()).contains("Nothing speaks against starting from " + path);

    String[] unknown = {"state", "check", "--from", path, jar(), "counting", "database"};
    assertThat(Terminal.run(withoutYarn, unknown).exitCode()).isEqualTo(2);
    String none = folder.resolve("none").toUri().toString();
    refused(Terminal.run(withoutYarn, "state", "show", none), "there is no checkpoint at " + none);

    Files.delete(folder.resolve("home/conf/cluster.key"));
    refused(Terminal.run(withoutYarn, "state", "show", path), "neither HADOOP_CONF_DIR nor");
    Terminal said = Terminal.run(withoutYarn, "state", "show", "-Dexecution.target=remote", path);
    assertThat(said.exitCode()).isZero();
  }

  @Test
  void aStandaloneClusterLeavesNothingToClean() throws Exception {
    Files.writeString(folder.resolve("home/conf/cluster.key"), "of no use for that");
    Map<String, String> withoutYarn = Map.of("MILLRACE_HOME", folder.resolve("home").toString());
    refused(Terminal.run(withoutYarn, "clean"), "a standalone cluster leaves nothing to clean");
    refused(Terminal.run(withoutYarn, "clean", "file:///out"), "clean is for applications on YARN");
    refused(run("clean", "-t", "remote"), "a standalone cluster leaves nothing to clean");
    refused(
        Terminal.run(withoutYarn, "clean", "-yid", "application_1_1"),
        "neither HADOOP_CONF_DIR nor YARN_CONF_DIR is set");
  }

  @Test
  void saysWhatBecomesOfEachState() throws Exception {
    Terminal kept = run("state", "check", "--from", savepoint(Long.class), jar(), "counting");
    assertThat(kept.err()).isEmpty();
    assertThat(kept.exitCode()).isZero();
    assertThat(kept.out()).containsPattern("kept +.*'counting'.* state 'count'");

    Terminal migrated = run("state", "check", "-s", savepoint(Integer.class), jar(), "counting");
    assertThat(migrated.exitCode()).isZero();
    assertThat(migrated.out())
        .containsPattern(
            "migrated .* state 'count': the type was java.lang.Integer, is java.lang.Long");

    Terminal refused = run("state", "check", "--from", savepoint(Double.class), jar(), "counting");
    assertThat(refused.exitCode()).isEqualTo(1);
    assertThat(refused.out())
        .containsPattern("refused .*'count'.*java.lang.Double.*declares java.lang.Long; ");
    assertThat(refused.err()).contains("1 of these cannot be restored").hasLineCount(1);
  }

  @Test
  void doesNotSayYesIfItDoesNotKnow() throws Exception {
    String path = savepoint(Double.class);
    Terminal unknown = run("state", "check", "--from", path, jar(), "counting", "database");
    assertThat(unknown.out())
        .containsPattern("unknown +.*'counting'.*: open\\(\\) failed here.*no database here")
        .doesNotContain("Nothing speaks against");
    assertThat(unknown.err()).contains("2 of these are not known").contains(path).hasLineCount(1);
    assertThat(unknown.exitCode()).isEqualTo(2);

    Terminal refused = run("state", "check", "--from", path, jar(), "other", "database");
    assertThat(refused.exitCode()).as("more is known than that").isEqualTo(1);
  }

  /** It may turn out to be something else when it is declared. */
  @Test
  void doesNotSayYesToStateThatIsNotDeclaredYet() throws Exception {
    String path = savepoint(Double.class);
    Terminal carried = run("state", "check", "--from", path, jar(), "counting", "later");
    assertThat(carried.out())
        .containsPattern("carried +.*'counting'.* state 'count': java.lang.Double; not declared")
        .doesNotContain("Nothing speaks against");
    assertThat(carried.err())
        .contains(
            "1 of these is not known", "states()", "windowStates()", "--allowNonRestoredState")
        .hasLineCount(1);
    assertThat(carried.exitCode()).isEqualTo(2);

    Terminal leftOut = run("state", "check", "-n", "--from", path, jar(), "counting", "later");
    assertThat(leftOut.err()).isEmpty();
    assertThat(leftOut.exitCode()).isZero();
  }

  @Test
  void namesOperatorsThatAreGone() throws Exception {
    String path = savepoint(Long.class);
    Terminal refused = run("state", "check", "--from", path, jar(), "other");
    assertThat(refused.exitCode()).isEqualTo(1);
    assertThat(refused.out())
        .containsPattern("refused +Count \"all\" .*--allowNonRestoredState")
        .containsPattern("new +.*'other'.* state 'count': a value of java.lang.Long");
    Terminal dropped = run("state", "check", "--from", path, "-n", jar(), "other");
    assertThat(dropped.exitCode()).isZero();
    assertThat(dropped.out()).containsPattern("dropped +Count \"all\"");
  }

  @Test
  void checksEachJobOfAProgram() throws Exception {
    String path = savepoint(Long.class);
    Terminal one = run("state", "check", "--from", path, jar(Jobs.class), "other", "counting");
    assertThat(one.exitCode()).isEqualTo(1);
    assertThat(one.out())
        .containsPattern(
            "(?s)\\AJob 1 of 2, 'job of other':\n.*refused +Count \"all\" .*"
                + "\nJob 2 of 2, 'job of counting':\nkept .*'counting'.* state 'count'\n\\z");
    assertThat(one.err())
        .contains(
            "job 2 'job of counting' can start from " + path,
            "job 1 'job of other' cannot: it has none of the operators whose state is there",
            "--allowNonRestoredState")
        .hasLineCount(1);

    Terminal both = run("state", "check", "-s", path, "-n", jar(Jobs.class), "other", "counting");
    assertThat(both.exitCode()).isZero();
    assertThat(both.err()).isEmpty();
    assertThat(both.out())
        .endsWith(
            "job 1 'job of other' would take nothing from it; job 2 'job of counting' can start"
                + " from "
                + path
                + "\n");
  }

  @Test
  void saysWhyNoJobOfAProgramCanStart() throws Exception {
    String path = savepoint(Double.class);
    Terminal none = run("state", "check", "--from", path, jar(Jobs.class), "counting", "other");
    assertThat(none.exitCode()).isEqualTo(1);
    assertThat(none.err())
        .contains(
            "job 1 'job of counting' cannot: 1 state is refused",
            "job 2 'job of other' cannot: it has none",
            "no job of the program can start from " + path)
        .hasLineCount(1);

    Terminal two = run("state", "check", "-s", path, "-n", jar(Jobs.class), "unknown", "other");
    assertThat(two.exitCode()).as("all is dropped, and allowed").isEqualTo(2);
    assertThat(two.err()).contains("job 1 'job of unknown' is not known to start").hasLineCount(1);
  }

  @Test
  void noticesThatMoreThanOneJobWouldTakeTheSavepoint() throws Exception {
    String path = savepoint(Long.class);
    Terminal twice = run("state", "check", "-s", path, jar(Jobs.class), "counting", "counting");
    assertThat(twice.exitCode()).isZero();
    assertThat(twice.err())
        .contains("Warning: jobs 1 and 2 have operators whose state is there")
        .hasLineCount(1);
  }

  @Test
  void refusesWhatItCannotUse() throws Exception {
    refused(run("state"), "state is followed by show or check, found nothing");
    refused(run("state", "shwo"), "state is followed by show or check, found shwo");
    refused(run("state", "show"), "takes one path");
    refused(run("state", "show", "--jsn", "x"), "unknown flag --jsn", "did you mean --json?");
    refused(
        run("state", "show", folder.resolve("none").toUri().toString()),
        "there is no checkpoint at");
    refused(run("state", "check", jar()), "add --from <path>");
    refused(run("state", "check", "--from", savepoint(Long.class)), "no program given");
    refused(
        run("state", "check", "--from", savepoint(Long.class), folder + "/none.jar"),
        "the program's jar does not exist");
    refused(
        run("state", "check", "--from", savepoint(Long.class), jar()),
        "The program finished with the following exception");
    for (String action : List.of("show", "check")) {
      Terminal help = run("state", action, "-h");
      assertThat(help.exitCode()).isZero();
      assertThat(help.out()).startsWith("millrace state " + action + " [flags]");
    }
  }

  @Test
  void refusesADamagedManifest() throws Exception {
    String path = savepoint(Long.class);
    try (var files = Files.walk(Path.of(java.net.URI.create(path)))) {
      Path manifest =
          files
              .filter(file -> file.getFileName().toString().startsWith("manifest-"))
              .findFirst()
              .orElseThrow();
      byte[] bytes = Files.readAllBytes(manifest);
      bytes[bytes.length / 2] ^= 1;
      Files.write(manifest, bytes);
    }
    refused(run("state", "show", path), "the checkpoint at", "its CRC32C differs");
  }

  @Test
  void refusesStateWhoseFilesAreNotThere() throws Exception {
    var bytes = new StateBytes.InFile("data/some", 40, 60, 0);
    String path = savepoint(Long.class, bytes);
    refused(
        run("state", "check", "--from", path, jar(), "counting"), "needs data/some, which is gone");
  }

  @Test
  void refusesAJobWhoseLastSavepointIsGone() throws Exception {
    var bytes = new StateBytes.InFile("data/some", 40, 60, 0);
    String gone = folder.resolve("gone").toUri().toString();
    var stopped = Optional.of(new Stopped(gone, JobStatus.CANCELED, false));
    refused(
        run("state", "check", "--from", savepoint(Long.class, bytes, stopped), jar(), "counting"),
        "the savepoint " + gone + " needs data/some, which is gone");
  }

  @Test
  void doesNotSayYesToAnOlderCheckpointThanTheNewest() throws Exception {
    String path = savepoint(Long.class);
    try (var files = Files.walk(Path.of(java.net.URI.create(path)))) {
      Path manifest =
          files
              .filter(file -> file.getFileName().toString().startsWith("manifest-"))
              .findFirst()
              .orElseThrow();
      String next = manifest.getFileName().toString().replaceAll("7$", "8");
      Files.write(manifest.resolveSibling(next), new byte[] {1, 2, 3});
    }

    Terminal unknown = run("state", "check", "--from", path, jar(), "counting");

    assertThat(unknown.exitCode()).isEqualTo(2);
    assertThat(unknown.out())
        .containsPattern("unknown +the checkpoint: .*8 is damaged .* about checkpoint 7;")
        .containsPattern("kept +.* state 'count'");
    assertThat(run("state", "show", path).err()).contains("8 is damaged");
  }

  @Test
  void foreseesThatSinksMayShowWhatIsNewer() throws Exception {
    String path = savepoint(Long.class);
    var store = new HdfsCheckpointStore(new org.apache.hadoop.fs.Path(path), new Configuration());
    var rollback = new Rollback(1, false, 7, 9, 1);
    Procedure.run(new GiveUpNewer(new Epoch(1, 1), rollback, 1), store.names(path));

    Terminal fail = run("state", "check", "--from", path, jar(), "counting");
    assertThat(fail.exitCode()).isEqualTo(1);
    assertThat(fail.out()).containsPattern("refused +the checkpoint: .*rollback-0000000001 says");

    String choice = "-Dexecution.recovery.fallback=rollback";
    Terminal again = run("state", "check", choice, "--from", path, jar(), "counting");
    assertThat(again.exitCode()).isZero();
  }

  private static void refused(Terminal terminal, String... parts) {
    assertThat(terminal.exitCode()).isEqualTo(1);
    assertThat(terminal.out()).isEmpty();
    assertThat(terminal.err()).hasLineCount(1).contains(parts);
  }
}
