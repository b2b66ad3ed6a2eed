package io.millrace.runtime.task;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.function.Partitioner;
import io.millrace.api.graph.Edge.Partitioning;
import io.millrace.api.type.TypeInformation;
import io.millrace.runtime.exchange.Element.Barrier;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** Which consumer gets which record. */
class PartitioningTest {
  private static Bench bench() {
    return new Bench().operator("same", () -> Programs.map(Function.identity())).inputs(1);
  }

  private static Bench outputs(Partitioning partitioning, int count) {
    return bench().outputs(partitioning, count, 100, TypeInformation.of(String.class));
  }

  @Test
  void aPartitionerChoosesTheSubtaskByItsKey() {
    Partitioner<Object> partitioner =
        Partitioner.of(
            (Integer length, int count) -> length % count,
            (Object value) -> value.toString().length());
    var bench = bench().partitionedOutputs(3, partitioner);

    bench.send(0, Bench.batch("a", "bb", "ccc", "d", "eeeee")).send(0, new Barrier(1)).settle();

    assertThat(bench.received(0)).containsExactly("ccc", "[barrier 1]");
    assertThat(bench.received(1)).containsExactly("a", "d", "[barrier 1]");
    assertThat(bench.received(2)).containsExactly("bb", "eeeee", "[barrier 1]");
  }

  @Test
  void aSubtaskThatDoesNotExistFailsTheProducer() {
    var bench = bench().partitionedOutputs(3, (value, count) -> count);

    bench.send(0, Bench.batch("a")).settle();

    TaskEvent.Failed failed = bench.said(TaskEvent.Failed.class).get(0);
    assertThat(failed.operator()).isEqualTo("same");
    assertThat(failed.cause()).hasMessageContaining("must return 0 to 2").hasMessageContaining("3");
  }

  @Test
  void globalSendsAllToTheFirstAndControlToEverybody() {
    var bench = outputs(Partitioning.GLOBAL, 2);

    bench.send(0, Bench.batch("a", "b")).send(0, new Barrier(1)).settle();

    assertThat(bench.received(0)).containsExactly("a", "b", "[barrier 1]");
    assertThat(bench.received(1)).containsExactly("[barrier 1]");
  }

  @Test
  void rescaleTakesTurnsAmongItsOwnConsumers() {
    var bench = outputs(Partitioning.RESCALE, 2);

    bench.send(0, Bench.batch("a", "b", "c")).settle();

    assertThat(bench.received(0)).containsExactly("a", "c");
    assertThat(bench.received(1)).containsExactly("b");
  }

  @Test
  void shuffleSpreadsRecordsWithoutLosingOrDoublingAny() {
    var bench = outputs(Partitioning.SHUFFLE, 2);
    var sent = new ArrayList<String>();
    for (int i = 0; i < 100; i++) {
      sent.add("r" + i);
    }

    bench.send(0, Bench.batch(sent.toArray())).settle();

    List<String> first = bench.received(0);
    List<String> second = bench.received(1);
    assertThat(first.size()).isBetween(20, 80);
    var all = new ArrayList<>(first);
    all.addAll(second);
    assertThat(all).containsExactlyInAnyOrderElementsOf(sent);
  }
}
