package io.millrace.runtime.task;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.graph.Edge.Partitioning;
import io.millrace.api.graph.Vertex;
import io.millrace.api.operator.OperatorFactory;
import io.millrace.api.operator.OperatorSnapshot;
import io.millrace.api.operator.OperatorState;
import io.millrace.api.operator.window.WindowCall;
import io.millrace.api.operator.window.WindowOperators;
import io.millrace.api.operator.window.WindowSpec;
import io.millrace.api.type.TypeInformation;
import io.millrace.api.window.EventTimeSessionWindows;
import io.millrace.api.window.TimeWindow;
import io.millrace.api.window.TumblingEventTimeWindows;
import io.millrace.api.window.WindowAssigner;
import io.millrace.runtime.exchange.Batch;
import io.millrace.runtime.exchange.Element.Barrier;
import io.millrace.runtime.exchange.Element.Watermark;
import io.millrace.runtime.plan.KeyGroups;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Windows that go on from checkpoints whose barriers have overtaken records and watermarks. */
class WindowRecoveryTest {
  private static final ClassLoader LOADER = WindowRecoveryTest.class.getClassLoader();
  private static final WindowAssigner<Object, TimeWindow> TUMBLING =
      TumblingEventTimeWindows.of(Duration.ofMillis(100));
  private static final WindowAssigner<Object, TimeWindow> SESSIONS =
      EventTimeSessionWindows.withGap(Duration.ofMillis(20));

  /** Tells key, start and number of records of each window. */
  @SuppressWarnings("unchecked") // as the engine: records are Objects
  private static Object counts(WindowAssigner<Object, TimeWindow> assigner) {
    return (OperatorFactory<?, ?>)
        WindowOperators.list(
            new WindowSpec<>(
                (WindowAssigner<String, TimeWindow>) (WindowAssigner<?, TimeWindow>) assigner,
                null,
                null,
                0,
                null),
            TypeInformation.of(String.class),
            WindowCall.<String, TimeWindow, String, String>of(
                (key, window, values, out) -> {
                  int count = 0;
                  for (String ignored : values) {
                    count++;
                  }
                  out.collect(key + " from " + window.start() + ": " + count);
                }));
  }

  private static Bench bench(
      WindowAssigner<Object, TimeWindow> assigner,
      int subtask,
      int of,
      TaskBlueprint.Restored restored) {
    return new Bench()
        .set("execution.checkpointing.unaligned.enabled", "true")
        .set("execution.checkpointing.aligned-checkpoint-timeout", "0 ms")
        .part("windows", Vertex.Role.OPERATOR, counts(assigner), restored)
        .subtask(subtask, of);
  }

  private static Bench inputs(Bench bench, int count, int capacity) {
    return bench
        .keyedInputs(count, value -> value)
        .outputs(Partitioning.REBALANCE, 1, capacity, TypeInformation.of(String.class));
  }

  private static Batch at(long time, String... values) {
    long[] times = new long[values.length];
    Arrays.fill(times, time);
    return new Batch(values, times, values.length);
  }

  /** A key of one of two subtasks. */
  private static String keyOf(int subtask) {
    var keys = TypeInformation.of(String.class).serializer(LOADER);
    return IntStream.range(0, 100)
        .mapToObj(i -> "k" + i)
        .filter(key -> KeyGroups.subtaskOf(KeyGroups.groupOf(keys.hash(key), 16), 2, 16) == subtask)
        .findFirst()
        .orElseThrow();
  }

  private static TaskEvent.Cut cut(Bench bench) {
    assertThat(bench.said(TaskEvent.Cut.class)).hasSize(1);
    return bench.said(TaskEvent.Cut.class).get(0);
  }

  /** Of the first cut's keys and all cuts' unions. */
  private static TaskBlueprint.Restored restored(TaskEvent.Cut... cuts) throws Exception {
    return restored(List.of(cuts[0]), cuts);
  }

  private static TaskBlueprint.Restored restored(List<TaskEvent.Cut> keysOf, TaskEvent.Cut... cuts)
      throws Exception {
    var keyed = new ArrayList<Iterable<byte[]>>();
    for (TaskEvent.Cut cut : keysOf) {
      keyed.add(List.of(cut.operators().get(0).keyed().orElseThrow().write()));
    }
    var states = new ArrayList<OperatorState>();
    for (TaskEvent.Cut cut : cuts) {
      OperatorSnapshot own = cut.operators().get(0).own().take();
      states.addAll(own.states());
    }
    return new TaskBlueprint.Restored(OptionalLong.of(1), List.of(), states, List.of(), keyed);
  }

  @Test
  void aSubtaskIsAsFarAsItWasItselfWhateverOthersHaveSeen() throws Exception {
    String ofFirst = keyOf(0);
    String ofSecond = keyOf(1);
    Bench first = inputs(bench(TUMBLING, 0, 2, TaskBlueprint.Restored.NOTHING), 1, 100);
    first.send(0, at(480, ofFirst)).send(0, new Watermark(1_000)).settle();
    first.send(0, new Barrier(1)).settle();
    Bench second = inputs(bench(TUMBLING, 1, 2, TaskBlueprint.Restored.NOTHING), 1, 100);
    second.send(0, new Barrier(1)).settle();

    TaskEvent.Cut cutOfFirst = cut(first);
    TaskEvent.Cut cutOfSecond = cut(second);

    // What waited in front of the second is early enough; the first has closed its window.
    second = inputs(bench(TUMBLING, 1, 2, restored(cutOfSecond, cutOfFirst)), 1, 100);
    second.send(0, at(480, ofSecond)).send(0, new Watermark(1_000)).settle();
    assertThat(second.received(0)).containsExactly(ofSecond + " from 400: 1", "[watermark 1000]");

    first = inputs(bench(TUMBLING, 0, 2, restored(cutOfFirst, cutOfSecond)), 1, 100);
    first.send(0, at(490, ofFirst)).send(0, new Watermark(1_001)).settle();
    assertThat(first.received(0)).containsExactly("[watermark 1000]", "[watermark 1001]");
  }

  /** Its keys come from two, one of which had closed windows that are open for the other. */
  @Test
  void afterARescaleEachKeyIsAsFarAsTheSubtaskThatHadIt() throws Exception {
    String ofFirst = keyOf(0);
    String ofSecond = keyOf(1);
    for (WindowAssigner<Object, TimeWindow> assigner : List.of(TUMBLING, SESSIONS)) {
      Bench first = inputs(bench(assigner, 0, 2, TaskBlueprint.Restored.NOTHING), 1, 100);
      first.send(0, at(480, ofFirst)).send(0, new Watermark(1_000)).settle();
      assertThat(first.received(0)).hasSize(2);
      first.send(0, at(1_050, ofFirst)).settle();
      first.send(0, new Barrier(1)).settle();
      Bench second = inputs(bench(assigner, 1, 2, TaskBlueprint.Restored.NOTHING), 1, 100);
      second.send(0, new Watermark(200)).send(0, at(470, ofSecond)).settle();
      second.send(0, new Barrier(1)).settle();
      TaskEvent.Cut ofBoth = cut(first);
      TaskEvent.Cut other = cut(second);
      var all = restored(List.of(ofBoth, other), ofBoth, other);

      Bench one = inputs(bench(assigner, 0, 1, all), 1, 100);
      // What was in flight: late for the first, early enough for the second.
      one.send(0, at(480, ofFirst)).send(0, at(475, ofSecond)).settle();
      one.send(0, new Barrier(2)).settle();
      assertThat(one.received(0)).containsExactly("[watermark 200]", "[barrier 2]");
      TaskEvent.Cut again = cut(one);

      one = inputs(bench(assigner, 0, 1, restored(again)), 1, 100);
      one.send(0, at(490, ofFirst)).send(0, new Watermark(900)).settle();
      assertThat(one.received(0))
          .hasSize(3)
          .startsWith("[watermark 200]")
          .anyMatch(each -> each.startsWith(ofSecond) && each.endsWith(": 2"))
          .endsWith("[watermark 900]");
      one.send(0, at(950, ofFirst)).send(0, new Watermark(2_000)).settle();
      assertThat(one.received(0))
          .hasSize(2)
          .anyMatch(each -> each.startsWith(ofFirst) && each.endsWith(": 1"))
          .endsWith("[watermark 2000]");
    }
  }

  @Test
  void whatIsInFlightFindsTheTimersFiredThatWereFiringAtTheCut() throws Exception {
    String[] keys = IntStream.range(0, 10).mapToObj(i -> "k" + i).toArray(String[]::new);
    Bench bench = inputs(bench(SESSIONS, 0, 1, TaskBlueprint.Restored.NOTHING), 2, 1);
    bench.send(0, at(880, keys)).send(0, new Watermark(1_000)).send(1, new Watermark(1_000));
    assertThat(bench.settle()).isEqualTo(Progress.BLOCKED);
    bench.send(0, at(890, keys)).send(0, new Barrier(1)).send(1, new Barrier(1)).settle();
    TaskEvent.Cut cut = cut(bench);
    List<String> seen = new ArrayList<>(bench.received(0));
    assertThat(seen).last().isEqualTo("[barrier 1]");

    var restored = bench(SESSIONS, 0, 1, restored(cut));
    for (FrozenChannel channel : cut.inFlight().channels()) {
      var bytes = new ByteArrayOutputStream();
      channel.parts().forEachRemaining(bytes::writeBytes);
      if (channel.queued()) {
        restored.inFlight(channel.producer(), true, false, bytes.toByteArray());
      } else {
        FrozenChannel.read(
            bytes.toByteArray(),
            channel.edge(),
            channel.records(),
            LOADER,
            element -> seen.addAll(Bench.shown(element)));
      }
    }
    inputs(restored, 2, 100).settle();
    assertThat(restored.said(TaskEvent.Failed.class)).isEmpty();
    seen.addAll(restored.received(0));
    seen.removeIf(each -> each.startsWith("["));
    assertThat(seen)
        .containsExactlyInAnyOrder(
            Arrays.stream(keys).map(key -> key + " from 880: 1").toArray(String[]::new));
  }
}
