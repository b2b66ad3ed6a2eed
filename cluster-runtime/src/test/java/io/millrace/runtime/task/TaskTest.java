package io.millrace.runtime.task;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.function.RichMapFunction;
import io.millrace.api.graph.Edge.Partitioning;
import io.millrace.api.graph.Vertex;
import io.millrace.api.operator.Operator;
import io.millrace.api.operator.OperatorContext;
import io.millrace.api.operator.OperatorSnapshot.Committable;
import io.millrace.api.operator.Operators;
import io.millrace.api.operator.Output;
import io.millrace.api.operator.TimerDomain;
import io.millrace.api.state.ValueState;
import io.millrace.api.state.ValueStateDescriptor;
import io.millrace.api.type.TypeInformation;
import io.millrace.runtime.exchange.Batch;
import io.millrace.runtime.exchange.Element.Barrier;
import io.millrace.runtime.exchange.Element.EndOfInput;
import io.millrace.runtime.exchange.Element.Idle;
import io.millrace.runtime.exchange.Element.Watermark;
import io.millrace.runtime.kernel.Purpose;
import java.io.FileNotFoundException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** One task, driven by hand. */
class TaskTest {
  private static final long MAX = Long.MAX_VALUE;

  private static Operator<Object, Object> same() {
    return Programs.map(Function.identity());
  }

  @Test
  void alignsBarriersUnderEveryInterleavingOfItsInputs() {
    // What each channel brings, in this order: a record before the barrier, the barrier, one after.
    for (List<Integer> order : interleavings(3, 3, 3)) {
      var bench = new Bench().operator("same", TaskTest::same).inputs(3).output(100);
      int[] sent = new int[3];
      for (int channel : order) {
        int position = sent[channel]++;
        bench.send(
            channel,
            position == 1
                ? new Barrier(7)
                : Bench.batch((position == 0 ? "before" : "after") + channel));
        bench.settle();
      }

      List<String> received = bench.received(0);
      int barrier = received.indexOf("[barrier 7]");
      assertThat(received.subList(0, barrier))
          .as("%s", order)
          .containsExactlyInAnyOrder("before0", "before1", "before2");
      assertThat(received.subList(barrier + 1, received.size()))
          .as("%s", order)
          .containsExactlyInAnyOrder("after0", "after1", "after2");
      assertThat(bench.said(TaskEvent.Cut.class)).hasSize(1);
    }
  }

  @Test
  void aBarrierThatStopsTheJobFiresNoTimer() {
    var bench = new Bench().operator("count", Programs::countAtEnd).keyedInputs(1, key -> key);
    bench.output(100).send(0, Bench.batch("a")).send(0, new Barrier(1, Purpose.stop("there")));

    bench.settle();

    assertThat(bench.received(0)).containsExactly("[barrier 1]");
    assertThat(bench.said(TaskEvent.EndOfData.class)).isEmpty();
  }

  private static List<List<Integer>> interleavings(int... left) {
    var all = new ArrayList<List<Integer>>();
    interleave(left, new ArrayList<>(), all);
    return all;
  }

  private static void interleave(int[] left, List<Integer> so, List<List<Integer>> all) {
    boolean done = true;
    for (int i = 0; i < left.length; i++) {
      if (left[i] > 0) {
        done = false;
        left[i]--;
        so.add(i);
        interleave(left, so, all);
        so.remove(so.size() - 1);
        left[i]++;
      }
    }
    if (done) {
      all.add(List.copyOf(so));
    }
  }

  @Test
  void atLeastOnceCutsWhenAllBarriersAreInAndHoldsNothingBack() {
    var bench = new Bench().operator("same", TaskTest::same).inputs(2).output(100);
    bench.set("execution.checkpointing.mode", "AT_LEAST_ONCE");
    bench.send(0, new Barrier(1)).send(0, Bench.batch("ahead")).settle();
    assertThat(bench.received(0)).containsExactly("ahead");

    bench.send(1, Bench.batch("before")).send(1, new Barrier(1)).settle();
    assertThat(bench.received(0)).containsExactly("before", "[barrier 1]");

    bench.send(0, new Barrier(2)).send(1, new Barrier(2)).settle();
    assertThat(bench.said(TaskEvent.Cut.class))
        .extracting(TaskEvent.Cut::checkpoint)
        .containsExactly(1L, 2L);
  }

  @Test
  void severalCheckpointsAreUnderWayAtOnce() {
    // What each channel brings, in this order: barrier 1, a record, barrier 2, a record, barrier 3.
    for (String mode : List.of("EXACTLY_ONCE", "AT_LEAST_ONCE")) {
      for (List<Integer> order : interleavings(5, 5)) {
        var bench = new Bench().operator("same", TaskTest::same).inputs(2).output(100);
        bench.set("execution.checkpointing.mode", mode);
        int[] sent = new int[2];
        for (int channel : order) {
          int position = sent[channel]++;
          bench.send(
              channel,
              position % 2 == 0
                  ? new Barrier(1 + position / 2)
                  : Bench.batch("between" + (position + 1) / 2));
          bench.settle();
        }

        assertThat(bench.said(TaskEvent.Cut.class))
            .as("%s %s", mode, order)
            .extracting(TaskEvent.Cut::checkpoint)
            .containsExactly(1L, 2L, 3L);
        List<String> received = bench.received(0);
        assertThat(received).hasSize(7);
        if (mode.equals("EXACTLY_ONCE")) {
          assertThat(received)
              .containsExactly(
                  "[barrier 1]",
                  "between1",
                  "between1",
                  "[barrier 2]",
                  "between2",
                  "between2",
                  "[barrier 3]");
        }
      }
    }
  }

  @Test
  void anAbortOfAnEarlierCheckpointLeavesTheLaterOne() {
    for (String mode : List.of("EXACTLY_ONCE", "AT_LEAST_ONCE")) {
      var bench = new Bench().operator("same", TaskTest::same).inputs(2).output(100);
      bench.set("execution.checkpointing.mode", mode);
      bench.send(0, new Barrier(1)).send(0, new Barrier(2)).settle();
      bench.task().receive(new TaskCommand.Aborted(1));
      bench.settle();
      bench.send(1, new Barrier(1)).send(1, new Barrier(2)).settle();
      assertThat(bench.said(TaskEvent.Cut.class))
          .as(mode)
          .extracting(TaskEvent.Cut::checkpoint)
          .containsExactly(2L);
    }
  }

  @Test
  void anAbortEndsAnAlignment() {
    var bench = new Bench().operator("same", TaskTest::same).inputs(2).output(100);
    bench.send(0, new Barrier(1)).send(0, Bench.batch("a")).settle();
    assertThat(bench.received(0)).isEmpty();

    bench.task().receive(new TaskCommand.Aborted(1));
    bench.settle();
    assertThat(bench.received(0)).containsExactly("a");

    bench.send(1, new Barrier(1)).send(1, Bench.batch("b")).settle();
    assertThat(bench.received(0)).containsExactly("b");
    assertThat(bench.said(TaskEvent.Cut.class)).isEmpty();
  }

  @Test
  void aHigherBarrierEndsAnAlignment() {
    var bench = new Bench().operator("same", TaskTest::same).inputs(2).output(100);
    bench.send(0, new Barrier(1)).send(0, Bench.batch("a")).settle();
    bench.send(1, new Barrier(2)).send(1, Bench.batch("b")).settle();
    assertThat(bench.received(0)).containsExactly("a");

    bench.send(0, new Barrier(2)).settle();
    assertThat(bench.received(0)).containsExactly("[barrier 2]", "b");
    assertThat(bench.said(TaskEvent.Cut.class))
        .extracting(TaskEvent.Cut::checkpoint)
        .containsExactly(2L);
  }

  @Test
  void anEndedInputStillBringsBarriers() {
    var bench = new Bench().operator("same", TaskTest::same).inputs(2).output(100);
    bench.send(0, new EndOfInput()).send(1, Bench.batch("a")).send(1, new Barrier(1)).settle();
    assertThat(bench.received(0)).containsExactly("a");

    bench.send(0, new Barrier(1)).settle();
    assertThat(bench.received(0)).containsExactly("[barrier 1]");

    bench.send(1, new EndOfInput()).send(1, new Barrier(2)).send(0, new Barrier(2)).settle();
    assertThat(bench.received(0))
        .containsExactly("[watermark " + MAX + "]", "[end]", "[barrier 2]");
    assertThat(bench.said(TaskEvent.EndOfData.class)).hasSize(1);

    bench.task().receive(new TaskCommand.Completed(2, true));
    assertThat(bench.settle()).isEqualTo(Progress.DONE);
    assertThat(bench.said(TaskEvent.Ended.class)).hasSize(1);
  }

  @Test
  void takesNoInputWhileAnOutputHasNoCredit() {
    var bench =
        new Bench()
            .operator("five", () -> repeat(5))
            .inputs(1)
            .output(1)
            .set("execution.checkpointing.unaligned.enabled", "false")
            .set("exchange.batch.records", "2");
    bench.send(0, Bench.batch("a", "b")).send(0, new Watermark(9)).send(0, new Barrier(1));

    assertThat(bench.settle()).isEqualTo(Progress.BLOCKED);
    assertThat(bench.task().wakeAtMillis()).isEqualTo(Long.MAX_VALUE);
    assertThat(bench.task().recordsIn()).isEqualTo(1);

    var received = new ArrayList<String>();
    while (!received.contains("[barrier 1]")) {
      var element = bench.out.get(0).poll(); // one at a time: credit for one batch
      if (element != null) {
        received.addAll(Bench.shown(element));
      }
      bench.settle();
    }
    assertThat(received)
        .containsExactly(
            "a", "a", "a", "a", "a", "b", "b", "b", "b", "b", "[watermark 9]", "[barrier 1]");
  }

  private static Operator<Object, Object> repeat(int times) {
    return new Operator<>() {
      private Output<Object> output;

      @Override
      public void open(OperatorContext context, Output<Object> out) {
        output = out;
      }

      @Override
      public void process(Object value, long timestamp) {
        for (int i = 0; i < times; i++) {
          output.collect(value, timestamp);
        }
      }
    };
  }

  /** Sets a timer for each record at a fixed time of the domain, emits when it fires. */
  private static Operator<Object, Object> timer(TimerDomain domain, long time) {
    return new Operator<>() {
      private OperatorContext context;
      private Output<Object> output;

      @Override
      public void open(OperatorContext opened, Output<Object> out) {
        context = opened;
        output = out;
      }

      @Override
      public void process(Object value, long timestamp) {
        context.keyed().setTimer(domain, time);
      }

      @Override
      public void onTimer(long firedTime, TimerDomain firedDomain) {
        output.collect(context.keyed().currentKey() + "@" + firedTime, firedTime);
      }
    };
  }

  @Test
  void firesTimersWithinTheBudgetAndLetsTheWatermarkFollow() {
    var bench =
        new Bench()
            .operator("timer", () -> timer(TimerDomain.EVENT_TIME, 50))
            .keyedInputs(1, value -> value)
            .output(1000);
    var keys = new ArrayList<Object>();
    for (int i = 0; i < 100; i++) {
      keys.add("k" + i);
    }
    bench.send(0, Bench.batch(keys.toArray())).settle();
    bench.send(0, new Watermark(60)).send(0, Bench.batch("late"));

    int steps = 0;
    var received = new ArrayList<String>();
    while (!received.contains("[watermark 60]")) {
      bench.step(10);
      received.addAll(bench.received(0));
      steps++;
    }
    assertThat(steps).isGreaterThanOrEqualTo(10);
    assertThat(received).hasSize(101).endsWith("[watermark 60]");
  }

  @Test
  void firesProcessingTimeTimersByTheWallClock() {
    var bench =
        new Bench()
            .operator("timer", () -> timer(TimerDomain.PROCESSING_TIME, 1_001_500))
            .keyedInputs(1, value -> value)
            .output(10);
    bench.send(0, Bench.batch("a")).settle();
    assertThat(bench.task().wakeAtMillis()).isEqualTo(1_500);

    bench.now = 1_499;
    bench.settle();
    assertThat(bench.received(0)).isEmpty();

    bench.now = 1_500;
    bench.settle();
    assertThat(bench.received(0)).containsExactly("a@1001500");
    assertThat(bench.task().wakeAtMillis()).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void takesInputBetweenTimersThatSetThemselvesAgain() {
    var bench =
        new Bench()
            .operator("again", () -> again(new int[1]))
            .keyedInputs(1, value -> value)
            .output(1000);
    bench.send(0, Bench.batch("a")).send(0, new Watermark(9)).send(0, new Barrier(1));

    var received = new ArrayList<String>();
    for (int step = 0; step < 20 && !received.contains("[barrier 1]"); step++) {
      bench.step(10);
      received.addAll(bench.received(0));
    }
    assertThat(received).contains("[watermark 9]", "[barrier 1]");
  }

  @Test
  void firesTimersBetweenRecordsHoweverManyThereAre() {
    var fired = new int[1];
    var bench = new Bench().operator("again", () -> again(fired)).keyedInputs(1, value -> value);
    bench.output(1000);
    for (int i = 0; i < 90; i++) {
      bench.send(0, Bench.batch("a", "b", "c"));
    }

    for (int step = 0; step < 20; step++) {
      bench.step(10);
    }
    assertThat(bench.task().recordsIn()).isBetween(50L, 150L);
    assertThat(fired[0]).isBetween(50, 150);
  }

  /** Sets a timer for each record and each timer, which is due at once. */
  private static Operator<Object, Object> again(int[] fired) {
    return new Operator<>() {
      private OperatorContext context;

      @Override
      public void open(OperatorContext opened, Output<Object> out) {
        context = opened;
      }

      @Override
      public void process(Object value, long timestamp) {
        context.keyed().setTimer(TimerDomain.PROCESSING_TIME, 1);
      }

      @Override
      public void onTimer(long time, TimerDomain domain) {
        fired[0]++;
        context.keyed().setTimer(domain, time);
      }
    };
  }

  @Test
  void mergesWatermarksOfActiveChannels() {
    var bench = new Bench().operator("same", TaskTest::same).inputs(3).output(100);
    bench.send(0, new Watermark(5)).send(1, new Watermark(7)).settle();
    assertThat(bench.received(0)).isEmpty();

    bench.send(2, new Idle(true)).settle();
    assertThat(bench.received(0)).containsExactly("[watermark 5]");

    bench.send(0, new EndOfInput()).settle();
    assertThat(bench.received(0)).containsExactly("[watermark 7]");

    bench.send(1, new Idle(true)).settle();
    assertThat(bench.received(0)).containsExactly("[idle true]");

    bench.send(2, new Watermark(6)).settle();
    assertThat(bench.received(0)).containsExactly("[idle false]");

    bench.send(2, new Watermark(8)).settle();
    assertThat(bench.received(0)).containsExactly("[watermark 8]");
  }

  /** A watermark behind it would wake those that it is told to. */
  @Test
  void tellsThatAllInputsSleepBehindTheWatermarkThatThisBrings() {
    var bench = new Bench().operator("same", TaskTest::same).inputs(2).output(100);
    bench.send(0, new Watermark(1_999)).send(1, new Watermark(999)).settle();
    assertThat(bench.received(0)).containsExactly("[watermark 999]");

    bench.send(0, new Idle(true)).settle();
    assertThat(bench.received(0)).isEmpty();

    bench.send(1, new Idle(true)).settle();
    assertThat(bench.received(0)).containsExactly("[watermark 1999]", "[idle true]");

    bench.send(1, new Watermark(1_500)).settle();
    assertThat(bench.received(0)).containsExactly("[idle false]");
  }

  @Test
  void sendsBatchesThatAreNotFullWhenItIsIdleOrTheirTimeHasCome() {
    var bench = new Bench().operator("same", TaskTest::same).inputs(1).output(10);
    bench.send(0, Bench.batch("a"));
    assertThat(bench.step(1)).isEqualTo(Progress.WORKED);
    assertThat(bench.received(0)).isEmpty();

    assertThat(bench.step(1)).isEqualTo(Progress.IDLE);
    assertThat(bench.received(0)).containsExactly("a");

    bench.send(0, Bench.batch("b"));
    bench.step(1);
    bench.send(0, Bench.batch("c"));
    bench.now += 10; // the buffer timeout
    bench.step(1);
    assertThat(bench.received(0)).containsExactly("b");
  }

  @Test
  void anOperatorMayHaveABufferTimeoutOfItsOwn() {
    var bench = new Bench().operator("same", TaskTest::same).bufferTimeout(3).inputs(1).output(10);
    bench.send(0, Bench.batch("b")).step(1);
    bench.send(0, Bench.batch("c"));
    bench.now += 3;
    bench.step(1);
    assertThat(bench.received(0)).containsExactly("b");
  }

  @Test
  void goesRoundTheConsumers() {
    var bench =
        new Bench()
            .operator("same", TaskTest::same)
            .inputs(1)
            .outputs(Partitioning.REBALANCE, 3, 10, TypeInformation.of(String.class));
    bench
        .send(0, Bench.batch("a", "b", "c", "d", "e"))
        .send(0, new Watermark(1))
        .send(0, Bench.batch("f"))
        .settle();
    assertThat(bench.received(0)).containsExactly("a", "d", "[watermark 1]");
    assertThat(bench.received(1)).containsExactly("b", "e", "[watermark 1]");
    assertThat(bench.received(2)).containsExactly("c", "[watermark 1]", "f");
  }

  @Test
  void broadcastsTheSameBatchInOrder() {
    var bench =
        new Bench()
            .operator("same", TaskTest::same)
            .inputs(1)
            .outputs(Partitioning.BROADCAST, 2, 10, TypeInformation.of(String.class));
    bench.send(0, Bench.batch("a", "b")).settle();
    assertThat(bench.out.get(0).poll()).isSameAs(bench.out.get(1).poll());
  }

  @Test
  void broadcastsToEachConsumerARecordOfItsOwnIfItMayBeChanged() {
    for (String reuse : List.of("false", "true")) {
      var bench =
          new Bench()
              .set("pipeline.object-reuse", reuse)
              .operator("same", TaskTest::same)
              .input(1, Partitioning.FORWARD, TypeInformation.of(int[].class), null)
              .outputs(Partitioning.BROADCAST, 2, 10, TypeInformation.of(int[].class));
      bench.send(0, Bench.batch((Object) new int[] {1})).settle();
      Object one = ((Batch) bench.out.get(0).poll()).value(0);
      Object other = ((Batch) bench.out.get(1).poll()).value(0);
      assertThat(one == other).isEqualTo(reuse.equals("true"));
      assertThat(one).isEqualTo(new int[] {1}).isEqualTo(other);
    }
  }

  @Test
  void noKeyIsMadeCurrentForWhoCannotAskForIt() {
    for (boolean rich : new boolean[] {false, true}) {
      var keys = new ArrayList<Object>();
      var counts =
          new RichMapFunction<Object, Object>() {
            private transient ValueState<Long> count;

            @Override
            public Object map(Object value) throws Exception {
              // Asked for late on purpose: a function may do so at any record.
              var descriptor = new ValueStateDescriptor<>("count", Long.class);
              count = count == null ? getRuntimeContext().getState(descriptor) : count;
              count.update(count.value() == null ? 1 : count.value() + 1);
              return value + " " + count.value();
            }
          };
      var bench =
          new Bench()
              .operator("map", rich ? Operators.map(counts) : Operators.map(value -> value))
              .keyedInputs(
                  1,
                  value -> {
                    keys.add(value);
                    return value;
                  })
              .output(10);

      bench.send(0, Bench.batch("a", "b", "a")).settle();

      assertThat(keys).isEqualTo(rich ? List.of("a", "b", "a") : List.of());
      assertThat(bench.received(0))
          .isEqualTo(rich ? List.of("a 1", "b 1", "a 2") : List.of("a", "b", "a"));
    }
  }

  @Test
  void copiesWhatTheProducerMayStillChange() {
    for (String reuse : List.of("false", "true")) {
      var record = new int[] {1};
      var bench =
          new Bench()
              .set("pipeline.object-reuse", reuse)
              .operator("same", TaskTest::same)
              .input(1, Partitioning.FORWARD, TypeInformation.of(int[].class), null)
              .outputs(Partitioning.FORWARD, 1, 10, TypeInformation.of(int[].class));
      bench.send(0, Bench.batch((Object) record)).settle();
      var batch = (Batch) bench.out.get(0).poll();
      assertThat(batch.value(0) == record).isEqualTo(reuse.equals("true"));
      assertThat((int[]) batch.value(0)).containsExactly(1);
    }
  }

  @Test
  void namesTheOperatorThatFailed() {
    var bench =
        new Bench()
            .operator("first", TaskTest::swallowing)
            .operator("second", () -> Programs.map(value -> fail("bad " + value)))
            .inputs(1)
            .output(10);
    bench.send(0, Bench.batch("a"));
    assertThat(bench.settle()).isEqualTo(Progress.DONE);

    TaskEvent.Failed failed = bench.said(TaskEvent.Failed.class).get(0);
    assertThat(failed.operator()).isEqualTo("second");
    assertThat(failed.cause()).hasMessage("bad a");
  }

  private static Object fail(String message) {
    throw new IllegalStateException(message);
  }

  /** User code that catches whatever comes back to it. */
  private static Operator<Object, Object> swallowing() {
    return new Operator<>() {
      private Output<Object> output;

      @Override
      public void open(OperatorContext context, Output<Object> out) {
        output = out;
      }

      @Override
      public void process(Object value, long timestamp) {
        try {
          output.collect(value, timestamp);
        } catch (RuntimeException e) {
          output = null;
        }
      }
    };
  }

  @Test
  void keepsFailuresToCloseBesideTheFirstCause() {
    var bench =
        new Bench()
            .operator(
                "broken",
                () ->
                    new Operator<>() {
                      @Override
                      public void open(OperatorContext context, Output<Object> output)
                          throws Exception {
                        throw new FileNotFoundException("/no/such/file");
                      }

                      @Override
                      public void process(Object value, long timestamp) {}

                      @Override
                      public void close() {
                        throw new IllegalStateException("half open");
                      }
                    })
            .inputs(1);
    assertThat(bench.settle()).isEqualTo(Progress.DONE);

    Throwable cause = bench.said(TaskEvent.Failed.class).get(0).cause();
    assertThat(cause).isInstanceOf(FileNotFoundException.class);
    assertThat(cause.getSuppressed()).hasSize(1);
  }

  @Test
  void commitsOneCheckpointAtATime() throws Exception {
    var shelf = new Programs.Shelf();
    var bench = new Bench().part("sink", Vertex.Role.SINK, new Programs.ShelfSink(shelf)).inputs(1);
    for (int checkpoint = 1; checkpoint <= 3; checkpoint++) {
      bench.send(0, Bench.batch("line " + checkpoint)).send(0, new Barrier(checkpoint)).settle();
    }
    for (TaskEvent.Cut cut : bench.said(TaskEvent.Cut.class)) {
      cut.operators().get(0).own().take();
    }

    bench.task().receive(new TaskCommand.Completed(1, false));
    bench.settle();
    bench.task().receive(new TaskCommand.Completed(2, false));
    bench.task().receive(new TaskCommand.Completed(3, false));
    bench.settle();
    assertThat(bench.said(TaskEvent.CommitWanted.class)).hasSize(1);
    assertThat(shelf.lines).isEmpty();

    commit(bench, 0);
    assertThat(shelf.lines).containsExactly("line 1");
    assertThat(bench.said(TaskEvent.CommitWanted.class)).hasSize(2);

    commit(bench, 1);
    assertThat(shelf.lines).containsExactly("line 1", "line 2", "line 3");
    assertThat(bench.said(TaskEvent.Committed.class))
        .extracting(TaskEvent.Committed::checkpoint)
        .containsExactly(1L, 3L);
  }

  private static void commit(Bench bench, int index) throws Exception {
    TaskEvent.CommitWanted wanted = bench.said(TaskEvent.CommitWanted.class).get(index);
    wanted.work().commit();
    bench.task().receive(new TaskCommand.CommitDone(wanted.checkpoint(), wanted.work()));
    bench.settle();
  }

  @Test
  void commitsAtOnceWhatItIsRestoredWith() throws Exception {
    var shelf = new Programs.Shelf();
    var promised = new Committable(40, "batch\nline".getBytes(StandardCharsets.UTF_8));
    var bench =
        new Bench()
            .part(
                "sink",
                Vertex.Role.SINK,
                new Programs.ShelfSink(shelf),
                new TaskBlueprint.Restored(
                    OptionalLong.of(1), List.of(), List.of(), List.of(promised), List.of()))
            .inputs(1);
    bench.settle();
    commit(bench, 0);
    assertThat(shelf.lines).containsExactly("line");

    // Ids may start anew when another job goes on from the checkpoint.
    bench.send(0, Bench.batch("more")).send(0, new Barrier(1)).settle();
    bench.said(TaskEvent.Cut.class).get(0).operators().get(0).own().take();
    bench.task().receive(new TaskCommand.Completed(1, false));
    bench.settle();
    commit(bench, 1);
    assertThat(shelf.lines).containsExactly("line", "more");
  }

  @Test
  void cancelsBeforeItOpens() {
    var bench = new Bench().operator("same", TaskTest::same).inputs(1).output(1);
    bench.task().receive(new TaskCommand.Cancel());
    assertThat(bench.settle()).isEqualTo(Progress.DONE);
    assertThat(bench.events).containsExactly(new TaskEvent.Ended());
  }
}
