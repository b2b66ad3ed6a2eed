package io.millrace.runtime.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.StreamExecutionEnvironment;
import io.millrace.api.executor.CloseableIterator;
import io.millrace.api.executor.ExecutionDoor;
import io.millrace.api.executor.JobClient;
import io.millrace.api.executor.JobExecutor;
import io.millrace.api.function.Collector;
import io.millrace.api.function.ProcessFunction;
import io.millrace.api.graph.JobGraph;
import io.millrace.api.tuple.Tuple1;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Records come back into the program that runs the job. */
@Timeout(120)
class CollectTest {
  private static final AtomicBoolean FAILED = new AtomicBoolean();

  private final StreamExecutionEnvironment env =
      StreamExecutionEnvironment.getExecutionEnvironment();

  private static <T> List<T> all(CloseableIterator<T> records) {
    var list = new ArrayList<T>();
    records.forEachRemaining(list::add);
    return list;
  }

  @Test
  void bringsAllRecordsInOrderAndThenEnds() throws Exception {
    try (CloseableIterator<Long> records =
        env.fromSequence(1, 1_000).setParallelism(1).executeAndCollect("numbers")) {
      assertThat(all(records)).isEqualTo(LongStream.rangeClosed(1, 1_000).boxed().toList());
      assertThat(records.hasNext()).isFalse();
      assertThatThrownBy(records::next).isInstanceOf(NoSuchElementException.class);
    }
  }

  @Test
  void bringsWhatParallelSubtasksMake() throws Exception {
    env.setParallelism(2);
    assertThat(env.fromSequence(1, 100).map(n -> n * 2).executeAndCollect(1_000))
        .containsExactlyInAnyOrderElementsOf(
            LongStream.rangeClosed(1, 100).map(n -> n * 2).boxed().toList());
  }

  @Test
  void bringsEachRecordOnceThoughTheJobFailsInBetween() throws Exception {
    FAILED.set(false);
    env.enableCheckpointing(20);
    var numbers =
        env.fromGenerator(n -> n, 600, 1_000)
            .setParallelism(1)
            .map(
                n -> {
                  if (n == 300 && FAILED.compareAndSet(false, true)) {
                    throw new IllegalStateException("once");
                  }
                  return n;
                });
    try (CloseableIterator<Long> records = numbers.executeAndCollect()) {
      assertThat(all(records)).isEqualTo(LongStream.range(0, 600).boxed().toList());
    }
    assertThat(FAILED).isTrue();
  }

  @Test
  void endsAJobWithoutEndOnceThereAreEnough() throws Exception {
    env.enableCheckpointing(20);
    assertThat(env.fromGenerator(n -> n, 10_000).setParallelism(1).executeAndCollect(5))
        .containsExactly(0L, 1L, 2L, 3L, 4L);
  }

  /** One tuple, which is changed for each record. */
  private static final class Reusing extends ProcessFunction<Long, Tuple1<Long>> {
    private final Tuple1<Long> tuple = new Tuple1<>();

    @Override
    public void processElement(Long n, Context context, Collector<Tuple1<Long>> out) {
      tuple.f0 = n;
      out.collect(tuple);
    }
  }

  @Test
  void bringsRecordsAsTheyWereWhenTheyCame() throws Exception {
    assertThat(env.fromElements(1L, 2L).process(new Reusing()).executeAndCollect(10))
        .containsExactly(Tuple1.of(1L), Tuple1.of(2L));
  }

  @Test
  void tellsThatTheJobHasFailed() throws Exception {
    env.set("restart-strategy.type", "none");
    var numbers = env.fromElements(1, 0).map(n -> 1 / n);
    try (CloseableIterator<Integer> records = numbers.executeAndCollect()) {
      assertThatThrownBy(() -> all(records))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("by zero");
    }
  }

  private record Elsewhere() implements JobExecutor {
    @Override
    public int priority() {
      return 1;
    }

    @Override
    public JobClient submit(JobGraph graph, Program program) {
      throw new AssertionError("submitted");
    }
  }

  @Test
  void isRefusedWhereJobsRunElsewhere() {
    try (var door = ExecutionDoor.install(new Elsewhere())) {
      assertThat(door).isNotNull();
      assertThatThrownBy(() -> env.fromElements(1).executeAndCollect())
          .isInstanceOf(UnsupportedOperationException.class)
          .hasMessageContaining("writeAsText");
    }
  }
}
