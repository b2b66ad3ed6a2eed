package io.millrace.runtime.harness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.DataStream;
import io.millrace.api.config.Configuration;
import io.millrace.runtime.checkpoint.KeepSavepoint;
import io.millrace.runtime.checkpoint.MemoryCheckpointStore;
import io.millrace.runtime.checkpoint.Procedure;
import io.millrace.runtime.harness.OperatorHarness.Snapshot;
import io.millrace.runtime.plan.JobPlan;
import io.millrace.runtime.savepoint.Savepoint;
import io.millrace.runtime.savepoint.StateCheck;
import io.millrace.runtime.savepoint.StateCheck.Fate;
import io.millrace.runtime.savepoint.StateCheck.Finding;
import io.millrace.runtime.state.CompiledClasses;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Wherever a user's type is kept, it may change from one version of the program to the next: fields
 * added, removed, moved and widened, in records, collections, tuples, arrays and sealed families.
 * What cannot be read is refused by the check as it is by the start.
 */
class ChangedPlacesTest {
  private static final List<String> PLACES =
      List.of(
          "states",
          "expiring",
          "running reduce",
          "tumbling reduce",
          "sliding aggregate",
          "flat aggregate",
          "flat sessions",
          "all together",
          "list windows",
          "evictor",
          "evictor reduce",
          "session reduce",
          "session process",
          "count windows",
          "trigger",
          "window state",
          "window join",
          "coGroup",
          "interval join",
          "own lists",
          "broadcast",
          "async",
          "in flight",
          "in flight unkeyed",
          "untyped",
          "untyped windows");

  private static final int CUT = 13;
  private static final int END = 20;

  @TempDir static Path folder;
  private static ClassLoader first;
  private static ClassLoader second;

  @BeforeAll
  static void compile() throws Exception {
    first =
        CompiledClasses.of(
            folder.resolve("v1"),
            VersionedPrograms.FIRST_EVENT,
            VersionedPrograms.places("int", "Integer"));
    second =
        CompiledClasses.of(
            folder.resolve("v2"),
            VersionedPrograms.SECOND_EVENT,
            VersionedPrograms.places("long", "Long"));
  }

  static Stream<String> places() {
    return PLACES.stream();
  }

  @ParameterizedTest
  @MethodSource("places")
  void goesOnWithWhatTheFirstVersionHasLeft(String place) throws Exception {
    boolean onHeap = PLACES.indexOf(place) % 2 == 0;
    Left left = left(first, place, onHeap ? "hashmap" : "rocksdb", onHeap ? 2 : 3);
    try (var life = new Life(second, place, onHeap ? "rocksdb" : "hashmap", onHeap ? 3 : 2)) {
      assertThat(life.check(left.snapshot))
          .noneMatch(each -> each.fate() == Fate.REFUSED || each.fate() == Fate.UNKNOWN);
      life.goOnFrom(left);
      assertThat(life.lines()).isEqualTo(unbroken(place));
    }
  }

  @ParameterizedTest
  @MethodSource("places")
  void refusesAtTheStartAndInTheCheckWhatIsNarrower(String place) throws Exception {
    Left left = left(second, place, PLACES.indexOf(place) % 2 == 0 ? "rocksdb" : "hashmap", 1);
    try (var life = new Life(first, place, "hashmap", 1)) {
      assertThat(life.check(left.snapshot))
          .anyMatch(each -> each.fate() == Fate.REFUSED && each.text().contains("was"));
      assertThatThrownBy(() -> life.goOnFrom(left)).hasMessageContaining("was");
    }
  }

  @Test
  void refusesKeysThatNameTheirClassThemselvesAndWouldHaveAnotherHash() throws Exception {
    Left left = left(first, "untyped keys", "rocksdb", 2);
    try (var life = new Life(first, "untyped keys", "hashmap", 1)) {
      assertThat(life.check(left.snapshot)).noneMatch(each -> each.fate() == Fate.REFUSED);
      life.goOnFrom(left);
      assertThat(life.lines()).isEqualTo(unbroken("untyped keys"));
    }
    try (var life = new Life(second, "untyped keys", "hashmap", 1)) {
      String refusal = "field 'more' of Event$Key is new";
      assertThat(life.check(left.snapshot))
          .anyMatch(each -> each.fate() == Fate.REFUSED && each.text().contains(refusal));
      assertThatThrownBy(() -> life.goOnFrom(left)).hasMessageContaining(refusal);
    }
  }

  /** What the windows hold is not lost, nor counted to windows that it does not belong to. */
  @ParameterizedTest
  @CsvSource({
    "tumbling reduce, tumbling shorter, slices of windows of 40 ms every 40 ms",
    "tumbling reduce, tumbling moved, 'every 100 ms, offset 50 ms'",
    "tumbling reduce, sliding reduce, slices of windows of 100 ms every 50 ms",
    "sliding reduce, tumbling reduce, slices of windows of 100 ms every 100 ms",
    "tumbling reduce, tumbling triggered, windows that are kept each for itself",
    "tumbling triggered, tumbling reduce, slices of windows of 100 ms every 100 ms",
    "tumbling reduce, session reduce, windows that are kept each for itself",
    "tumbling reduce, evictor reduce, windows that are kept each for itself",
    "list windows, tumbling reduce, slices of windows of 100 ms every 100 ms"
  })
  void refusesWindowsOfAnotherKind(String was, String is, String words) throws Exception {
    for (String store : List.of("hashmap", "rocksdb")) {
      Left left = left(first, was, store, 1);
      try (var life = new Life(first, is, store, 1)) {
        String refusal = "state 'windows/contents' holds";
        assertThat(life.check(left.snapshot))
            .anyMatch(
                each ->
                    each.fate() == Fate.REFUSED
                        && each.text().contains(refusal)
                        && each.text().contains(words));
        assertThatThrownBy(() -> life.goOnFrom(left)).hasMessageContainingAll(refusal, words);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"tumbling reduce, tumbling late", "list windows, list windows of another size"})
  void letsOpenWindowsEndAsTheyWouldHave(String was, String is) throws Exception {
    Left left = left(first, was, "rocksdb", 2);
    try (var life = new Life(first, is, "hashmap", 1)) {
      life.goOnFrom(left);
      if (is.endsWith("late")) {
        assertThat(life.lines()).isEqualTo(unbroken(was));
      } else {
        assertThat(life.lines())
            .hasSize(END)
            .anyMatch(line -> line.startsWith("TimeWindow{start=100, end=200}"))
            .anyMatch(line -> line.startsWith("TimeWindow{start=160, end=200}"));
      }
    }
  }

  private record Left(Snapshot snapshot, List<String> lines) {}

  private static Left left(ClassLoader version, String place, String store, int parallelism)
      throws Exception {
    try (var life = new Life(version, place, store, parallelism)) {
      life.silent(place.equals("async"));
      if (life.overtaken) {
        life.output.refuse();
      }
      life.feed(0, CUT);
      long checkpoint = life.harness.sendBarriers();
      life.output.accept();
      Snapshot snapshot = life.harness.snapshot(checkpoint).orElseThrow();
      assertThat(snapshot.holdsInFlight()).isEqualTo(life.overtaken);
      return new Left(snapshot, life.output.values().subList(0, life.output.sizeAt(checkpoint)));
    }
  }

  private static List<String> unbroken(String place) throws Exception {
    try (var life = new Life(first, place, "hashmap", 1)) {
      life.silent(false);
      life.feed(0, CUT);
      life.feed(CUT, END);
      life.watermark(200_000);
      assertThat(life.lines()).isNotEmpty();
      return life.lines();
    }
  }

  /** A version of the program, with one of its places. */
  private static final class Life implements AutoCloseable {
    final boolean overtaken;
    final OperatorHarness harness = new OperatorHarness();
    final OperatorHarness.Output<String> output;
    private final OperatorHarness.Input<Long> numbers = harness.input(Long.class);
    private OperatorHarness.Input<Long> others;
    private final ClassLoader version;
    private final ClassLoader before = Thread.currentThread().getContextClassLoader();
    private final List<String> had = new ArrayList<>();

    @SuppressWarnings("unchecked") // what the program says
    Life(ClassLoader version, String place, String store, int parallelism) throws Exception {
      this.version = version;
      overtaken = place.startsWith("in flight");
      Thread.currentThread().setContextClassLoader(version);
      harness.set("state.backend.type", store);
      harness.set("execution.checkpointing.unaligned.enabled", "" + overtaken);
      harness.keepRowsInMemory();
      harness.setParallelism(parallelism);
      Supplier<DataStream<Long>> second =
          () -> {
            others = harness.input(Long.class);
            return others.stream();
          };
      output =
          harness.output(
              (DataStream<String>)
                  version
                      .loadClass("Places")
                      .getMethod("of", String.class, DataStream.class, Supplier.class)
                      .invoke(null, place, numbers.stream(), second));
      harness.open();
    }

    /** Whether whoever is asked gives no answer. */
    void silent(boolean silent) throws Exception {
      version.loadClass("Places").getField("silent").set(null, silent);
    }

    void feed(int from, int to) {
      for (long number = from; number < to; number++) {
        numbers.processElement(number, number * 10);
        if (others != null) {
          others.processElement(number, number * 10);
        }
      }
      watermark(to * 10 - 50);
    }

    void watermark(long time) {
      numbers.processWatermark(time);
      if (others != null) {
        others.processWatermark(time);
      }
    }

    List<Finding> check(Snapshot snapshot) throws Exception {
      var store = new MemoryCheckpointStore();
      Procedure.run(new KeepSavepoint(snapshot.manifest()), store.names("memory:/left"));
      var graph = numbers.stream().getExecutionEnvironment().getJobGraph();
      return StateCheck.of(
          graph,
          JobPlan.of(graph, Configuration.EMPTY),
          version,
          Savepoint.load(store, "memory:/left"),
          false);
    }

    void goOnFrom(Left left) throws Exception {
      silent(false);
      // Of the same number, which the outputs of this harness have to know.
      harness.snapshot();
      harness.restore(left.snapshot);
      had.addAll(left.lines);
      feed(CUT, END);
      watermark(200_000);
    }

    List<String> lines() {
      return Stream.concat(had.stream(), output.values().stream()).sorted().toList();
    }

    @Override
    public void close() {
      harness.close();
      Thread.currentThread().setContextClassLoader(before);
    }
  }
}
