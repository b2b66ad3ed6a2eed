package io.millrace.runtime.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.StreamExecutionEnvironment;
import io.millrace.api.accumulator.LongCounter;
import io.millrace.api.executor.CloseableIterator;
import io.millrace.api.executor.JobClient;
import io.millrace.api.executor.JobStatus;
import io.millrace.api.function.Collector;
import io.millrace.api.function.MapFunction;
import io.millrace.api.function.OutputTag;
import io.millrace.api.function.ProcessFunction;
import io.millrace.api.function.RichMapFunction;
import io.millrace.api.sink.DiscardingSink;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What stands in front of several jobs runs in each of them, by itself. */
@Timeout(120)
class StreamsUsedAgainTest {
  private static final OutputTag<Long> EVEN = new OutputTag<>("even") {};

  private final StreamExecutionEnvironment env =
      StreamExecutionEnvironment.getExecutionEnvironment();

  /** How many records this very object has seen. */
  private static final class Seen implements MapFunction<Long, Long> {
    long records;

    @Override
    public Long map(Long value) {
      return ++records;
    }
  }

  private static final class UpTo implements Iterator<Long>, Serializable {
    private final long last;
    private long next = 1;

    UpTo(long last) {
      this.last = last;
    }

    @Override
    public boolean hasNext() {
      return next <= last;
    }

    @Override
    public Long next() {
      return next++;
    }
  }

  private static final class Counted extends RichMapFunction<Long, Long> {
    private final LongCounter count = new LongCounter();

    @Override
    public void open(io.millrace.api.function.OpenContext context) {
      getRuntimeContext().addAccumulator("count", count);
    }

    @Override
    public Long map(Long value) {
      count.add(1L);
      return value;
    }
  }

  private static final class Apart extends ProcessFunction<Long, Long> {
    @Override
    public void processElement(Long value, Context context, Collector<Long> out) {
      if (value % 2 == 0) {
        context.output(EVEN, value);
      } else {
        out.collect(value);
      }
    }
  }

  @Test
  void aStreamIsCollectedSeveralTimesAndGoesOn() throws Exception {
    var numbers = env.fromCollection(new UpTo(4), Long.class);
    var apart = numbers.process(new Apart());

    assertThat(apart.executeAndCollect(10)).containsExactly(1L, 3L);
    assertThat(apart.executeAndCollect(10)).containsExactly(1L, 3L);
    assertThat(apart.getSideOutput(EVEN).executeAndCollect(10)).containsExactly(2L, 4L);
    assertThat(apart.map(n -> 10 * n).union(apart).executeAndCollect(10))
        .containsExactlyInAnyOrder(10L, 30L, 1L, 3L);
  }

  @Test
  void jobsThatRunSideBySideShareNoFunction() throws Exception {
    env.enableCheckpointing(20);
    var seen = new Seen();
    var numbers = env.fromGenerator(n -> n, 10_000).setParallelism(1).map(seen);
    List<CloseableIterator<Long>> jobs = new ArrayList<>();
    try {
      for (int i = 0; i < 2; i++) {
        jobs.add(numbers.executeAndCollect());
      }
      // Both run now, without end.
      for (CloseableIterator<Long> job : jobs) {
        var first = new ArrayList<Long>();
        while (first.size() < 1_000) {
          first.add(job.next());
        }
        assertThat(first).isEqualTo(LongStream.rangeClosed(1, 1_000).boxed().toList());
      }
      assertThat(seen.records).isZero();
    } finally {
      for (CloseableIterator<Long> job : jobs) {
        job.close();
      }
    }
  }

  @Test
  void aJobIsAddedToWhatARunningOneReads() throws Exception {
    env.enableCheckpointing(20);
    var numbers = env.fromGenerator(n -> n, 10_000).setParallelism(1);
    numbers.sinkTo(new DiscardingSink<>());
    JobClient first = env.executeAsync("without end");
    numbers.name("renamed").setParallelism(1);

    assertThat(numbers.map(n -> -n).executeAndCollect(3)).containsExactly(0L, -1L, -2L);
    assertThat(first.getJobStatus().get()).isNotIn(JobStatus.FINISHED, JobStatus.CANCELED);
    first.cancel().get();
  }

  @Test
  void accumulatorsAreThoseOfOneJob() throws Exception {
    var counted = env.fromSequence(1, 5).map(new Counted());
    for (int i = 0; i < 2; i++) {
      counted.sinkTo(new DiscardingSink<>());
      assertThat(env.execute().<Long>getAccumulatorResult("count")).isEqualTo(5L);
    }
  }
}
