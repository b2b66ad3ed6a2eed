package io.millrace.runtime.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.graph.Edge.Partitioning;
import io.millrace.api.graph.Vertex;
import io.millrace.api.operator.Frozen;
import io.millrace.api.operator.Operator;
import io.millrace.api.operator.OperatorContext;
import io.millrace.api.operator.OperatorFactory;
import io.millrace.api.operator.Output;
import io.millrace.api.type.Serializer;
import io.millrace.api.type.TypeInformation;
import io.millrace.runtime.exchange.Element;
import io.millrace.runtime.exchange.Element.Barrier;
import io.millrace.runtime.exchange.Element.EndOfInput;
import io.millrace.runtime.exchange.Element.Watermark;
import io.millrace.runtime.exchange.InFlight;
import io.millrace.runtime.kernel.Purpose;
import io.millrace.runtime.plan.EdgeId;
import io.millrace.runtime.plan.KeyGroups;
import java.io.ByteArrayOutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** One task whose barriers overtake, driven by hand. */
class UnalignedTest {
  private static final ClassLoader LOADER = UnalignedTest.class.getClassLoader();

  /** Emits what it takes; its state is all that it has taken. */
  private static Operator<Object, Object> teller() {
    return new Operator<>() {
      private final List<byte[]> taken = new ArrayList<>();
      private Output<Object> out;

      @Override
      public void open(OperatorContext context, Output<Object> output) {
        out = output;
      }

      @Override
      public void process(Object value, long timestamp) {
        taken.add(value.toString().getBytes(StandardCharsets.UTF_8));
        out.collect(value, timestamp);
      }

      @Override
      public Frozen snapshot(long checkpoint) {
        return Frozen.of(List.copyOf(taken));
      }
    };
  }

  private static Bench bench(int inputs) {
    return unaligned(new Bench(), 0).operator("teller", UnalignedTest::teller).inputs(inputs);
  }

  private static Bench unaligned(Bench bench, int timeoutMillis) {
    return bench
        .set("execution.checkpointing.unaligned.enabled", "true")
        .set("execution.checkpointing.aligned-checkpoint-timeout", timeoutMillis + " ms");
  }

  private static Bench slowOutput(Bench bench, int capacity) {
    return bench.outputs(Partitioning.REBALANCE, 1, capacity, TypeInformation.of(String.class));
  }

  private static TaskEvent.Cut onlyCut(Bench bench) {
    assertThat(bench.said(TaskEvent.Cut.class)).hasSize(1);
    return bench.said(TaskEvent.Cut.class).get(0);
  }

  private static List<String> state(TaskEvent.Cut cut) throws Exception {
    return cut.operators().get(0).own().take().entries().stream()
        .map(bytes -> new String(bytes, StandardCharsets.UTF_8))
        .toList();
  }

  private static byte[] bytes(FrozenChannel channel) {
    var all = new ByteArrayOutputStream();
    channel.parts().forEachRemaining(all::writeBytes);
    return all.toByteArray();
  }

  /** What was in flight from the producer's subtask, or to the consumer's if it was not queued. */
  private static List<String> inFlight(TaskEvent.Cut cut, boolean queued, int subtask) {
    var shown = new ArrayList<String>();
    for (FrozenChannel channel : cut.inFlight().channels()) {
      int other = queued ? channel.edge().nth() + channel.producer() : channel.consumer();
      if (channel.queued() == queued && other == subtask) {
        FrozenChannel.read(
            bytes(channel),
            channel.edge(),
            channel.records(),
            LOADER,
            element -> shown.addAll(Bench.shown(element)));
      }
    }
    return shown;
  }

  @Test
  void aBlockedTaskCutsAtOnceAndEveryRecordIsInOnePlace() throws Exception {
    var bench = slowOutput(bench(1), 1);
    bench.send(0, Bench.batch("a", "b", "c", "d", "e", "f", "g", "h")).settle();
    bench.send(0, Bench.batch("i")).send(0, new Watermark(5)).send(0, Bench.batch("j"));
    bench.send(0, new Barrier(1)).send(0, Bench.batch("k"));
    assertThat(bench.settle()).isEqualTo(Progress.BLOCKED);

    TaskEvent.Cut cut = onlyCut(bench);
    assertThat(state(cut)).containsExactly("a", "b", "c", "d", "e", "f");
    assertThat(inFlight(cut, true, 0)).containsExactly("g", "h", "i", "[watermark 5]", "j");
    assertThat(inFlight(cut, false, 0)).containsExactly("d", "e", "f");

    // What was overtaken still comes.
    var received = new ArrayList<String>();
    while (received.size() < 13) {
      received.addAll(bench.received(0));
      bench.settle();
    }
    assertThat(received)
        .containsExactly(
            "a", "b", "c", "[barrier 1]", "d", "e", "f", "g", "h", "i", "[watermark 5]", "j", "k");
    onlyCut(bench);
  }

  /** A channel with g, watermark 5 and h. */
  private static byte[] queued() throws Exception {
    var bench = slowOutput(bench(1), 1);
    bench.send(0, Bench.batch("a", "b", "c", "d", "e", "f", "g")).send(0, new Watermark(5));
    bench.send(0, Bench.batch("h")).settle();
    bench.send(0, new Barrier(1)).settle();
    return bytes(onlyCut(bench).inFlight().channels().get(0));
  }

  @Test
  void aReplayedWatermarkIsThatOfItsChannel() throws Exception {
    var restored = unaligned(new Bench(), 0).operator("teller", UnalignedTest::teller);
    restored.inFlight(1, true, false, queued()).inputs(2).output(100).settle();
    assertThat(restored.received(0)).containsExactly("g", "h");

    restored.send(0, new Watermark(9)).settle();
    assertThat(restored.received(0)).containsExactly("[watermark 5]");
  }

  @Test
  void whatIsReplayedComesBeforeAnythingNewAndIsNotOvertaken() throws Exception {
    byte[] queued = queued();
    for (boolean unchanged : new boolean[] {true, false}) {
      var restored = unaligned(new Bench(), 0).operator("teller", UnalignedTest::teller);
      slowOutput(restored.inFlight(0, unchanged, false, queued).inputs(1), 100);
      restored.send(0, Bench.batch("new")).send(0, new Barrier(2));
      restored.settle();
      var received = new ArrayList<String>();
      for (int i = 0; i < 10; i++) {
        received.addAll(restored.received(0));
        restored.settle();
      }
      List<String> expected = new ArrayList<>(List.of("g", "h", "new", "[barrier 2]"));
      if (unchanged) {
        // Else nobody knows whether other channels are as far.
        expected.add(1, "[watermark 5]");
      }
      assertThat(received).isEqualTo(expected);
      assertThat(state(onlyCut(restored))).containsExactly("g", "h", "new");
    }
  }

  /** Adds its mark to what it takes; a timer of its own is due from the start. */
  private static OperatorFactory<Object, Object> marks(String mark) {
    return () ->
        new Operator<>() {
          private Output<Object> out;
          private boolean woken;

          @Override
          public void open(OperatorContext context, Output<Object> output) {
            out = output;
          }

          @Override
          public void process(Object value, long timestamp) {
            out.collect(value + mark, timestamp);
          }

          @Override
          public long nextWakeMillis() {
            return woken ? Long.MAX_VALUE : 0;
          }

          @Override
          public void wake(long monotonicMillis) {
            woken = true;
            out.collect("due" + mark, 0);
          }

          @Override
          public Frozen snapshot(long checkpoint) {
            return Frozen.of(List.of());
          }
        };
  }

  @Test
  void whatWasInFlightBetweenOperatorsThatAreFusedNowComesFirst() {
    byte[] toHead = bytes(channel(List.of("e", "f"), String.class));
    byte[] toSecond = bytes(channel(List.of("c", "d"), String.class));
    byte[] toThird = bytes(channel(List.of("a"), String.class));
    byte[] toThirdAsWell = bytes(channel(List.of("b"), String.class));
    for (int capacity : new int[] {1, 100}) {
      var bench = unaligned(new Bench(), 0);
      bench.operator("one", marks("1")).operator("two", marks("2")).operator("three", marks("3"));
      bench.inFlight(0, false, false, toHead);
      bench.inFlightTo(1, toSecond).inFlightTo(2, toThird, toThirdAsWell);
      slowOutput(bench.inputs(1).set("exchange.batch.records", "1"), capacity);
      bench.send(0, Bench.batch("new")).send(0, new Barrier(2));
      var received = new ArrayList<String>();
      for (int i = 0; i < 20; i++) {
        bench.step(1 + i % 3);
        received.addAll(bench.received(0));
      }
      assertThat(bench.said(TaskEvent.Failed.class)).isEmpty();
      assertThat(received).filteredOn(each -> each.startsWith("due")).hasSize(3);
      assertThat(received.indexOf("due123")).isGreaterThan(received.indexOf("d23"));
      received.removeIf(each -> each.startsWith("due"));
      assertThat(received)
          .containsExactly("a3", "b3", "c23", "d23", "e123", "f123", "new123", "[barrier 2]");
      onlyCut(bench);
    }
  }

  @Test
  void aSubtaskTakesTheRecordsOfItsKeys() {
    var all = new ArrayList<String>();
    for (int i = 0; i < 40; i++) {
      all.add("k" + i);
    }
    byte[] parts = bytes(channel(all, String.class));
    var bench = new Bench().operator("teller", UnalignedTest::teller).subtask(1, 3);
    bench.inFlight(0, false, true, parts).keyedInputs(2, value -> value).output(100);
    bench.settle();

    Serializer<String> keys = TypeInformation.of(String.class).serializer(LOADER);
    all.removeIf(key -> KeyGroups.subtaskOf(KeyGroups.groupOf(keys.hash(key), 16), 3, 16) != 1);
    assertThat(all).isNotEmpty();
    assertThat(bench.received(0)).isEqualTo(all);
  }

  /** As a checkpoint holds records that are in flight. */
  static byte[] frozen(String... records) {
    return bytes(channel(List.of(records), String.class));
  }

  @SuppressWarnings("unchecked") // as the engine: records are Objects
  private static FrozenChannel channel(List<?> records, Class<?> type) {
    var serializer = (Serializer<Object>) TypeInformation.of(type).serializer(LOADER);
    return new FrozenChannel(
        new EdgeId("in", "teller", 0),
        Partitioning.KEY_GROUP,
        true,
        0,
        2,
        0,
        2,
        16,
        List.of(InFlight.records(Bench.batch(records.toArray()), 0, serializer)),
        serializer);
  }

  /** Each batch names its classes by itself. */
  @Test
  void recordsOfManyClassesAreRestoredFromSeveralBatches() throws Exception {
    var bench = unaligned(new Bench(), 0).operator("teller", UnalignedTest::teller);
    slowOutput(bench.input(1, Partitioning.REBALANCE, TypeInformation.dynamic(), null), 1);
    bench.send(0, Bench.batch("a", "b", "c", "d", 1L, true)).settle();
    bench.send(0, Bench.batch(2L, "e")).send(0, Bench.batch("f", 3L)).send(0, Bench.batch(4));
    bench.send(0, new Barrier(1)).settle();
    byte[] queued = bytes(onlyCut(bench).inFlight().channels().get(0));

    var restored = new Bench().operator("teller", UnalignedTest::teller);
    restored.inFlight(0, true, false, queued);
    restored.input(1, Partitioning.REBALANCE, TypeInformation.dynamic(), null).output(100).settle();
    assertThat(restored.said(TaskEvent.Failed.class)).isEmpty();
    assertThat(restored.received(0)).endsWith("2", "e", "f", "3", "4");
  }

  private record Changed(String name, int size) {}

  @Test
  void recordsOfAnotherShapeAreRefusedByName() {
    byte[] parts = bytes(channel(List.of(new Changed("a", 1)), Changed.class));
    var bench = new Bench().operator("teller", UnalignedTest::teller);
    bench.inFlight(0, true, false, parts).inputs(1).output(100).settle();

    assertThat(bench.said(TaskEvent.Failed.class).get(0).cause())
        .hasMessageContaining("in flight from 'in' to 'teller'")
        .hasMessageContaining("Changed")
        .hasMessageContaining("savepoint");
  }

  @Test
  void aBarrierInOneInputIsEnoughAndTheOthersAreRecordedUntilTheyBringIt() throws Exception {
    var bench = slowOutput(bench(2), 100);
    bench.send(1, Bench.batch("a1")).settle();
    bench.send(0, new Barrier(1)).send(0, Bench.batch("after0")).settle();
    assertThat(bench.received(0)).containsExactly("a1", "[barrier 1]", "after0");
    assertThat(bench.said(TaskEvent.Cut.class)).as("input 1 may still bring some").isEmpty();

    bench.send(1, Bench.batch("b1")).send(1, new Watermark(3)).settle();
    bench.send(1, Bench.batch("c1")).send(1, new Barrier(1)).send(1, Bench.batch("after1"));
    bench.settle();
    assertThat(bench.received(0)).containsExactly("b1", "c1", "after1");
    TaskEvent.Cut cut = onlyCut(bench);
    assertThat(state(cut)).containsExactly("a1");
    assertThat(inFlight(cut, true, 0)).isEmpty();
    assertThat(inFlight(cut, true, 1)).containsExactly("b1", "[watermark 3]", "c1");
  }

  @Test
  void everythingBeforeABarrierIsInTheStateOrInFlightUnderAnyInterleaving() throws Exception {
    int overtaken = 0;
    for (int seed = 0; seed < 3_000; seed++) {
      var random = new SplittableRandom(seed);
      int inputs = 1 + random.nextInt(3);
      int capacity = 1 + random.nextInt(2);
      int timeout = random.nextInt(2) * random.nextInt(30);
      var bench = unaligned(new Bench(), timeout).operator("teller", UnalignedTest::teller);
      bench.set("exchange.overflow.memory", random.nextInt(3) * 100 + " b");
      slowOutput(bench.inputs(inputs), capacity);
      var before = new ArrayList<List<String>>();
      boolean[] sent = new boolean[inputs];
      for (int i = 0; i < inputs; i++) {
        before.add(new ArrayList<>());
      }
      var out = new ArrayList<String>();
      for (int i = 0; i < 40 || bench.said(TaskEvent.Cut.class).isEmpty(); i++) {
        int channel = random.nextInt(inputs);
        int what = random.nextInt(8);
        if (what < 3) {
          var values = new ArrayList<String>();
          for (int n = 1 + random.nextInt(6); n > 0; n--) {
            values.add(channel + "-" + i + "-" + n);
          }
          bench.send(channel, Bench.batch(values.toArray()));
          if (!sent[channel]) {
            before.get(channel).addAll(values);
          }
        } else if (what == 3 && i > 10 && !sent[channel]) {
          sent[channel] = true;
          bench.send(channel, new Barrier(1));
        } else if (what == 4) {
          bench.send(channel, new Watermark(i));
        } else if (what == 5) {
          Element element = bench.out.get(0).poll();
          out.addAll(element == null ? List.of() : Bench.shown(element));
        } else {
          bench.now += random.nextInt(10);
          bench.step(1 + random.nextInt(4));
        }
      }
      while (bench.settle() == Progress.BLOCKED || !bench.out.get(0).isEmpty()) {
        out.addAll(bench.received(0));
      }

      TaskEvent.Cut cut = onlyCut(bench);
      List<String> state = state(cut);
      for (int i = 0; i < inputs; i++) {
        String mark = i + "-";
        var found = new ArrayList<>(state.stream().filter(v -> v.startsWith(mark)).toList());
        List<String> queued = inFlight(cut, true, i);
        overtaken += queued.size();
        found.addAll(queued.stream().filter(v -> !v.startsWith("[")).toList());
        assertThat(found).as("seed %d, input %d", seed, i).isEqualTo(before.get(i));
      }
      var left = new ArrayList<>(out.subList(0, out.indexOf("[barrier 1]")));
      left.addAll(inFlight(cut, false, 0));
      left.removeIf(v -> v.startsWith("["));
      assertThat(left).as("seed %d, output", seed).isEqualTo(state);
      cut.discard();
      bench.settle();
      assertThat(bench.disk.open).as("seed %d, files", seed).isZero();
    }
    assertThat(overtaken).isGreaterThan(1_000);
  }

  @Test
  void beforeTheTimeoutBarriersKeepTheirPlace() throws Exception {
    var bench = unaligned(new Bench(), 50).operator("teller", UnalignedTest::teller).inputs(2);
    slowOutput(bench, 100);
    bench.send(0, new Barrier(1)).send(0, Bench.batch("after")).settle();
    assertThat(bench.received(0)).isEmpty();
    assertThat(bench.task().wakeAtMillis()).isEqualTo(bench.now + 50);
    bench.send(1, new Barrier(1)).settle();
    assertThat(bench.received(0)).containsExactly("[barrier 1]", "after");
    assertThat(onlyCut(bench).inFlight().channels()).isEmpty();

    bench.events.clear();
    bench.send(0, new Barrier(2)).send(1, Bench.batch("before")).settle();
    bench.now += 50;
    bench.settle();
    assertThat(bench.received(0)).containsExactly("before", "[barrier 2]");
    assertThat(bench.said(TaskEvent.Cut.class)).isEmpty();
    bench.send(1, Bench.batch("late")).send(1, new Barrier(2)).settle();
    assertThat(inFlight(onlyCut(bench), true, 1)).containsExactly("late");
  }

  @Test
  void theTimeoutCountsFromTheSourcesOn() {
    var bench = unaligned(new Bench(), 50).operator("teller", UnalignedTest::teller).inputs(2);
    slowOutput(bench, 100);
    bench.send(0, new Barrier(1, Purpose.CHECKPOINT, 20)).settle();
    bench.now += 10;
    bench.settle();
    assertThat(bench.task().wakeAtMillis()).isEqualTo(bench.now + 20);
    bench.send(1, Bench.batch("a")).send(1, new Barrier(1, Purpose.CHECKPOINT, 45)).settle();
    assertThat(bench.out.get(0).announced()).isEqualTo(new Barrier(1, Purpose.CHECKPOINT, 45));

    bench.send(0, new Barrier(2, Purpose.CHECKPOINT, 20)).settle();
    bench.now += 40;
    bench.settle();
    assertThat(bench.out.get(0).announced()).isEqualTo(new Barrier(2, Purpose.CHECKPOINT, 60));
  }

  @Test
  void aBarrierThatWaitsInTheOutboxOvertakesAfterTheTimeout() throws Exception {
    var bench = unaligned(new Bench(), 50).operator("teller", UnalignedTest::teller).inputs(1);
    slowOutput(bench, 1);
    bench.send(0, Bench.batch("a", "b", "c", "d", "e", "f")).send(0, new Barrier(1)).settle();
    assertThat(bench.said(TaskEvent.Cut.class)).isEmpty();
    bench.now += 49;
    bench.settle();
    assertThat(bench.said(TaskEvent.Cut.class)).isEmpty();
    bench.now += 1;
    bench.settle();
    TaskEvent.Cut cut = onlyCut(bench);
    assertThat(inFlight(cut, false, 0)).containsExactly("d", "e", "f");
    assertThat(bench.received(0)).containsExactly("a", "b", "c", "[barrier 1]");
    bench.settle();
    assertThat(bench.received(0)).containsExactly("d", "e", "f");
  }

  @Test
  void soDoesOneThatTheTaskHasCutForInItsTurn() throws Exception {
    var bench = unaligned(new Bench(), 50).operator("teller", UnalignedTest::teller).inputs(1);
    slowOutput(bench, 1);
    bench.send(0, Bench.batch("a", "b", "c", "d")).send(0, new Barrier(1)).settle();
    bench.send(0, Bench.batch("e")).settle();
    assertThat(bench.said(TaskEvent.Cut.class)).as("d and the barrier wait").isEmpty();
    assertThat(bench.task().wakeAtMillis()).isEqualTo(bench.now + 50);
    bench.now += 50;
    bench.settle();
    TaskEvent.Cut cut = onlyCut(bench);
    assertThat(state(cut)).containsExactly("a", "b", "c", "d");
    assertThat(inFlight(cut, false, 0)).containsExactly("d");
    assertThat(bench.received(0)).containsExactly("a", "b", "c", "[barrier 1]");
    bench.settle();
    assertThat(bench.received(0)).containsExactly("d");
    bench.settle();
    assertThat(bench.received(0)).containsExactly("e");
  }

  @Test
  void forwardAndBroadcastChannelsAreNeverOvertaken() throws Exception {
    for (Partitioning kind :
        List.of(Partitioning.FORWARD, Partitioning.RESCALE, Partitioning.BROADCAST)) {
      var bench = unaligned(new Bench(), 0).operator("teller", UnalignedTest::teller);
      bench.input(1, kind, TypeInformation.of(String.class), null).inputs(1);
      bench.outputs(kind, 1, 1, TypeInformation.of(String.class));
      bench.send(0, Bench.batch("a", "b", "c", "d", "e", "f", "g")).settle();
      bench.send(1, Bench.batch("x")).send(1, new Barrier(1)).settle();
      assertThat(bench.said(TaskEvent.Cut.class)).isEmpty();

      // Once that channel has brought the barrier, the other one need not.
      bench.send(0, new Barrier(1)).send(0, Bench.batch("after"));
      assertThat(bench.settle()).isEqualTo(Progress.BLOCKED);
      var received = new ArrayList<String>();
      for (int i = 0; i < 10; i++) {
        received.addAll(bench.received(0));
        bench.settle();
      }
      assertThat(received.get(received.indexOf("[barrier 1]") - 1)).isNotEqualTo("after");
      TaskEvent.Cut cut = onlyCut(bench);
      assertThat(inFlight(cut, true, 0)).isEmpty();
      assertThat(inFlight(cut, false, 0)).isEmpty();
      var before = new ArrayList<>(state(cut));
      before.addAll(inFlight(cut, true, 1));
      assertThat(before).containsExactlyInAnyOrder("a", "b", "c", "d", "e", "f", "g", "x");
    }
  }

  @Test
  void savepointsAreAlignedAndSoIsEverythingWithAtLeastOnce() {
    var bench = slowOutput(bench(2), 100);
    bench.send(0, new Barrier(1, Purpose.savepoint("dir"))).send(0, Bench.batch("x")).settle();
    assertThat(bench.received(0)).isEmpty();
    bench.send(1, Bench.batch("y")).send(1, new Barrier(1, Purpose.savepoint("dir"))).settle();
    assertThat(bench.received(0)).containsExactly("y", "[barrier 1]", "x");
    assertThat(onlyCut(bench).savepoint()).isEqualTo("dir");

    var loose = bench(2).set("execution.checkpointing.mode", "AT_LEAST_ONCE").output(100);
    loose.send(0, new Barrier(1)).send(1, Bench.batch("y")).settle();
    assertThat(loose.received(0)).containsExactly("y");
    loose.send(1, new Barrier(1)).settle();
    assertThat(loose.received(0)).containsExactly("[barrier 1]");
  }

  @Test
  void anAbortAndAHigherBarrierEndARecording() throws Exception {
    for (boolean abort : new boolean[] {true, false}) {
      var bench = slowOutput(bench(2), 100);
      bench.send(0, new Barrier(1)).settle();
      if (abort) {
        bench.task().receive(new TaskCommand.Aborted(1));
      }
      bench.send(1, Bench.batch("a")).settle();
      bench.send(0, new Barrier(2)).settle();
      bench.send(1, Bench.batch("b")).send(1, new Barrier(1)).send(1, new Barrier(2)).settle();
      TaskEvent.Cut cut = onlyCut(bench);
      assertThat(cut.checkpoint()).isEqualTo(2);
      var found = new ArrayList<>(state(cut));
      found.addAll(inFlight(cut, true, 1));
      assertThat(found).containsExactly("a", "b");
      assertThat(bench.received(0)).containsExactly("[barrier 1]", "a", "[barrier 2]", "b");
    }
  }

  @Test
  void aTaskCutsWhileItsLastTimersFireAndItsEndWaits() throws Exception {
    var bench =
        unaligned(new Bench(), 0)
            .operator("count", Programs::countAtEnd)
            .keyedInputs(1, value -> value)
            .outputs(Partitioning.REBALANCE, 1, 1, TypeInformation.of(Programs.Word.class));
    bench.send(0, Bench.batch("a", "b", "c", "d", "e", "f", "g", "h")).send(0, new EndOfInput());
    assertThat(bench.settle()).isEqualTo(Progress.BLOCKED);
    bench.send(0, new Barrier(1)).settle();

    TaskEvent.Cut cut = onlyCut(bench);
    byte[] timers = cut.operators().get(0).keyed().orElseThrow().write();
    List<String> sent = bench.received(0);
    sent.remove("[barrier 1]");
    sent.addAll(inFlight(cut, false, 0));

    var restored =
        unaligned(new Bench(), 0)
            .part(
                "count",
                Vertex.Role.OPERATOR,
                (OperatorFactory<Object, Object>) Programs::countAtEnd,
                new TaskBlueprint.Restored(
                    OptionalLong.of(1), List.of(), List.of(), List.of(), List.of(List.of(timers))))
            .keyedInputs(1, value -> value)
            .outputs(Partitioning.REBALANCE, 1, 100, TypeInformation.of(Programs.Word.class));
    restored.send(0, new EndOfInput()).settle();
    sent.addAll(restored.received(0));
    sent.removeIf(each -> each.startsWith("["));
    assertThat(sent).hasSize(8).doesNotHaveDuplicates();
  }

  @Test
  void aRecordWithoutSerializerFailsTheCheckpointAndNotTheTask() {
    var bench = unaligned(new Bench(), 0).operator("teller", UnalignedTest::teller);
    bench.input(1, Partitioning.REBALANCE, TypeInformation.dynamic(), null).output(100);
    bench.send(0, Bench.batch("a", new Thread("no data"))).send(0, new Barrier(1));
    bench.step(1);
    TaskEvent.Cut cut = onlyCut(bench);
    assertThatThrownBy(() -> bytes(cut.inFlight().channels().get(0)))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("in flight cannot be written");
    bench.settle();
    assertThat(bench.said(TaskEvent.Failed.class)).isEmpty();
    assertThat(bench.received(0)).hasSize(3);
  }

  @Test
  void aBarrierThatWasGivenUpHidesNoneThatHasOvertakenIt() {
    var bench = unaligned(new Bench(), 50).operator("teller", UnalignedTest::teller).inputs(1);
    slowOutput(bench, 1);
    bench.send(0, Bench.batch("a", "b", "c", "d")).send(0, new Barrier(1)).settle();
    bench.task().receive(new TaskCommand.Aborted(1));
    bench.send(0, new Barrier(2, Purpose.CHECKPOINT, 60)).settle();
    assertThat(bench.out.get(0).announced().checkpoint()).isEqualTo(2);
    assertThat(bench.received(0)).containsExactly("a", "b", "c", "[barrier 2]");
    bench.settle();
    assertThat(bench.received(0)).containsExactly("d", "[barrier 1]");
    assertThat(bench.out.get(0).announced().checkpoint()).isEqualTo(2);
    assertThat(onlyCut(bench).checkpoint()).isEqualTo(2);
  }

  @Test
  void aTaskStoppedAtASavepointFiresNoTimer() {
    var bench =
        new Bench()
            .operator("count", Programs::countAtEnd)
            .keyedInputs(1, value -> value)
            .outputs(Partitioning.REBALANCE, 1, 1, TypeInformation.of(Programs.Word.class));
    bench.send(0, Bench.batch("a", "b", "c", "d", "e", "f", "g", "h"));
    bench.send(0, new Barrier(1, Purpose.stop("dir"))).settle();
    assertThat(bench.received(0)).containsExactly("[barrier 1]");

    bench.task().receive(new TaskCommand.Completed(1, true));
    assertThat(bench.settle()).isEqualTo(Progress.DONE);
  }
}
