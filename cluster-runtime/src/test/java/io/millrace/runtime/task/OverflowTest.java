package io.millrace.runtime.task;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.graph.Edge.Partitioning;
import io.millrace.api.operator.Operator;
import io.millrace.api.operator.OperatorContext;
import io.millrace.api.operator.Output;
import io.millrace.api.type.NoSerializerException;
import io.millrace.api.type.TypeInformation;
import io.millrace.runtime.exchange.Batch;
import io.millrace.runtime.exchange.Element;
import io.millrace.runtime.exchange.Element.Barrier;
import io.millrace.runtime.exchange.Element.EndOfInput;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** A task that emits far more than its consumers take. */
class OverflowTest {
  /** Room for one batch of three short strings, beside the one that is not counted. */
  private static final int FEW = 200;

  /** For each input n: n records, and a watermark behind every tenth. */
  private static Operator<Object, Object> burst(Function<Integer, Object> record) {
    return new Operator<>() {
      private Output<Object> out;

      @Override
      public void open(OperatorContext context, Output<Object> output) {
        out = output;
      }

      @Override
      public void process(Object value, long timestamp) {
        for (int i = 0; i < Integer.parseInt((String) value); i++) {
          out.collect(record.apply(i), 1_000 - i);
          if (i % 10 == 9) {
            out.watermark(i);
          }
        }
      }
    };
  }

  private static Bench bench(int memory, Function<Integer, Object> record) {
    return new Bench()
        .set("exchange.overflow.memory", memory + " b")
        .operator("burst", () -> burst(record))
        .inputs(1);
  }

  private static Bench strings(int memory) {
    return bench(memory, i -> "r" + i).output(1);
  }

  private static List<String> expected(int records) {
    var all = new ArrayList<String>();
    for (int i = 0; i < records; i++) {
      all.add("r" + i);
      if (i % 10 == 9) {
        all.add("[watermark " + i + "]");
      }
    }
    return all;
  }

  /** Takes everything out, as slowly as can be. */
  private static List<String> drained(Bench bench, int channel) {
    var seen = new ArrayList<String>();
    while (true) {
      Element element = bench.out.get(channel).poll();
      if (element == null
          && bench.step(100) != Progress.WORKED
          && bench.out.get(channel).isEmpty()) {
        return seen;
      }
      if (element != null) {
        seen.addAll(Bench.shown(element));
      }
    }
  }

  @Test
  void whatComesBackFromDiskIsInOrderWithWatermarksBetween() {
    var bench = strings(FEW);
    bench.send(0, Bench.batch("200")).settle();
    assertThat(bench.task().overflowOnDisk()).isPositive();
    assertThat(bench.disk.open).isEqualTo(1);

    assertThat(drained(bench, 0)).isEqualTo(expected(200));
  }

  @Test
  void timestampsComeBackToo() {
    var bench = strings(0);
    bench.send(0, Bench.batch("9")).settle();
    var timestamps = new ArrayList<Long>();
    for (int i = 0; i < 3; i++) {
      var batch = (Batch) bench.out.get(0).poll();
      IntStream.range(0, batch.size()).forEach(each -> timestamps.add(batch.timestamp(each)));
      bench.settle();
    }
    assertThat(bench.disk.created).isEqualTo(1);
    assertThat(timestamps).containsExactly(1_000L, 999L, 998L, 997L, 996L, 995L, 994L, 993L, 992L);
  }

  @Test
  void theFileIsGoneAsSoonAsItIsDrainedAndComesAnewForTheNextBurst() {
    var bench = strings(FEW);
    bench.send(0, Bench.batch("100", "50"));
    bench.settle();
    assertThat(bench.disk.open).isEqualTo(1);

    var both = new ArrayList<>(expected(100));
    both.addAll(expected(50));
    // Watermarks only rise.
    both.removeAll(
        IntStream.range(0, 5).mapToObj(i -> "[watermark " + (10 * i + 9) + "]").toList());
    var seen = drained(bench, 0);
    seen.removeAll(
        IntStream.range(0, 5).mapToObj(i -> "[watermark " + (10 * i + 9) + "]").toList());
    assertThat(seen).isEqualTo(both);
    assertThat(bench.disk.created).isEqualTo(2);
    assertThat(bench.disk.open).isZero();
    assertThat(bench.task().overflowOnDisk()).isZero();
    assertThat(bench.task().overflowInMemory()).isZero();
  }

  @Test
  void memoryStaysBelowTheLimitOverAllGates() {
    int limit = 2_000;
    var bench =
        bench(limit, i -> "r" + i)
            .outputs(Partitioning.REBALANCE, 4, 1, TypeInformation.of(String.class));
    bench.send(0, Bench.batch("1000")).settle();
    assertThat(bench.task().overflowInMemory()).isBetween(limit / 2L, (long) limit);
    assertThat(bench.task().overflowOnDisk()).isPositive();
    for (int channel = 0; channel < 4; channel++) {
      int first = channel;
      assertThat(drained(bench, channel).stream().filter(each -> each.startsWith("r")))
          .containsExactlyElementsOf(
              IntStream.range(0, 250).mapToObj(i -> "r" + (4 * i + first)).toList());
    }
    assertThat(bench.disk.open).isZero();
    assertThat(bench.task().overflowInMemory()).isZero();
  }

  @Test
  void aBroadcastBatchIsWrittenOnceAndReadByAll() {
    var bench =
        bench(FEW, i -> "r" + i)
            .outputs(Partitioning.BROADCAST, 3, 1, TypeInformation.of(String.class));
    bench.send(0, Bench.batch("100")).settle();
    // Each record takes less than ten bytes: "r" and two digits, its length, and a timestamp.
    assertThat(bench.disk.written).isLessThan(100 * 10);

    assertThat(drained(bench, 0)).isEqualTo(expected(100));
    assertThat(bench.disk.open).as("others have not read it").isEqualTo(1);
    assertThat(drained(bench, 1)).isEqualTo(expected(100));
    assertThat(drained(bench, 2)).isEqualTo(expected(100));
    assertThat(bench.disk.open).isZero();
  }

  @Test
  void noInputIsTakenAndBarriersWaitBehindWhatIsOnDisk() {
    var bench = strings(0);
    bench.send(0, Bench.batch("100")).send(0, new Barrier(7)).send(0, Bench.batch("1")).settle();
    assertThat(bench.task().recordsIn()).isEqualTo(1);

    var all = new ArrayList<>(expected(100));
    all.add("[barrier 7]");
    all.add("r0");
    bench.now += 1_000;
    assertThat(drained(bench, 0)).isEqualTo(all);
  }

  @Test
  void theEndWaitsBehindWhatIsOnDisk() {
    var bench = strings(0);
    bench.send(0, Bench.batch("40")).send(0, new EndOfInput()).settle();
    assertThat(bench.said(TaskEvent.EndOfData.class)).isEmpty();

    var all = new ArrayList<>(expected(40));
    all.add("[watermark " + Long.MAX_VALUE + "]");
    all.add("[end]");
    assertThat(drained(bench, 0)).isEqualTo(all);
    assertThat(bench.said(TaskEvent.EndOfData.class)).hasSize(1);
    assertThat(bench.disk.open).isZero();
  }

  @Test
  void nothingGoesToDiskUnderTheLimitOrUnderPlainBackPressure() {
    var roomy = strings(1 << 20);
    roomy.send(0, Bench.batch("500")).settle();
    assertThat(drained(roomy, 0)).isEqualTo(expected(500));
    assertThat(roomy.disk.created).isZero();

    var pressed = strings(0);
    for (int i = 0; i < 20; i++) {
      pressed.send(0, Bench.batch("3"));
    }
    assertThat(drained(pressed, 0)).hasSize(60);
    assertThat(pressed.disk.created).isZero();
  }

  @Test
  void theFileGoesWithTheTaskHoweverItEnds() {
    var closed = strings(0);
    closed.send(0, Bench.batch("100")).settle();
    closed.task().close();

    var cancelled = strings(0);
    cancelled.send(0, Bench.batch("100")).settle();
    cancelled.task().receive(new TaskCommand.Cancel());
    assertThat(cancelled.settle()).isEqualTo(Progress.DONE);

    var failed =
        bench(
                0,
                i -> {
                  if (i == 99) {
                    throw new IllegalStateException("enough");
                  }
                  return "r" + i;
                })
            .output(1);
    failed.send(0, Bench.batch("100")).settle();
    assertThat(failed.said(TaskEvent.Failed.class)).hasSize(1);

    for (Bench each : List.of(closed, cancelled, failed)) {
      assertThat(each.disk.created).isEqualTo(1);
      assertThat(each.disk.open).isZero();
    }
  }

  @Test
  void aDamagedByteFailsTheTaskBeforeAnybodyReadsIt() {
    var bench = strings(0);
    bench.send(0, Bench.batch("100")).settle();
    bench.disk.spoil(20);
    drained(bench, 0);

    TaskEvent.Failed failed = bench.said(TaskEvent.Failed.class).get(0);
    assertThat(failed.operator()).isEqualTo("burst");
    assertThat(failed.cause())
        .isInstanceOf(OverflowFailedException.class)
        .hasMessageContaining("CRC32C")
        .hasMessageContaining("/ram/attempt");
    assertThat(bench.disk.open).isZero();
  }

  @Test
  void aFullDiskFailsTheTaskAndSaysWhereAndWhatToDo() {
    var bench = strings(0);
    bench.disk.room = 200;
    bench.send(0, Bench.batch("100")).settle();

    TaskEvent.Failed failed = bench.said(TaskEvent.Failed.class).get(0);
    assertThat(failed.operator()).isEqualTo("burst");
    assertThat(failed.cause())
        .isInstanceOf(OverflowFailedException.class)
        .hasMessageContaining("exchange.overflow.memory (0 bytes)")
        .hasMessageContaining("/ram/attempt: No space left on device (0 bytes are free there)");
    assertThat(bench.disk.open).isZero();
  }

  @Test
  void aLargeBatchComesBackInPieces() {
    var bench =
        bench(0, i -> ("" + (char) ('a' + i)).repeat(50_000))
            .set("exchange.batch.records", "3")
            .output(1);
    bench.send(0, Bench.batch("12")).settle();
    var sizes = new ArrayList<Integer>();
    var seen = new StringBuilder();
    for (Element element = bench.out.get(0).poll();
        element != null;
        element = bench.out.get(0).poll()) {
      if (element instanceof Batch batch) {
        sizes.add(batch.size());
        IntStream.range(0, batch.size())
            .forEach(i -> seen.append(((String) batch.value(i)).charAt(0)));
      }
      bench.now += 1_000;
      bench.settle();
    }
    assertThat(seen).hasToString("abcdefghijkl");
    // One was sent, one waited in memory, the third comes back in two; then what a watermark cut.
    assertThat(sizes).containsExactly(3, 3, 2, 1, 1, 2);
  }

  /** Nothing can become bytes that holds a thread. */
  record Unwritable(Thread thread) {}

  @Test
  void aTypeWithoutSerializerStaysInMemoryAndFailsByNameWhenItMustNot() {
    var fits =
        bench(1 << 20, i -> new Unwritable(null))
            .set("pipeline.object-reuse", "true")
            .outputs(Partitioning.FORWARD, 1, 1, TypeInformation.dynamic());
    fits.send(0, Bench.batch("60")).settle();
    assertThat(drained(fits, 0).stream().filter(each -> each.startsWith("Unwritable"))).hasSize(60);

    var tooMuch =
        bench(500, i -> new Unwritable(null))
            .set("pipeline.object-reuse", "true")
            .outputs(Partitioning.FORWARD, 1, 1, TypeInformation.dynamic());
    tooMuch.send(0, Bench.batch("60")).settle();
    TaskEvent.Failed failed = tooMuch.said(TaskEvent.Failed.class).get(0);
    assertThat(failed.operator()).isEqualTo("burst");
    assertThat(failed.cause())
        .isInstanceOf(NoSerializerException.class)
        .hasMessageContaining("Thread");
  }
}
