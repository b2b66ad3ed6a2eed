package io.millrace.runtime.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.StreamExecutionEnvironment;
import io.millrace.api.config.Configuration;
import io.millrace.api.executor.JobClient;
import io.millrace.api.function.KeyedProcessFunction;
import io.millrace.api.graph.JobGraph;
import io.millrace.runtime.checkpoint.MemoryCheckpointStore;
import io.millrace.runtime.plan.JobPlan;
import io.millrace.runtime.protocol.ClientRequest;
import io.millrace.runtime.protocol.JobId;
import io.millrace.runtime.protocol.JobSpec.RestoreFrom;
import io.millrace.runtime.savepoint.Savepoint;
import io.millrace.runtime.savepoint.StateCheck;
import io.millrace.runtime.state.CompiledClasses;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A job is stopped with a savepoint and goes on with a version whose classes have changed. */
@Timeout(120)
class ChangedProgramTest {
  private static final int KEYS = 7;
  private static final String COUNTING =
      """
      import io.millrace.api.function.*;
      import io.millrace.api.state.*;

      public class Counting extends KeyedProcessFunction<Long, Long, String>
          implements CheckpointedFunction {
        public record Order(%s) {}
        private transient ValueState<Order> orders;
        private transient ListState<Order> all;

        @Override
        public void open(OpenContext context) {
          orders =
              getRuntimeContext().getState(new ValueStateDescriptor<>("orders", Order.class));
        }

        @Override
        public void initializeState(FunctionInitializationContext context) {
          all =
              context
                  .getOperatorStateStore()
                  .getListState(new ListStateDescriptor<>("all", Order.class));
        }

        @Override
        public void snapshotState(FunctionSnapshotContext context) {}

        @Override
        public void processElement(Long value, Context context, Collector<String> out)
            throws Exception {
          Order before = orders.value();
          var count = before == null ? 0 : before.count();
          Order order = new Order(%s);
          orders.update(order);
          if (!all.get().iterator().hasNext()) {
            all.add(order);
          }
          out.collect(context.getCurrentKey() + " " + order.count() + " %s");
        }
      }
      """;

  /** Its values have the first two constants and members; the third is one that none has. */
  private static final String SORTING =
      """
      import io.millrace.api.function.*;
      import io.millrace.api.state.*;

      public class Counting extends KeyedProcessFunction<Long, Long, String> {
        public enum Side { %s }
        public sealed interface Kind { %s }
        private transient ValueState<Side> side;
        private transient ListState<Kind> kinds;

        @Override
        public void open(OpenContext context) {
          side = getRuntimeContext().getState(new ValueStateDescriptor<>("side", Side.class));
          kinds = getRuntimeContext().getListState(new ListStateDescriptor<>("kinds", Kind.class));
        }

        @Override
        public void processElement(Long value, Context context, Collector<String> out)
            throws Exception {
          %s
          out.collect("seen");
        }
      }
      """;

  @TempDir Path folder;

  private final MemoryCheckpointStore store = new MemoryCheckpointStore();
  private int versions;

  @ParameterizedTest
  @ValueSource(strings = {"hashmap", "rocksdb"})
  void goesOnWithFieldsThatWereAddedWidenedAndMoved(String backend) throws Exception {
    var output = new CommittedOutput("changed program " + backend);
    ClassLoader first =
        CompiledClasses.of(
            folder.resolve("v1"),
            COUNTING.formatted("int count, String by", "count + 1, \"first\"", "first"));
    ClassLoader second =
        CompiledClasses.of(
            folder.resolve("v2"),
            COUNTING.formatted(
                "String note, long count",
                "before == null ? null : before.note(), count + 1",
                "second \" + order.note() + \""));
    ClassLoader third =
        CompiledClasses.of(
            folder.resolve("v3"),
            COUNTING.formatted("int count, String by", "count + 1, \"third\"", "third"));

    String savepoint = run(first, backend, 2, output, Optional.empty(), 'a');
    assertThat(check(second, backend, savepoint))
        .containsExactly(
            "KEPT Source: Generator (splits) (uid 'numbers/splits') ",
            "KEPT Source: Generator (uid 'numbers') ",
            "MIGRATED Keyed Process (uid 'counting') all",
            "KEPT Keyed Process (uid 'counting') timers/EVENT_TIME",
            "KEPT Keyed Process (uid 'counting') timers/PROCESSING_TIME",
            "MIGRATED Keyed Process (uid 'counting') orders",
            "KEPT Sink: CommittedOutput (uid 'lines') ");
    long before = output.records().size();
    String other = backend.equals("hashmap") ? "rocksdb" : "hashmap";
    String next = run(second, other, 3, output, Optional.of(savepoint), 'b');
    assertThat(output.records()).hasSizeGreaterThan((int) before);
    assertEachKeyIsCountedOnWithoutAGap(output.records());
    assertThat(check(third, backend, next))
        .contains(
            "REFUSED Keyed Process (uid 'counting') orders",
            "REFUSED Keyed Process (uid 'counting') all");
    JobGraph program = program(third, backend, 1, output);
    try (var jobs = new LocalJobs(store, third)) {
      JobClient refused =
          jobs.start(LocalJobs.id('c'), program, Optional.of(new RestoreFrom(next, false)));
      assertThatThrownBy(refused::await)
          .hasMessageContaining("Keyed Process")
          .hasMessageContaining("field 'count' of Counting$Order was long, is int");
    }
  }

  /** Files of RocksDB, records in flight, another parallelism, and a version that goes back. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void goesOnFromRetainedCheckpointsOfFilesThatAnEarlierVersionWrote(int parallelism)
      throws Exception {
    var output = new CommittedOutput("retained by an earlier version " + parallelism);
    ClassLoader first =
        CompiledClasses.of(
            folder.resolve("v1"),
            COUNTING.formatted("int count, String by", "count + 1, \"first\"", "first"));
    ClassLoader second =
        CompiledClasses.of(
            folder.resolve("v2"),
            COUNTING.formatted(
                "String note, long count",
                "before == null ? null : before.note(), count + 1",
                "second \" + order.note() + \""));
    ClassLoader third =
        CompiledClasses.of(
            folder.resolve("v3"),
            COUNTING.formatted("long count, Byte mark", "count + 1, (byte) 3", "third"));
    String retained = runAndCancel(first, 2, output, Optional.empty(), 'a');
    String next = runAndCancel(second, parallelism, output, Optional.of(retained), 'b');
    assertEachKeyIsCountedOnWithoutAGap(output.records());
    runAndCancel(third, 2, output, Optional.of(next), 'c');
    assertEachKeyIsCountedOnWithoutAGap(output.records());
    assertThat(output.records().stream().map(line -> line.split(" ")[2]).distinct())
        .containsExactlyInAnyOrder("first", "second", "third");
  }

  @ParameterizedTest
  @ValueSource(strings = {"hashmap", "rocksdb"})
  void findsOutWhetherAnyValueHasAConstantOrMemberThatIsGone(String backend) throws Exception {
    String sides = "BUY, SELL";
    String kinds = "record Small(int x) implements Kind {} record Large(int x) implements Kind {}";
    ClassLoader first =
        sorting(
            sides + ", NEVER",
            kinds + " record Never(int x) implements Kind {}",
            "side.update(value % 7 % 2 == 0 ? Side.BUY : Side.SELL);"
                + " if (!kinds.get().iterator().hasNext()) {"
                + " kinds.add(value % 7 % 2 == 0 ? new Kind.Small(1) : new Kind.Large(2)); }");
    ClassLoader without = sorting("MORE, " + sides, kinds, "side.value(); kinds.get();");
    ClassLoader noSell = sorting("BUY", kinds, "side.value();");
    ClassLoader noLarge = sorting(sides, "record Small(int x) implements Kind {}", "kinds.get();");
    var output = new CommittedOutput("constants that are gone " + backend);
    String savepoint = run(first, backend, 2, output, Optional.empty(), 'e');

    assertThat(check(first, backend, savepoint))
        .contains(
            "KEPT Keyed Process (uid 'counting') side",
            "KEPT Keyed Process (uid 'counting') kinds");
    assertThat(check(without, backend, savepoint))
        .contains(
            "MIGRATED Keyed Process (uid 'counting') side",
            "MIGRATED Keyed Process (uid 'counting') kinds");
    run(without, backend, 2, output, Optional.of(savepoint), 'f');
    assertThat(check(noSell, backend, savepoint))
        .contains(
            "REFUSED Keyed Process (uid 'counting') side",
            "MIGRATED Keyed Process (uid 'counting') kinds");
    assertThat(check(noLarge, backend, savepoint))
        .contains(
            "MIGRATED Keyed Process (uid 'counting') side",
            "REFUSED Keyed Process (uid 'counting') kinds");
    refuses(noSell, backend, savepoint, "state 'side': enum Counting$Side has no constant SELL");
    refuses(noLarge, backend, savepoint, "member 'Counting$Kind$Large' of Counting$Kind is gone");
  }

  /**
   * Such files are read by their job alone: that it cannot be known is said, and the job finds it.
   */
  @Test
  void readsFilesOfWhichAConstantIsGoneWhenItStarts() throws Exception {
    String kinds = "record Small(int x) implements Kind {}";
    ClassLoader first = sorting("BUY, SELL", kinds, "side.update(Side.SELL);");
    ClassLoader more = sorting("MORE, SELL, BUY", kinds, "side.value();");
    ClassLoader noBuy = sorting("SELL", kinds, "side.value();");
    ClassLoader noSell = sorting("BUY", kinds, "if (value < 0) { side.value(); }");
    var output = new CommittedOutput("constants that are gone from files");
    String retained = runAndCancel(first, 2, output, Optional.empty(), 'e');

    assertThat(check(more, "rocksdb", retained))
        .contains("KEPT Keyed Process (uid 'counting') side")
        .noneMatch(each -> each.startsWith("UNKNOWN"));
    assertThat(check(noBuy, "rocksdb", retained))
        .contains("UNKNOWN Keyed Process (uid 'counting') side");
    refuses(noSell, "rocksdb", retained, "state 'side': enum Counting$Side has no constant SELL");
    String next = runAndCancel(noBuy, 2, output, Optional.of(retained), 'f');
    assertThat(check(noBuy, "rocksdb", next)).contains("KEPT Keyed Process (uid 'counting') side");
  }

  private ClassLoader sorting(String sides, String kinds, String step) throws Exception {
    return CompiledClasses.of(
        folder.resolve("v" + versions++), SORTING.formatted(sides, kinds, step));
  }

  private void refuses(ClassLoader version, String backend, String path, String why)
      throws Exception {
    JobGraph program = program(version, backend, 2, new CommittedOutput("refused"));
    try (var jobs = new LocalJobs(store, version)) {
      JobClient refused =
          jobs.start(
              LocalJobs.id(Character.forDigit(versions++, 16)),
              program,
              Optional.of(new RestoreFrom(path, false)));
      assertThatThrownBy(refused::await).hasMessageContaining(why);
    }
  }

  private String runAndCancel(
      ClassLoader version,
      int parallelism,
      CommittedOutput output,
      Optional<String> from,
      char name)
      throws Exception {
    JobId id = LocalJobs.id(name);
    try (var jobs = new LocalJobs(store, version)) {
      long before = output.records().size();
      JobGraph graph = program(version, "rocksdb", parallelism, output, true);
      JobClient job = jobs.start(id, graph, from.map(path -> new RestoreFrom(path, false)));
      Eventually.holds("more is committed", () -> output.records().size() > before + 2_000);
      job.cancel().join();
      assertThatThrownBy(job::await).hasMessageContaining("cancelled");
      return store.directoryOf(id);
    }
  }

  private static void assertEachKeyIsCountedOnWithoutAGap(List<String> lines) {
    var seen = new HashMap<String, Integer>();
    for (int rest = lines.size(); rest > 0; rest--) {
      for (String line : lines) {
        String[] words = line.split(" ");
        int count = seen.getOrDefault(words[0], 0);
        if (words[1].equals("" + (count + 1))) {
          seen.put(words[0], count + 1);
        }
      }
      if (seen.values().stream().mapToInt(Integer::intValue).sum() == lines.size()) {
        return;
      }
    }
    assertThat(lines).as("lines that are not counted on").isEmpty();
  }

  private List<String> check(ClassLoader version, String backend, String path) throws Exception {
    var graph = program(version, backend, 2, new CommittedOutput("none"));
    var plan = JobPlan.of(graph, Configuration.EMPTY);
    return StateCheck.of(graph, plan, version, Savepoint.load(store, path), false).stream()
        .map(each -> each.fate() + " " + each.operator() + " " + each.state())
        .toList();
  }

  /** Runs until there is more output, and stops with a savepoint. */
  private String run(
      ClassLoader version,
      String backend,
      int parallelism,
      CommittedOutput output,
      Optional<String> from,
      char name)
      throws Exception {
    JobId id = LocalJobs.id(name);
    Optional<RestoreFrom> restore = from.map(path -> new RestoreFrom(path, false));
    try (var jobs = new LocalJobs(store, version)) {
      long before = output.records().size();
      JobClient job = jobs.start(id, program(version, backend, parallelism, output), restore);
      Eventually.holds("more is committed", () -> output.records().size() > before + 100);
      String savepoint = jobs.stop(id, ClientRequest.Then.STOP);
      job.await();
      return savepoint;
    }
  }

  private static JobGraph program(
      ClassLoader version, String backend, int parallelism, CommittedOutput output)
      throws Exception {
    return program(version, backend, parallelism, output, false);
  }

  @SuppressWarnings("unchecked")
  private static JobGraph program(
      ClassLoader version,
      String backend,
      int parallelism,
      CommittedOutput output,
      boolean unaligned)
      throws Exception {
    var counting =
        (KeyedProcessFunction<Long, Long, String>)
            version.loadClass("Counting").getConstructor().newInstance();
    var env = StreamExecutionEnvironment.getExecutionEnvironment();
    env.setParallelism(parallelism);
    env.setMaxParallelism(16);
    env.set("state.backend.type", backend);
    env.set("execution.checkpointing.interval", "30 ms");
    env.set("execution.checkpointing.unaligned.enabled", "" + unaligned);
    env.set("restart-strategy.type", "none");
    env.fromGenerator(index -> index, 10_000_000, 15_000)
        .uid("numbers")
        .keyBy(value -> value % KEYS)
        .process(counting)
        .uid("counting")
        .sinkTo(output)
        .uid("lines");
    return env.getJobGraph();
  }
}
