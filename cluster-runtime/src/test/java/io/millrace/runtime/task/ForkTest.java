package io.millrace.runtime.task;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.function.Collector;
import io.millrace.api.function.OutputTag;
import io.millrace.api.function.ProcessFunction;
import io.millrace.api.graph.Edge;
import io.millrace.api.graph.Edge.Partitioning;
import io.millrace.api.operator.OperatorFactory;
import io.millrace.api.operator.Operators;
import io.millrace.api.operator.join.Sided;
import io.millrace.api.type.TypeInformation;
import io.millrace.runtime.exchange.Batch;
import io.millrace.runtime.exchange.Element.Barrier;
import io.millrace.runtime.exchange.Element.EndOfInput;
import io.millrace.runtime.exchange.Element.Idle;
import io.millrace.runtime.exchange.Element.Watermark;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Chains in which an operator feeds several others. */
class ForkTest {
  private static final TypeInformation<int[]> INTS = TypeInformation.of(int[].class);
  private static final TypeInformation<String> TEXT = TypeInformation.of(String.class);
  private static final OutputTag<int[]> ASIDE = new OutputTag<>("aside") {};

  /** Changes what it gets, as a function may. */
  private static OperatorFactory<Object, Object> adding(int number) {
    return Operators.map(
        value -> {
          ((int[]) value)[0] += number;
          return value;
        });
  }

  private static OperatorFactory<Object, Object> same() {
    return Operators.map(value -> value);
  }

  private static final class Both extends ProcessFunction<Object, Object> {
    @Override
    public void processElement(Object value, Context context, Collector<Object> out) {
      context.output(ASIDE, (int[]) value);
      out.collect(value);
    }
  }

  private static Bench given(OperatorFactory<Object, Object> head) {
    return new Bench().operator("head", head).input(1, Partitioning.FORWARD, INTS, null);
  }

  private static Bench exit(Bench bench) {
    return bench.outputs(Partitioning.FORWARD, 1, 10, INTS);
  }

  private static int[] next(Bench bench, int output) {
    return (int[]) ((Batch) bench.out.get(output).poll()).value(0);
  }

  @Test
  void eachBranchMayChangeWhatItGets() {
    Bench bench = exit(given(same()));
    exit(bench.branch("head", Edge.MAIN, INTS, "tens", adding(10)));
    exit(bench.branch("head", Edge.MAIN, INTS, "hundreds", adding(100)));
    exit(bench.branch("tens", Edge.MAIN, INTS, "thousands", adding(1_000)));

    bench.send(0, Bench.batch((Object) new int[] {1})).settle();

    assertThat(next(bench, 0)).containsExactly(1);
    assertThat(next(bench, 1)).containsExactly(11);
    assertThat(next(bench, 2)).containsExactly(101);
    assertThat(next(bench, 3)).containsExactly(1_011);
  }

  @Test
  void behindAFilterIsCopiedWhatItKeepsAndNothingBefore() {
    for (String reuse : List.of("false", "true")) {
      var asked = new ArrayList<int[]>();
      OperatorFactory<Object, Object> odd =
          Operators.filter(
              value -> {
                asked.add((int[]) value);
                return ((int[]) value)[0] % 2 == 1;
              });
      Bench bench = given(same()).set("pipeline.object-reuse", reuse);
      bench.branch("head", Edge.MAIN, INTS, "odd", odd);
      bench.branch("odd", Edge.MAIN, INTS, "again", odd);
      exit(bench.branch("again", Edge.MAIN, INTS, "tens", adding(10)));
      exit(bench.branch("head", Edge.MAIN, INTS, "all", same()));
      var dropped = new int[] {2};
      var kept = new int[] {3};

      bench.send(0, Bench.batch(dropped, kept)).settle();

      assertThat(asked).hasSize(3);
      assertThat(asked.get(0)).isSameAs(dropped);
      assertThat(asked.get(1)).isSameAs(kept);
      assertThat(asked.get(2)).isSameAs(kept);
      boolean copied = reuse.equals("false");
      assertThat(kept).containsExactly(copied ? 3 : 13);
      assertThat(next(bench, 0)).containsExactly(13);
      var all = (Batch) bench.out.get(1).poll();
      assertThat((int[]) all.value(0)).containsExactly(2);
      assertThat((int[]) all.value(1)).containsExactly(copied ? 3 : 13);
    }
  }

  /** What a join does to the streams that it takes. */
  @Test
  void whatIsOnlyWrappedIsCopiedWhereItLeaves() {
    TypeInformation<Sided<int[], int[]>> pairs = Sided.type(INTS, INTS);
    @SuppressWarnings("unchecked") // records are Objects here
    var wrap =
        (OperatorFactory<Object, Object>)
            (OperatorFactory<?, ?>) Operators.map(new Sided.Left<int[], int[]>());
    Bench bench = given(same());
    bench.branch("head", Edge.MAIN, INTS, "left", wrap).outputs(Partitioning.FORWARD, 1, 10, pairs);
    exit(bench.branch("head", Edge.MAIN, INTS, "tens", adding(10)));
    var record = new int[] {1};

    bench.send(0, Bench.batch((Object) record)).settle();

    var sided = (Sided<?, ?>) ((Batch) bench.out.get(0).poll()).value(0);
    assertThat((int[]) sided.left()).containsExactly(1).isNotSameAs(record);
    assertThat(next(bench, 1)).containsExactly(11);
  }

  @Test
  void immutableRecordsAreNeverCopied() {
    var seen = new ArrayList<Object>();
    OperatorFactory<Object, Object> look =
        Operators.map(
            value -> {
              seen.add(value);
              return value;
            });
    Bench bench = new Bench().operator("head", same()).inputs(1);
    bench.branch("head", Edge.MAIN, TEXT, "a", look);
    bench.branch("head", Edge.MAIN, TEXT, "b", look);
    var record = new String("a");

    bench.send(0, Bench.batch(record)).settle();

    assertThat(seen).hasSize(2).allMatch(each -> each == record);
  }

  @Test
  void whatGoesOutAtTheSideIsItsConsumersOwn() {
    Bench bench = given(Operators.process(new Both()));
    exit(bench.branch("head", ASIDE.getId(), INTS, "tens", adding(10)));
    exit(bench.branch("head", Edge.MAIN, INTS, "hundreds", adding(100)));

    bench.send(0, Bench.batch((Object) new int[] {1})).settle();

    assertThat(next(bench, 0)).containsExactly(11);
    assertThat(next(bench, 1)).containsExactly(101);
  }

  @Test
  void theOnlyConsumerMayBeOneOfTheSide() {
    var record = new int[] {1};
    Bench bench = given(Operators.process(new Both()));
    exit(bench.branch("head", ASIDE.getId(), INTS, "tens", adding(10)));

    bench.send(0, Bench.batch((Object) record)).settle();

    assertThat(next(bench, 0)).containsExactly(11);
    assertThat(record).containsExactly(1);
  }

  @Test
  void timeIdlenessBarriersAndTheEndReachEveryBranch() {
    Bench bench = new Bench().operator("head", same()).inputs(1).output(100);
    bench.branch("head", Edge.MAIN, TEXT, "a", same()).output(100);
    bench.branch("head", Edge.MAIN, TEXT, "b", same());
    bench.branch("b", Edge.MAIN, TEXT, "c", same()).output(100);

    bench
        .send(0, Bench.batch("1"))
        .send(0, new Watermark(5))
        .send(0, Bench.batch("2"))
        .send(0, new Barrier(1))
        .send(0, new Idle(true))
        .send(0, new EndOfInput())
        .settle();

    List<String> expected = bench.received(0);
    assertThat(expected).containsSubsequence("1", "[watermark 5]", "2").contains("[end]");
    assertThat(bench.received(1)).isEqualTo(expected);
    assertThat(bench.received(2)).isEqualTo(expected);
    TaskEvent.Cut cut = bench.said(TaskEvent.Cut.class).get(0);
    assertThat(cut.operators())
        .extracting(TaskEvent.OperatorCut::uid)
        .containsExactly("head", "a", "b", "c");
  }

  @Test
  void namesTheOperatorOfABranchThatFailed() {
    Bench bench = new Bench().operator("head", same()).inputs(1);
    bench.branch("head", Edge.MAIN, TEXT, "a", same());
    bench.branch(
        "head",
        Edge.MAIN,
        TEXT,
        "b",
        Operators.map(
            value -> {
              throw new IllegalStateException("bad " + value);
            }));

    bench.send(0, Bench.batch("x")).settle();

    TaskEvent.Failed failed = bench.said(TaskEvent.Failed.class).get(0);
    assertThat(failed.operator()).isEqualTo("b");
    assertThat(failed.cause()).hasMessage("bad x");
  }

  @Test
  void whatWasInFlightToOneBranchGoesToNoOther() {
    Bench bench = new Bench().operator("head", same()).inputs(1);
    bench.branch("head", Edge.MAIN, TEXT, "a", same()).output(100);
    bench.branch("head", Edge.MAIN, TEXT, "b", same()).output(100);
    bench.inFlightTo(2, UnalignedTest.frozen("old"));

    bench.send(0, Bench.batch("new")).settle();

    assertThat(bench.received(0)).containsExactly("new");
    assertThat(bench.received(1)).containsExactly("old", "new");
  }
}
