package io.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * The house rules that a compiler does not know: who may know whom, what deterministic code may not
 * touch, and what a package owes its readers. Every complaint names file, line and rule.
 */
class TidyTest {
  private static final int MOST_LINES = 700;

  /** Which of our modules a module may name, by the start of its packages. */
  private static final Map<String, List<String>> MODULES = new LinkedHashMap<>();

  /** The same for the packages inside the engine. */
  private static final Map<String, List<String>> ENGINE = new LinkedHashMap<>();

  /** Libraries that only some modules may name. */
  private static final Map<String, List<String>> LIBRARIES = new LinkedHashMap<>();

  static {
    String api = "io.millrace.api";
    String runtime = "io.millrace.runtime";
    String hdfs = "io.millrace.hdfs";
    String files = "io.millrace.connector.files";
    String yarn = "io.millrace.yarn";
    String standalone = "io.millrace.standalone";
    String cli = "io.millrace.cli";
    String simulator = "io.millrace.simulator";
    String examples = "io.millrace.examples";
    String benchmarks = "io.millrace.benchmarks";
    String workloads = benchmarks + ".workloads";
    String flink = benchmarks + ".flink";
    String jet = benchmarks + ".jet";
    String it = "io.millrace.it";
    MODULES.put(api, List.of());
    MODULES.put(runtime, List.of(api));
    MODULES.put(hdfs, List.of(api, runtime));
    MODULES.put(files, List.of(api));
    MODULES.put(yarn, List.of(api, runtime, hdfs));
    MODULES.put(standalone, List.of(api, runtime, hdfs));
    MODULES.put(cli, List.of(api, runtime, hdfs, files, yarn, standalone));
    MODULES.put(simulator, List.of(api, runtime));
    MODULES.put(examples, List.of(api, files));
    // Before the module whose name theirs begin with.
    MODULES.put(workloads, List.of());
    MODULES.put(flink, List.of(workloads));
    MODULES.put(jet, List.of(workloads));
    MODULES.put(benchmarks, List.of(api, runtime, hdfs, files, workloads));
    // The daemons know nothing of what runs on them.
    MODULES.put(it, List.of());

    ENGINE.put("kernel", List.of());
    ENGINE.put("protocol", List.of("kernel", "checkpoint"));
    ENGINE.put("checkpoint", List.of("kernel", "protocol"));
    ENGINE.put("plan", List.of("kernel", "protocol", "checkpoint"));
    ENGINE.put("jobmanager", List.of("kernel", "protocol", "checkpoint", "plan"));
    ENGINE.put("exchange", List.of("kernel"));
    ENGINE.put("state", List.of("kernel", "plan"));
    // These work with files, one with threads of its own: no part of the deterministic rooms.
    ENGINE.put("disk", List.of("state"));
    ENGINE.put("rocksdb", List.of("state", "disk"));
    ENGINE.put("task", List.of("kernel", "plan", "state", "exchange"));
    ENGINE.put(
        "taskmanager",
        List.of("kernel", "protocol", "checkpoint", "plan", "state", "exchange", "task"));
    // For tests, ours and those of users.
    ENGINE.put(
        "harness",
        List.of(
            "kernel",
            "protocol",
            "checkpoint",
            "plan",
            "state",
            "rocksdb",
            "exchange",
            "task",
            "taskmanager"));
    ENGINE.put(
        "savepoint", List.of("kernel", "protocol", "checkpoint", "plan", "state", "taskmanager"));
    ENGINE.put("client", List.of("kernel", "protocol", "checkpoint", "plan"));
    ENGINE.put(
        "host",
        List.of(
            "kernel",
            "protocol",
            "checkpoint",
            "plan",
            "jobmanager",
            "exchange",
            "state",
            "disk",
            "rocksdb",
            "task",
            "taskmanager",
            "client"));

    LIBRARIES.put("org.apache.hadoop.yarn", List.of(yarn, cli, benchmarks, it));
    LIBRARIES.put(
        "org.apache.hadoop", List.of(hdfs, files, yarn, standalone, cli, examples, benchmarks, it));
    LIBRARIES.put("org.apache.flink", List.of(flink));
    LIBRARIES.put("com.hazelcast", List.of(jet));
    LIBRARIES.put("org.apache.curator", List.of(standalone));
    LIBRARIES.put("org.apache.zookeeper", List.of(standalone, it));
    LIBRARIES.put("io.netty", List.of(runtime + ".host"));
    LIBRARIES.put("org.rocksdb", List.of(runtime + ".rocksdb"));
    LIBRARIES.put("org.bouncycastle", List.of(runtime + ".host"));
    LIBRARIES.put("org.snakeyaml", List.of(cli));
    LIBRARIES.put("com.esotericsoftware", List.of(api, runtime));
  }

  /** Packages whose behaviour must be the same in every run with the same seed. */
  private static final List<String> DETERMINISTIC =
      List.of(
          "kernel",
          "protocol",
          "plan",
          "jobmanager",
          "checkpoint",
          "taskmanager",
          "task",
          "state",
          "exchange");

  private static final Pattern OUTSIDE_WORLD =
      Pattern.compile(
          String.join(
              "|",
              "System\\.(nanoTime|currentTimeMillis|getenv|in\\b)",
              "\\b(Instant|LocalDate|LocalTime|LocalDateTime|ZonedDateTime|OffsetDateTime)\\.now\\b",
              "\\bClock\\.system\\w*",
              "\\bMath\\.random\\b",
              "\\bnew Random\\b|\\bnew SecureRandom\\b|\\bThreadLocalRandom\\b",
              "\\brandomUUID\\b",
              "\\bnew Thread\\b|\\bThread\\.(sleep|ofPlatform|onSpinWait|yield)\\b|\\bThreadLocal\\b",
              "\\bExecutors?\\b|\\b\\w*ExecutorService\\b|\\bCompletableFuture\\b|\\bForkJoinPool\\b",
              "\\bLockSupport\\b|\\bReentrant\\w*Lock\\b|\\bCountDownLatch\\b|\\bSemaphore\\b",
              "\\bparallelStream\\b|\\.parallel\\(\\)",
              "\\b(Server|Datagram)?Socket\\b|\\bjava\\.nio\\.channels\\b",
              // An address is a value; to look one up, or its name, is not.
              "\\bInetAddress\\.get(?!ByAddress\\b)",
              "\\.(getHostName|getCanonicalHostName|isReachable)\\(",
              "\\bSystem\\.identityHashCode\\b"));

  private static final Pattern HASH_ORDER =
      Pattern.compile(
          String.join(
              "|",
              "\\bnew (Identity|Weak)?Hash(Map|Set)\\b",
              "\\b(Set|Map)\\.(of|ofEntries)\\((?!\\))",
              "\\b(Set|Map)\\.copyOf\\(",
              "\\bCollectors\\.(toSet|toUnmodifiableSet|toUnmodifiableMap)\\b"));

  /**
   * Edges to the outside within the API: they wait, on threads that are theirs to wait on, or
   * belong to the program that submits a job, or to a test.
   */
  private static final List<String> WAITING =
      List.of(
          "io.millrace.api.executor",
          "io.millrace.api.operator.awaited",
          "io.millrace.api.socket",
          "io.millrace.api.source.function");

  /** Packages in which nothing passes from one thread to another. */
  private static final List<String> OWNED_BY_ONE_THREAD =
      List.of("kernel", "protocol", "plan", "jobmanager", "taskmanager");

  private static final Pattern SHARED_MEMORY =
      Pattern.compile(
          "\\bsynchronized\\b|\\bvolatile\\b|\\bVarHandle\\b|\\bAtomic\\w+|\\bConcurrent\\w*Map\\b"
              + "|\\bConcurrentLinked\\w+|\\b\\w*BlockingQueue\\b|\\.(wait|notify|notifyAll)\\(\\)");

  private static final Pattern SHELF_NAME =
      Pattern.compile("(^|\\.)(util|utils|common|commons|core|helper|helpers|misc)(\\.|$)");
  private static final Pattern OURS = Pattern.compile("\\bio\\.millrace\\.[a-z0-9_.]*[a-z0-9_]");
  private static final Pattern CLASS_IN_PROSE = Pattern.compile("`([A-Z]\\w*[a-z]\\w*)`");
  private static final Pattern KERNEL_TYPE =
      Pattern.compile("\\bio\\.millrace\\.runtime\\.kernel\\.(?!Clock\\b|Check\\b|Purpose\\b)\\w+");

  private final List<SourceFile> sources = read();

  @Test
  void modulesKnowOnlyWhatTheyMay() {
    assertThat(moduleComplaints(production())).isEmpty();
  }

  @Test
  void packagesOfTheEngineKnowOnlyWhatTheyMay() {
    assertThat(engineComplaints(production())).isEmpty();
  }

  @Test
  void librariesStayWhereTheyBelong() {
    assertThat(libraryComplaints(production())).isEmpty();
  }

  @Test
  void logicDoesNotTouchClockChanceThreadOrSocket() {
    assertThat(outsideWorldComplaints(production())).isEmpty();
  }

  @Test
  void deterministicCodeDoesNotDependOnHashOrder() {
    assertThat(hashOrderComplaints(production())).isEmpty();
  }

  @Test
  void everyPackageSaysWhatItOwns() {
    assertThat(packageComplaints(sources)).isEmpty();
  }

  @Test
  void noFileIsTooLong() {
    assertThat(
            sources.stream()
                .filter(source -> source.code().size() > MOST_LINES)
                .map(source -> source.complaint(MOST_LINES, "more than 700 lines"))
                .toList())
        .isEmpty();
  }

  @Test
  void theArchitectureNamesClassesThatExist() throws IOException {
    Path page = Repository.root().resolve("docs/ARCHITECTURE.md");
    assertThat(strangers(Files.readAllLines(page))).isEmpty();
    assertThat(strangers(List.of("`Task`", "| a record | `Task`, `Tusk` |")))
        .containsExactly("docs/ARCHITECTURE.md:2: there is no class Tusk");
  }

  private List<String> strangers(List<String> lines) {
    List<String> files = production().stream().map(each -> each.path().toString()).toList();
    List<String> complaints = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      Matcher name = CLASS_IN_PROSE.matcher(lines.get(i));
      while (name.find()) {
        String file = "/" + name.group(1) + ".java";
        if (files.stream().noneMatch(each -> each.endsWith(file))) {
          complaints.add(
              "docs/ARCHITECTURE.md:" + (i + 1) + ": there is no class " + name.group(1));
        }
      }
    }
    return complaints;
  }

  /** A rule that finds nothing proves nothing unless it finds this. */
  @Test
  void findsWhatItForbids() {
    SourceFile logic =
        planted(
            "cluster-runtime/src/main/java/io/millrace/runtime/jobmanager/Bad.java",
            """
            package io.millrace.runtime.jobmanager;

            import io.millrace.runtime.task.Task;
            import io.millrace.yarn.Submission;
            import org.apache.hadoop.fs.Path;

            /** Uses System.nanoTime() and {@link io.millrace.cli.Main}: allowed in a comment. */
            class Bad {
              String text = "new HashMap and \\" System.nanoTime()"; // UUID
              long now = System.nanoTime();
              Object map = new HashMap<String, String>();
              Object none = Map.of();
              Object some = Map.of(1, 2);
            }
            """);
    SourceFile task =
        planted(
            "cluster-runtime/src/main/java/io/millrace/runtime/task/Bad.java",
            """
            package io.millrace.runtime.task;
            import io.millrace.runtime.kernel.Clock;
            import io.millrace.runtime.kernel.Env;
            """);
    SourceFile shelf =
        planted(
            "stream-api/src/main/java/io/millrace/api/util/Bad.java",
            "package io.millrace.api.util;\n");
    List<SourceFile> bad = List.of(logic, task, shelf);

    assertThat(lines(moduleComplaints(bad))).containsExactly("jobmanager/Bad.java:4");
    assertThat(lines(engineComplaints(bad)))
        .containsExactly("jobmanager/Bad.java:3", "task/Bad.java:3");
    assertThat(lines(libraryComplaints(bad))).containsExactly("jobmanager/Bad.java:5");
    assertThat(lines(outsideWorldComplaints(bad))).containsExactly("jobmanager/Bad.java:10");
    assertThat(lines(hashOrderComplaints(bad)))
        .containsExactly("jobmanager/Bad.java:11", "jobmanager/Bad.java:13");
    assertThat(lines(packageComplaints(bad)))
        .containsExactly(
            "jobmanager/Bad.java:1", "task/Bad.java:1", "util/Bad.java:1", "util/Bad.java:1");
  }

  // ---- the rules

  private static List<String> moduleComplaints(List<SourceFile> sources) {
    List<String> complaints = new ArrayList<>();
    for (SourceFile source : sources) {
      String module = startOf(MODULES, source.packageName());
      if (module == null) {
        complaints.add(source.complaint(0, "no module owns the package " + source.packageName()));
        continue;
      }
      for (Mention mention : mentions(source, OURS)) {
        String other = startOf(MODULES, mention.name());
        if (other != null && !other.equals(module) && !MODULES.get(module).contains(other)) {
          complaints.add(
              source.complaint(mention.lineIndex(), module + " must not know " + mention.name()));
        }
      }
    }
    return complaints;
  }

  private static List<String> engineComplaints(List<SourceFile> sources) {
    List<String> complaints = new ArrayList<>();
    for (SourceFile source : sources) {
      String room = roomOf(source.packageName());
      if (room == null) {
        continue;
      }
      if (!ENGINE.containsKey(room)) {
        complaints.add(source.complaint(0, "the engine has no package " + room));
        continue;
      }
      for (Mention mention : mentions(source, OURS)) {
        String other = roomOf(mention.name());
        if (other != null && !other.equals(room) && !ENGINE.get(room).contains(other)) {
          complaints.add(source.complaint(mention.lineIndex(), room + " must not know " + other));
        }
      }
      if (room.equals("task")) {
        complaints.addAll(
            source.complaints(
                KERNEL_TYPE, "task knows only Clock, Check and Purpose of the kernel"));
      }
    }
    return complaints;
  }

  private static List<String> libraryComplaints(List<SourceFile> sources) {
    List<String> complaints = new ArrayList<>();
    for (SourceFile source : sources) {
      LIBRARIES.forEach(
          (library, allowed) -> {
            if (allowed.stream().noneMatch(start -> within(source.packageName(), start))) {
              complaints.addAll(
                  source.complaints(
                      Pattern.compile("\\b" + Pattern.quote(library) + "\\.\\w+"),
                      "this package must not know " + library));
            }
          });
    }
    return complaints;
  }

  private static List<String> outsideWorldComplaints(List<SourceFile> sources) {
    List<String> complaints = new ArrayList<>();
    for (SourceFile source : sources) {
      if (isLogic(source)) {
        complaints.addAll(source.complaints(OUTSIDE_WORLD, "ask Env instead of"));
      }
      String room = roomOf(source.packageName());
      if (room != null && OWNED_BY_ONE_THREAD.contains(room)) {
        complaints.addAll(source.complaints(SHARED_MEMORY, "one thread owns this; no"));
      }
    }
    return complaints;
  }

  private static List<String> hashOrderComplaints(List<SourceFile> sources) {
    List<String> complaints = new ArrayList<>();
    for (SourceFile source : sources) {
      if (isDeterministic(source)) {
        complaints.addAll(
            source.complaints(HASH_ORDER, "its order differs; use TreeMap or LinkedHashMap"));
      }
    }
    return complaints;
  }

  private static List<String> packageComplaints(List<SourceFile> sources) {
    List<String> described =
        sources.stream()
            .filter(source -> source.path().endsWith("package-info.java"))
            .map(SourceFile::packageName)
            .toList();
    List<String> complaints = new ArrayList<>();
    for (SourceFile source : sources) {
      String name = source.packageName();
      if (SHELF_NAME.matcher(name).find()) {
        complaints.add(source.complaint(0, "a shelf, not a room: " + name));
      }
      if (!described.contains(name)) {
        complaints.add(source.complaint(0, "no package-info.java describes " + name));
      }
    }
    return complaints;
  }

  // ---- how they look at sources

  private record Mention(int lineIndex, String name) {}

  private static List<Mention> mentions(SourceFile source, Pattern pattern) {
    List<Mention> found = new ArrayList<>();
    for (int i = 0; i < source.code().size(); i++) {
      Matcher matcher = pattern.matcher(source.code().get(i));
      while (matcher.find()) {
        found.add(new Mention(i, matcher.group()));
      }
    }
    return found;
  }

  private static boolean within(String name, String start) {
    return name.equals(start) || name.startsWith(start + ".");
  }

  private static String startOf(Map<String, List<String>> rules, String name) {
    return rules.keySet().stream().filter(start -> within(name, start)).findFirst().orElse(null);
  }

  /** The engine's package that a name belongs to, such as {@code task}; null outside the engine. */
  private static String roomOf(String name) {
    String engine = "io.millrace.runtime.";
    return name.startsWith(engine) ? name.substring(engine.length()).split("\\.")[0] : null;
  }

  private static boolean isDeterministic(SourceFile source) {
    String room = roomOf(source.packageName());
    return room != null && DETERMINISTIC.contains(room);
  }

  /** What runs in the simulator, and the simulator itself but for its command. */
  private static boolean isLogic(SourceFile source) {
    String name = source.packageName();
    return isDeterministic(source)
        || within(name, "io.millrace.api") && WAITING.stream().noneMatch(each -> within(name, each))
        || within(name, "io.millrace.simulator") && !source.path().endsWith("Simulate.java");
  }

  private List<SourceFile> production() {
    return sources.stream().filter(SourceFile::isProduction).toList();
  }

  private static List<SourceFile> read() {
    try {
      return SourceFile.all(Repository.root());
    } catch (IOException e) {
      throw new IllegalStateException("cannot read the sources: " + e.getMessage(), e);
    }
  }

  private static SourceFile planted(String path, String text) {
    return SourceFile.of(Path.of(path), text);
  }

  /** Folder, file and line of complaints, without the words. */
  private static List<String> lines(List<String> complaints) {
    return complaints.stream()
        .map(complaint -> complaint.replaceAll("^.*/(\\w+/\\w+\\.java:\\d+): .*", "$1"))
        .toList();
  }
}
