package io.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.it.ClientCommand.Outcome;
import io.millrace.it.programs.EmitsALock;
import io.millrace.it.programs.Exits;
import io.millrace.it.programs.HoldsAThread;
import io.millrace.it.programs.NeverExecutes;
import io.millrace.it.programs.Throws;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.yarn.api.records.FinalApplicationStatus;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Mistakes of users: each is one line that says what to do, soon, and leaves nothing on the
 * cluster.
 */
@Tag("cluster")
@ExtendWith(SharedCluster.class)
class BadInputIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /** Where no server is asked. */
  private static final Duration AT_ONCE = Duration.ofSeconds(2);

  private static final Duration SOON = Duration.ofSeconds(10);

  private final Cluster cluster;
  private final Hdfs hdfs;
  private List<String> filesBefore;
  private int applicationsBefore;

  @TempDir Path scratch;

  BadInputIT(Cluster cluster) {
    this.cluster = cluster;
    this.hdfs = cluster.hdfs();
  }

  @BeforeEach
  void rememberWhatIsThere() throws Exception {
    hdfs.write("/bad/in", "to be\n");
    filesBefore = hdfs.allFiles("/");
    applicationsBefore = cluster.applications().size();
  }

  // ---- no server is needed

  @Test
  void aMissingJar() throws Exception {
    assertRefused(
        AT_ONCE,
        run(Map.of(), "-m", "yarn-cluster", "/nowhere/program.jar"),
        "/nowhere/program.jar",
        "build it, or correct the path");
  }

  @Test
  void aJarWithoutMainClass() throws Exception {
    Path jar = Jars.programs(scratch.resolve("program.jar"), null);

    assertRefused(AT_ONCE, run(Map.of(), "-m", "yarn-cluster", jar.toString()), "Main-Class", "-c");
    assertRefused(
        AT_ONCE,
        run(Map.of(), "-m", "yarn-cluster", "-c", "com.example.Absent", jar.toString()),
        "com.example.Absent",
        "-c");
  }

  @Test
  void aMainThatThrows() throws Exception {
    assertRefused(
        AT_ONCE,
        run(Map.of(), Program.of(Throws.class, jar())),
        "The program finished with the following exception",
        "no luck today",
        "Throws.java:6");
  }

  @Test
  void aMainWithoutExecute() throws Exception {
    assertRefused(
        AT_ONCE,
        run(Map.of(), Program.of(NeverExecutes.class, jar())),
        "The program didn't contain a Millrace job",
        "execute()");
  }

  @Test
  void aMainThatEndsTheJvm() throws Exception {
    assertRefused(
        AT_ONCE,
        run(Map.of(), Program.of(Exits.class, jar())),
        "The program didn't contain a Millrace job",
        "called System.exit, at Exits.java:6");
  }

  @Test
  void aFileToShipThatIsMissing() throws Exception {
    assertRefused(
        AT_ONCE, run(Map.of(), wordCount("/bad/out").flags("-yt", "/nope")), "/nope", "-yt");
  }

  @Test
  void aFunctionThatCannotTravel() throws Exception {
    assertRefused(
        AT_ONCE, run(Map.of(), Program.of(HoldsAThread.class, jar())), "companion", "Thread");
  }

  @Test
  void anUnknownFlag() throws Exception {
    assertRefused(
        AT_ONCE, run(Map.of(), wordCount("/bad/out").flags("-yjn", "512")), "-yjn", "-yjm");
    assertRefused(
        AT_ONCE,
        run(Map.of(), wordCount("/bad/out").flags("-py", "a.py")),
        "-py is not supported yet");
  }

  @Test
  void aKeyThatDoesNotExist() throws Exception {
    assertRefused(
        AT_ONCE,
        run(Map.of(), wordCount("/bad/out").flags("-Dparallelism.defualt=2")),
        "parallelism.defualt",
        "parallelism.default");
  }

  @Test
  void noConfigurationOfHadoop() throws Exception {
    assertRefused(
        AT_ONCE,
        run(Map.of("HADOOP_CONF_DIR", "", "YARN_CONF_DIR", ""), wordCount("/bad/out")),
        "HADOOP_CONF_DIR",
        "YARN_CONF_DIR");
  }

  // ---- a server is asked

  @Test
  void aMissingInput() throws Exception {
    assertRefused(SOON, run(Map.of(), Program.wordCount("/bad/absent", "/bad/out")), "/bad/absent");
  }

  @Test
  void anOutputDirectoryOfSomebodyElse() throws Exception {
    hdfs.write("/bad/foreign/part-1", "mine\n");
    filesBefore = hdfs.allFiles("/");

    assertRefused(
        SOON, run(Map.of(), wordCount("/bad/foreign")), "/bad/foreign", "choose another", "append");
    assertThat(hdfs.lines("/bad/foreign")).containsExactly("mine");
  }

  @Test
  void anUnknownQueue() throws Exception {
    assertRefused(
        SOON,
        run(Map.of(), wordCount("/bad/out").flags("-yqu", "nobody")),
        "unknown queue nobody",
        "default",
        "-yqu");
  }

  @Test
  void anUnknownNodeLabel() throws Exception {
    assertRefused(
        SOON,
        run(Map.of(), wordCount("/bad/out").flags("-ynl", "nowhere")),
        "no node label nowhere",
        "leave out -ynl");
  }

  @Test
  void aFileSystemWithoutItsJar() throws Exception {
    assertRefused(
        SOON,
        run(Map.of(), Program.wordCount("s3a://bucket/in", "/bad/out")),
        "s3a://bucket/in cannot be opened",
        "HADOOP_CLASSPATH");
  }

  @Test
  void aContainerThatIsTooLarge() throws Exception {
    assertRefused(SOON, run(Map.of(), sized("-ytm", "100000")), "100000", "8192", "-ytm");
    assertRefused(AT_ONCE, run(Map.of(), sized("-yjm", "20")), "jobmanager.memory");
  }

  @Test
  void hdfsIsDown() throws Exception {
    Path conf = cluster.configurationWith(Map.of("fs.defaultFS", "hdfs://localhost:1"));

    assertRefused(
        SOON,
        run(Map.of("HADOOP_CONF_DIR", conf.toString()), wordCount("/bad/out")),
        "hdfs://localhost:1",
        "NameNode");
  }

  @Test
  void theResourceManagerIsDown() throws Exception {
    Path conf = cluster.configurationWith(Map.of("yarn.resourcemanager.address", "localhost:1"));

    assertRefused(
        SOON,
        run(Map.of("HADOOP_CONF_DIR", conf.toString()), wordCount("/bad/out")),
        "localhost:1",
        "ResourceManager");
  }

  @Test
  void nobodyAnswers() throws Exception {
    cluster.freeze();
    Outcome outcome;
    try {
      outcome = run(Map.of(), wordCount("/bad/out"));
    } finally {
      cluster.thaw();
    }

    assertRefused(SOON, outcome, "does not answer");
  }

  // ---- found out while the job runs

  @Test
  void aTypeWithoutSerializerEndsTheJobAtOnce() throws Exception {
    Outcome outcome = run(Map.of(), Program.of(EmitsALock.class, jar()));

    assertThat(outcome.exitCode()).as(outcome.toString()).isEqualTo(1);
    assertThat(outcome.stderr())
        .contains("locksmith", "java.util.concurrent.locks.ReentrantLock", "subtask");
    assertThat(outcome.stdout())
        .doesNotContain("RESTARTING")
        .containsPattern("yarn logs -applicationId \\S+ -log_files taskmanager.out");
    var report =
        cluster.applications().stream()
            .filter(app -> outcome.stdout().contains(app.getApplicationId().toString()))
            .findFirst()
            .orElseThrow();
    String application = report.getApplicationId().toString();
    assertThat(cluster.awaitEnd(application, PATIENCE)).isEqualTo(FinalApplicationStatus.FAILED);
    cluster.awaitNoProcess(application, PATIENCE);
    Leftovers.assertNoStaging(cluster, application);
  }

  @Test
  void anOldJavaInTheContainers() throws Exception {
    Path old = scratch.resolve("jdk-11");
    Files.createDirectories(old.resolve("bin"));
    Files.writeString(old.resolve("release"), "JAVA_VERSION=\"11.0.2\"\n");
    // Other tests leave submissions that died young, which stay for a while.
    List<String> before = hdfs.allFiles(hdfs.home() + "/.millrace");
    Outcome outcome =
        run(
            Map.of(),
            wordCount("/bad/out")
                .flags(
                    "-Dcontainerized.master.env.JAVA_HOME=" + old,
                    "-Dyarn.application-attempts=1"));

    assertThat(outcome.exitCode()).as(outcome.toString()).isEqualTo(1);
    assertThat(outcome.stderr())
        .contains("container Java is 11.0.2; set containerized.{master,taskmanager}.env.JAVA_HOME");
    assertThat(millrace("clean").exitCode()).isZero();
    assertThat(hdfs.allFiles(hdfs.home() + "/.millrace"))
        .noneMatch(file -> file.contains("/application_") && !before.contains(file));
  }

  // ---- words

  private Path jar() throws Exception {
    return Jars.programs(scratch.resolve("program.jar"), null);
  }

  private static Program wordCount(String output) {
    return Program.wordCount("/bad/in", output);
  }

  private static Program sized(String... flags) {
    Program small = wordCount("/bad/out");
    return new Program(
        small.target(), List.of(flags), small.main(), small.jar(), small.arguments());
  }

  private Outcome run(Map<String, String> environment, Program program) throws Exception {
    return finish(cluster.millrace(environment, program.words()));
  }

  private Outcome run(Map<String, String> environment, String... words) throws Exception {
    var all = new ArrayList<>(List.of("run"));
    all.addAll(List.of(words));
    return finish(cluster.millrace(environment, all.toArray(String[]::new)));
  }

  private Outcome millrace(String... words) throws Exception {
    return finish(cluster.millrace(words));
  }

  private static Outcome finish(ClientCommand started) throws Exception {
    try (ClientCommand command = started) {
      return command.finish(PATIENCE);
    }
  }

  /**
   * The bounds are for a machine that has nothing else to do. Where it has, the smallest command
   * there is shows how slow that makes commands: on a free machine it takes a fifth of a bound of 2
   * seconds. Twice that, because what else there is to do may have been more when it mattered.
   */
  private Duration stretched(Duration bound) throws Exception {
    Duration smallest = millrace("-v").duration();
    long perMille = 2 * 5 * 1_000 * smallest.toMillis() / AT_ONCE.toMillis();
    return bound.multipliedBy(Math.max(1_000, perMille)).dividedBy(1_000);
  }

  private void assertRefused(Duration within, Outcome outcome, String... said) throws Exception {
    assertThat(outcome.exitCode()).as(outcome.toString()).isEqualTo(1);
    assertThat(outcome.stderr().lines())
        .as(outcome.toString())
        .singleElement()
        .asString()
        .contains(said);
    assertThat(outcome.stdout()).doesNotContain("Submitted", "Uploaded");
    if (outcome.duration().compareTo(within) >= 0) {
      assertThat(outcome.duration()).as(outcome.toString()).isLessThan(stretched(within));
    }
    assertThat(cluster.applications()).hasSize(applicationsBefore);
    assertThat(hdfs.allFiles("/")).isEqualTo(filesBefore);
  }
}
