package io.millrace.runtime.task;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.graph.Edge.Partitioning;
import io.millrace.api.graph.Vertex;
import io.millrace.api.operator.Operator;
import io.millrace.api.operator.OperatorContext;
import io.millrace.api.operator.OperatorFactory;
import io.millrace.api.operator.Output;
import io.millrace.api.operator.TimerDomain;
import io.millrace.api.type.TypeInformation;
import io.millrace.runtime.exchange.Element.Barrier;
import io.millrace.runtime.exchange.Element.Watermark;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** A barrier that overtakes cuts a task between two timers of one watermark. */
class DueTimersTest {
  private static final List<String> KEYS = List.of("abcdefghijklmnopqrst".split(""));

  /** Tells each record and, at 5, that its key is due, and what time it is then. */
  private static Operator<Object, Object> alarm() {
    return new Operator<>() {
      private OperatorContext context;
      private Output<Object> out;

      @Override
      public void open(OperatorContext itsContext, Output<Object> output) {
        context = itsContext;
        out = output;
      }

      @Override
      public void process(Object value, long timestamp) {
        if (!value.toString().endsWith("again")) {
          context.keyed().setTimer(TimerDomain.EVENT_TIME, 5);
        }
        out.collect(value, timestamp);
      }

      @Override
      public void onTimer(long time, TimerDomain domain) {
        out.collect(context.keyed().currentKey() + " due at " + context.currentWatermark(), time);
      }
    };
  }

  private static Bench bench(TaskBlueprint.Restored restored) {
    return new Bench()
        .set("execution.checkpointing.unaligned.enabled", "true")
        .part(
            "alarm",
            Vertex.Role.OPERATOR,
            (OperatorFactory<Object, Object>) DueTimersTest::alarm,
            restored);
  }

  private static Bench keyed(Bench bench) {
    return bench.keyedInputs(2, value -> value.toString().substring(0, 1));
  }

  private static byte[] bytes(FrozenChannel channel) {
    var all = new ByteArrayOutputStream();
    channel.parts().forEachRemaining(all::writeBytes);
    return all.toByteArray();
  }

  /** What comes behind the watermark finds its key's timer fired, as it would have. */
  @Test
  void thoseThatWereDueFireBeforeWhatWasInFlightBehindTheCutWhateverTheParallelism()
      throws Exception {
    Bench bench =
        keyed(bench(TaskBlueprint.Restored.NOTHING))
            .outputs(Partitioning.REBALANCE, 1, 1, TypeInformation.of(String.class));
    bench.send(1, new Watermark(7));
    bench.send(0, Bench.batch(KEYS.toArray())).send(0, new Watermark(9)).settle();
    var before = new ArrayList<String>();
    while (!bench.task().isFiring()) {
      before.addAll(bench.received(0));
      bench.settle();
    }
    bench.send(0, Bench.batch(KEYS.stream().map(key -> key + " again").toArray()));
    bench.send(0, new Barrier(1)).send(1, new Barrier(1));
    assertThat(bench.settle()).isEqualTo(Progress.BLOCKED);

    TaskEvent.Cut cut = bench.said(TaskEvent.Cut.class).get(0);
    byte[] state = cut.operators().get(0).keyed().orElseThrow().write();
    before.addAll(bench.received(0));
    var toConsumer = new ArrayList<FrozenChannel>();
    for (FrozenChannel channel : cut.inFlight().channels()) {
      if (channel.queued()) {
        toConsumer.add(channel);
      } else {
        FrozenChannel.read(
            bytes(channel),
            channel.edge(),
            channel.records(),
            getClass().getClassLoader(),
            element -> before.addAll(Bench.shown(element)));
      }
    }
    long fired = before.stream().filter(each -> each.contains("due")).count();
    assertThat(fired).as("timers before the cut").isBetween(1L, KEYS.size() - 1L);

    for (int parallelism = 1; parallelism <= 3; parallelism++) {
      var all = new ArrayList<>(before);
      for (int subtask = 0; subtask < parallelism; subtask++) {
        all.addAll(restored(state, toConsumer, subtask, parallelism));
      }
      for (String key : KEYS) {
        assertThat(all)
            .filteredOn(each -> each.startsWith(key))
            .as("of a key, restored with parallelism %s", parallelism)
            .containsExactly(key, key + " due at 7", key + " again");
      }
    }
  }

  private static List<String> restored(
      byte[] state, List<FrozenChannel> inFlight, int subtask, int parallelism) {
    Bench bench =
        bench(
            new TaskBlueprint.Restored(
                OptionalLong.of(1), List.of(), List.of(), List.of(), List.of(List.of(state))));
    for (FrozenChannel channel : inFlight) {
      bench.inFlight(channel.producer(), parallelism == 1, parallelism > 1, bytes(channel));
    }
    keyed(bench.subtask(subtask, parallelism)).output(100).settle();
    return bench.received(0);
  }
}
