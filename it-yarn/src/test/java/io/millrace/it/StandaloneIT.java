package io.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.it.ClientCommand.Outcome;
import io.millrace.it.SoakStrikes.Gaps;
import io.millrace.it.ledger.TimedCount;
import io.millrace.it.ledger.WriteTimes;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.zookeeper.server.NIOServerCnxnFactory;
import org.apache.zookeeper.server.ZooKeeperServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A cluster without YARN: the scripts of the distribution, and what they start. */
@Tag("cluster")
class StandaloneIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /** Less than a client keeps a line on which nothing comes. */
  private static final Duration SUCCESSION = Duration.ofSeconds(40);

  private static final Pattern RUNNING = Pattern.compile("is RUNNING");

  /** Stays, with all logs. */
  private Path folder;

  private Path conf;
  private Path work;
  private Path pids;
  private int port;
  private String path = System.getenv("PATH");

  @BeforeEach
  void configure() throws IOException {
    Path clusters = Files.createDirectories(Repository.root().resolve("it-yarn/target/clusters"));
    folder = Files.createTempDirectory(clusters, "standalone-");
    conf = Files.createDirectory(folder.resolve("conf"));
    work = Files.createDirectory(folder.resolve("work"));
    pids = folder.resolve("pids");
    for (String file :
        List.of("log4j2.properties", "log4j2-cli.properties", "workers", "masters")) {
      Files.copy(Repository.distribution().resolve("conf").resolve(file), conf.resolve(file));
    }
    port = freePort();
    Files.writeString(
        conf.resolve("config.yaml"),
        """
        high-availability.storageDir: %s
        jobmanager.rpc.port: %d
        jobmanager.memory.process.size: 512m
        taskmanager.memory.process.size: 512m
        """
            .formatted(folder.resolve("state").toUri(), port));
  }

  private static int freePort() throws IOException {
    try (var free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return free.getLocalPort();
    }
  }

  @AfterEach
  void endWhatIsLeft() throws IOException {
    for (String kind : List.of("jobmanager", "taskmanager")) {
      pids(kind).forEach(pid -> ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly));
    }
  }

  private Map<String, String> environment() {
    return Map.ofEntries(
        Map.entry("PATH", path),
        Map.entry("MILLRACE_HOME", ""),
        Map.entry("MILLRACE_CONF_DIR", conf.toString()),
        Map.entry("MILLRACE_LOG_DIR", folder.resolve("log").toString()),
        Map.entry("MILLRACE_PID_DIR", pids.toString()),
        Map.entry("MILLRACE_WORK_DIR", work.toString()),
        Map.entry("MILLRACE_CACHE_DIR", folder.resolve("cache").toString()),
        Map.entry("HADOOP_CLASSPATH", HadoopVersion.BUILT_WITH.clientJars() + "/*"),
        Map.entry("HADOOP_CONF_DIR", ""),
        Map.entry("YARN_CONF_DIR", ""),
        Map.entry("JAVA_HOME", System.getProperty("java.home")));
  }

  private ClientCommand command(String script, String... arguments) throws IOException {
    var words = new ArrayList<String>();
    words.add(Repository.distribution().resolve("bin").resolve(script).toString());
    words.addAll(List.of(arguments));
    return ClientCommand.start(words, environment(), folder.resolve("commands"));
  }

  private Outcome run(String script, String... arguments) throws Exception {
    try (ClientCommand command = command(script, arguments)) {
      return command.finish(PATIENCE);
    }
  }

  private Outcome succeeds(String script, String... arguments) throws Exception {
    Outcome outcome = run(script, arguments);
    assertThat(outcome.exitCode()).as(script + ": " + outcome).isZero();
    return outcome;
  }

  private Path pidFile(String kind) {
    return pids.resolve("millrace-" + System.getProperty("user.name") + "-" + kind + ".pid");
  }

  private List<Long> pids(String kind) throws IOException {
    return Files.exists(pidFile(kind))
        ? Files.readAllLines(pidFile(kind)).stream()
            .map(line -> Long.parseLong(line.split(" ")[0]))
            .toList()
        : List.of();
  }

  /** One that has ended may stay in the kernel's table until its parent has noticed. */
  private static boolean lives(long pid) {
    try {
      String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
      return stat.charAt(stat.lastIndexOf(')') + 2) != 'Z';
    } catch (IOException e) {
      return false;
    }
  }

  private Path output(String name) {
    return folder.resolve(name);
  }

  private static List<String> lines(Path output) throws IOException {
    var lines = new ArrayList<String>();
    try (Stream<Path> files = Files.list(output)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        String name = file.getFileName().toString();
        if (!name.startsWith("_") && !name.startsWith(".")) {
          lines.addAll(Files.readAllLines(file));
        }
      }
    }
    lines.sort(null);
    return lines;
  }

  private String[] onCluster(Program program, String... flags) {
    return new Program(
            List.of("-m", "localhost:" + port), List.of(), program.main(), program.jar(), List.of())
        .flags(flags)
        .with(program.arguments().toArray(String[]::new))
        .words();
  }

  /**
   * What stands for ssh notes the host, and runs on this machine what it was given, without the
   * variables that only the script knows which calls it.
   */
  private void haveSsh() throws IOException {
    Path bin = Files.createDirectory(folder.resolve("bin"));
    Path ssh =
        Files.writeString(
            bin.resolve("ssh"),
            """
            #!/usr/bin/env bash
            while [[ $1 == -* ]]; do shift; done
            echo "$1" >>"%s"
            shift 2
            exec env -u MILLRACE_CONF_DIR -u MILLRACE_HOME bash -c "$*"
            """
                .formatted(calls()));
    Files.setPosixFilePermissions(ssh, PosixFilePermissions.fromString("rwx------"));
    path = bin + ":" + path;
  }

  private Path calls() {
    return folder.resolve("calls");
  }

  /** Its first TaskManager is on another host. */
  @Test
  void aClusterOutlivesItsJobManagerAndLeavesNothingBehindWhenItIsStopped() throws Exception {
    haveSsh();
    // The last line does not end as lines do.
    Files.writeString(conf.resolve("workers"), "# elsewhere\nworker-1");
    Outcome start = succeeds("start-cluster.sh");
    assertThat(start.stdout()).contains("The JobManager listens at localhost:" + port);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(key())))
        .isEqualTo("rw-------");

    Path text = Files.createDirectory(folder.resolve("text"));
    Path file = Files.copy(Texts.real().get(0), text.resolve("text"));
    Path counts = output("counts");
    succeeds(
        "millrace",
        onCluster(Program.wordCount(text.toUri().toString(), counts.toUri().toString())));
    assertThat(lines(counts)).isEqualTo(WordCounts.of(file).sortedLines());

    // Two recoveries must fit in on a machine that has much else to do.
    int count = 30_000;
    Path numbers = output("numbers");
    Program program =
        Program.sequenceCount(numbers.toUri().toString())
            .with("--rate", "1000", "--parallelism", "2", "--count", "" + count);
    try (ClientCommand job = command("millrace", onCluster(program))) {
      job.awaitOutput(Pattern.compile("is CREATED"), PATIENCE);
      // There is one slot, and it needs two.
      succeeds("taskmanager.sh", "start");
      job.awaitOutput(RUNNING, PATIENCE);
      assertThat(succeeds("millrace", "list").stdout()).contains("(RUNNING)");
      killJobManagerAndAwaitAdoption(job, 2);
      killJobManagerAndAwaitAdoption(job, 3);
      assertThat(file("jobmanager-0", ".out.1")).as("of the one that died").contains("ready at");

      Outcome outcome = job.finish(PATIENCE);
      assertThat(outcome.exitCode()).as(outcome.toString()).isZero();
    }
    assertThat(lines(numbers)).isEqualTo(SequenceJob.allLines(count));
    assertThat(succeeds("millrace", "list", "-a").stdout())
        .contains("No running jobs.", "No scheduled jobs.", " Terminated Jobs ", "(FINISHED)");
    assertThat(succeeds("millrace", "list", "-r").stdout()).doesNotContain("cheduled", "FINISHED");

    var processes = new ArrayList<>(pids("jobmanager"));
    processes.addAll(pids("taskmanager"));
    assertThat(processes).hasSize(3);
    succeeds("stop-cluster.sh");

    assertThat(Files.readAllLines(calls())).containsExactly("worker-1", "worker-1");
    assertThat(processes).noneMatch(StandaloneIT::lives);
    assertThat(pids).isEmptyDirectory();
    assertThat(work).isEmptyDirectory();
    assertThat(names(folder.resolve("state/default")))
        .as("what jobs keep that have ended, and how many JobManagers there were")
        .containsExactlyInAnyOrder(".lock", "attempts", "checkpoints");
    Outcome list = run("millrace", "list");
    assertThat(list.exitCode()).isEqualTo(1);
    assertThat(list.stderr()).contains("does not run").contains("start-cluster.sh");
  }

  /** Started again as somebody who watches over it would. */
  private void killJobManagerAndAwaitAdoption(ClientCommand job, int attempt) throws Exception {
    long dead = pids("jobmanager").get(0);
    assertThat(ProcessHandle.of(dead).orElseThrow().destroyForcibly()).isTrue();
    Await.until("its end", PATIENCE, () -> !lives(dead));
    succeeds("jobmanager.sh", "start");
    job.awaitOutput(Pattern.compile("attempt " + attempt + " has adopted its tasks"), PATIENCE);
  }

  /** For how long the sink got no record is noted. */
  @Test
  @Tag("long")
  void twentyDeathsOfTheJobManagerDeployNothingAnew() throws Exception {
    int kills = 20;
    succeeds("start-cluster.sh");
    succeeds("taskmanager.sh", "start");
    Path numbers = output("numbers");
    Path times = folder.resolve("write-times");
    Program program =
        Program.of(TimedCount.class, Jars.ledger(folder.resolve("count.jar")))
            .with(numbers.toUri().toString(), "1000", times.toString(), "2");
    var gaps = new ArrayList<OptionalLong>();
    try (ClientCommand job = command("millrace", onCluster(program))) {
      job.awaitOutput(RUNNING, PATIENCE);
      Await.until(
          "a file", PATIENCE, () -> Files.isDirectory(numbers) && !lines(numbers).isEmpty());
      List<Long> workers = pids("taskmanager");
      for (int kill = 0; kill < kills; kill++) {
        long before = System.currentTimeMillis();
        killJobManagerAndAwaitAdoption(job, kill + 2);
        int shown = lines(numbers).size();
        Await.until("a new file", PATIENCE, () -> lines(numbers).size() > shown);
        gaps.add(WriteTimes.read(times).longestGap(before, System.currentTimeMillis()));
      }
      Measurements.note(
          "adoption, standalone, longest gap between records at the sink of a kill", Gaps.of(gaps));
      AdoptionIT.assertShort(gaps);
      assertThat(workers).allMatch(StandaloneIT::lives);
      String id = job.awaitJobId(PATIENCE);
      succeeds("millrace", "cancel", "-m", "localhost:" + port, id);
      assertThat(job.finish(PATIENCE).exitCode()).isEqualTo(1);
    }
    assertThat(SequenceJob.assertExactBeginning(lines(numbers), 2)).isGreaterThan(kills * 500);
    succeeds("stop-cluster.sh");
  }

  /** The one before was paused, and is woken: it has no effect any more, and stands by itself. */
  @Test
  void aJobManagerThatStandsByTakesOver() throws Exception {
    var zookeeper = new NIOServerCnxnFactory();
    zookeeper.configure(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 20);
    File data = Files.createDirectory(folder.resolve("zookeeper")).toFile();
    zookeeper.startup(new ZooKeeperServer(data, data, 500));
    try {
      Files.writeString(
          conf.resolve("config.yaml"),
          """
          high-availability.type: zookeeper
          high-availability.zookeeper.quorum: localhost:%d
          high-availability.zookeeper.client.session-timeout: 2 s
          """
              .formatted(zookeeper.getLocalPort()),
          StandardOpenOption.APPEND);
      int other = freePort();
      Files.writeString(conf.resolve("masters"), "localhost:" + port + "\nlocalhost:" + other);
      Outcome start = succeeds("start-cluster.sh");
      assertThat(start.stdout())
          .contains("The JobManager listens at localhost:" + port)
          .contains("The JobManager stands by.");

      int count = 6_000;
      Path numbers = output("numbers");
      Program program =
          Program.sequenceCount(numbers.toUri().toString())
              .with("--rate", "1000", "--parallelism", "1", "--count", "" + count);
      try (ClientCommand job = command("millrace", onCluster(program))) {
        job.awaitOutput(RUNNING, PATIENCE);
        long first = pids("jobmanager").get(0);
        signal("STOP", first);
        Outcome outcome = job.finish(SUCCESSION);
        signal("CONT", first);
        assertThat(outcome.exitCode()).as(outcome.toString()).isZero();
        assertThat(outcome.stdout()).contains("attempt 2 has adopted its tasks");
      }
      assertThat(lines(numbers)).isEqualTo(SequenceJob.allLines(count));
      assertThat(succeeds("millrace", "list", "-m", "localhost:" + port).stderr())
          .contains("is at localhost:" + other + ", not at localhost:" + port);

      Await.until(
          "the first one to stand by again",
          PATIENCE,
          () -> log("jobmanager-0").split("Stands by", -1).length == 3);
      assertThat(log("jobmanager-0")).contains("another one commands");

      Outcome stop = succeeds("stop-cluster.sh");
      assertThat(stop.stdout()).contains("go on when it is started again");
      assertThat(pids).isEmptyDirectory();
      assertThat(work).isEmptyDirectory();
      assertThat(names(folder.resolve("state/default"))).contains("docket");
    } finally {
      zookeeper.shutdown();
    }
  }

  /** What the image runs, without its container. */
  @Test
  void theEntryPointOfTheImageRunsAClusterInAVolume() throws Exception {
    Path shared = Files.createDirectory(folder.resolve("shared"));
    Path text = Files.writeString(shared.resolve("text"), "to be or not to be\n");
    try (ClientCommand jobManager = container("jobmanager", "jobmanager")) {
      Await.until("the key", PATIENCE, () -> Files.exists(shared.resolve("cluster.key")));
      try (ClientCommand taskManager = container("taskmanager", "taskmanager")) {
        jobManager.awaitOutput(Pattern.compile("ready at localhost:" + port), PATIENCE);
        taskManager.awaitOutput(Pattern.compile("ready"), PATIENCE);
        Path counts = shared.resolve("counts");
        var words = new ArrayList<>(List.of("millrace"));
        words.addAll(
            List.of(
                new Program(
                        List.of(),
                        List.of(),
                        io.millrace.examples.WordCount.class.getName(),
                        Repository.examplesJar(),
                        List.of("--input", text.toUri().toString(), "--output", counts.toString()))
                    .words()));
        try (ClientCommand run = container("client", words.toArray(String[]::new))) {
          Outcome outcome = run.finish(PATIENCE);
          assertThat(outcome.exitCode()).as(outcome.toString()).isZero();
        }
        assertThat(lines(counts)).containsExactly("1 not", "1 or", "2 be", "2 to");

        jobManager.terminate();
        taskManager.terminate();
        assertThat(jobManager.finish(PATIENCE).exitCode()).isEqualTo(143);
        assertThat(taskManager.finish(PATIENCE).exitCode()).isEqualTo(143);
      }
    }
    assertThat(names(shared)).contains("cluster.key", "state");
    assertThat(work).isEmptyDirectory();
  }

  /** A process with the variables of the image and of the compose file. */
  private ClientCommand container(String name, String... words) throws IOException {
    Path home = Files.createDirectory(folder.resolve(name));
    var environment = new TreeMap<>(environment());
    environment.put("MILLRACE_HOME", Repository.distribution().toString());
    environment.put("MILLRACE_CONF_DIR", Files.createDirectory(home.resolve("conf")).toString());
    environment.put("MILLRACE_SHARED", folder.resolve("shared").toString());
    environment.put(
        "MILLRACE_PROPERTIES",
        """
        jobmanager.rpc.port: %d
        jobmanager.memory.process.size: 512m
        taskmanager.memory.process.size: 512m
        """
            .formatted(port));
    environment.put("PATH", Repository.distribution().resolve("bin") + ":" + System.getenv("PATH"));
    var all = new ArrayList<>(List.of(entryPoint().toString()));
    all.addAll(List.of(words));
    return ClientCommand.start(all, environment, folder.resolve("commands"));
  }

  private static Path entryPoint() {
    return Repository.root().resolve("scripts/docker/entrypoint.sh");
  }

  private static void signal(String name, long pid) throws Exception {
    assertThat(new ProcessBuilder("kill", "-" + name, "" + pid).start().waitFor()).isZero();
  }

  /** Of the process that was started as that one. */
  private String log(String process) throws IOException {
    return file(process, ".log");
  }

  private String file(String process, String ending) throws IOException {
    try (Stream<Path> files = Files.list(folder.resolve("log"))) {
      String name = "millrace-" + System.getProperty("user.name") + "-" + process + "-";
      Path found =
          files
              .filter(file -> file.getFileName().toString().startsWith(name))
              .filter(file -> file.toString().endsWith(ending))
              .findFirst()
              .orElseThrow();
      return Files.readString(found);
    }
  }

  private Path key() {
    return conf.resolve("cluster.key");
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }

  @Test
  void startsNothingWithAKeyThatOthersMayHaveRead() throws Exception {
    Outcome lacking = run("taskmanager.sh", "start");
    assertThat(lacking.exitCode()).isEqualTo(1);
    assertThat(lacking.stderr().lines()).hasSize(1);
    assertThat(lacking.stderr()).contains("there is no key of the cluster at " + key());

    succeeds("jobmanager.sh", "start");
    Files.setPosixFilePermissions(key(), PosixFilePermissions.fromString("rw-r-----"));
    for (String[] words :
        new String[][] {
          {"taskmanager.sh", "start"}, {"jobmanager.sh", "start"}, {"millrace", "list"}
        }) {
      Outcome open = run(words[0], words[1]);
      assertThat(open.exitCode()).as(open.toString()).isEqualTo(1);
      assertThat(open.stderr().lines()).as(open.toString()).hasSize(1);
      assertThat(open.stderr()).contains(key() + " has the mode rw-r-----");
    }
    assertThat(pids("taskmanager")).isEmpty();
    assertThat(pids("jobmanager")).hasSize(1);
  }

  @Test
  void saysAtTheTerminalWhyAJobManagerHasNotStarted() throws Exception {
    try (var taken = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
      Outcome start = run("jobmanager.sh", "start");
      assertThat(start.exitCode()).as(start.toString()).isNotZero();
      assertThat(start.stderr()).contains("cannot listen on localhost:" + taken.getLocalPort());
    }
    assertThat(pids).isEmptyDirectory();
    assertThat(work).isEmptyDirectory();
  }

  /** The process that a file of pids names has died, and its number is another one's now. */
  @Test
  void neverEndsAProcessThatItHasNotStarted() throws Exception {
    Process other = new ProcessBuilder("sleep", "600").start();
    try {
      Files.createDirectory(pids);
      Files.writeString(pidFile("taskmanager"), other.pid() + " 1@another-boot 0\n");
      Outcome stop = succeeds("taskmanager.sh", "stop-all");

      assertThat(stop.stdout()).contains("No taskmanager daemon to stop");
      assertThat(other.isAlive()).isTrue();
      assertThat(pids).isEmptyDirectory();
    } finally {
      other.destroyForcibly();
    }
  }
}
