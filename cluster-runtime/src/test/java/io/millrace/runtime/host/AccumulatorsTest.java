package io.millrace.runtime.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.millrace.api.StreamExecutionEnvironment;
import io.millrace.api.accumulator.Accumulator;
import io.millrace.api.accumulator.AverageAccumulator;
import io.millrace.api.accumulator.DoubleCounter;
import io.millrace.api.accumulator.DoubleMaximum;
import io.millrace.api.accumulator.Histogram;
import io.millrace.api.accumulator.IntCounter;
import io.millrace.api.accumulator.IntMaximum;
import io.millrace.api.accumulator.ListAccumulator;
import io.millrace.api.accumulator.LongCounter;
import io.millrace.api.accumulator.LongMaximum;
import io.millrace.api.accumulator.LongMinimum;
import io.millrace.api.executor.JobClient;
import io.millrace.api.function.OpenContext;
import io.millrace.api.function.RichMapFunction;
import io.millrace.api.sink.DiscardingSink;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class AccumulatorsTest {
  private static final int RECORDS = 3_000;
  private static final AtomicInteger FAILURES_LEFT = new AtomicInteger();
  private static final AtomicBoolean FAIL = new AtomicBoolean();
  private static final AtomicLong SEEN = new AtomicLong();

  /** One of a program's own: the longest run of equal values does not matter here, texts do. */
  static final class Texts implements Accumulator<String, String> {
    private final ArrayList<String> all = new ArrayList<>();

    @Override
    public void add(String value) {
      if (!all.contains(value)) {
        all.add(value);
        all.sort(null);
      }
    }

    @Override
    public String getLocalValue() {
      return String.join(",", all);
    }

    @Override
    public void resetLocal() {
      all.clear();
    }

    @Override
    public void merge(Accumulator<String, String> other) {
      List.of(other.getLocalValue().split(",")).forEach(this::add);
    }

    @Override
    public Texts clone() {
      var copy = new Texts();
      copy.all.addAll(all);
      return copy;
    }
  }

  /** Adds everything up; fails now and then. */
  private static final class Add extends RichMapFunction<Long, Long> {
    private transient IntCounter count;
    private transient LongMaximum highest;
    private transient LongMinimum lowest;
    private transient AverageAccumulator average;
    private transient Texts texts;

    @Override
    public void open(OpenContext context) {
      count = new IntCounter();
      highest = new LongMaximum();
      lowest = new LongMinimum();
      average = new AverageAccumulator();
      texts = new Texts();
      getRuntimeContext().addAccumulator("count", count);
      getRuntimeContext().addAccumulator("highest", highest);
      getRuntimeContext().addAccumulator("lowest", lowest);
      getRuntimeContext().addAccumulator("average", average);
      getRuntimeContext().addAccumulator("texts", texts);
    }

    @Override
    public Long map(Long value) {
      count.add(1);
      highest.add(value);
      lowest.add(value);
      average.add(value);
      texts.add("t" + value % 3);
      getRuntimeContext().getLongCounter("sum").add(value);
      getRuntimeContext().getDoubleCounter("halves").add(0.5);
      getRuntimeContext().getHistogram("sevenths").add((int) (value % 7));
      if (SEEN.incrementAndGet() % 900 == 0 && FAILURES_LEFT.getAndDecrement() > 0) {
        throw new IllegalStateException("injected");
      }
      return value;
    }
  }

  @Test
  void countEveryRecordOnceAcrossFailures() throws Exception {
    FAILURES_LEFT.set(2);
    SEEN.set(0);
    var env = StreamExecutionEnvironment.getExecutionEnvironment();
    env.set("execution.checkpointing.interval", "50 ms");
    env.set("restart-strategy.type", "fixed-delay");
    env.set("restart-strategy.fixed-delay.attempts", "10");
    env.set("restart-strategy.fixed-delay.delay", "10 ms");
    env.setParallelism(2);
    env.fromGenerator(index -> index, RECORDS, 10_000)
        .map(new Add())
        .sinkTo(new DiscardingSink<>());

    JobClient.Result result = env.execute();

    assertThat(FAILURES_LEFT.get()).isLessThanOrEqualTo(0);
    assertThat(result.<Integer>getAccumulatorResult("count")).isEqualTo(RECORDS);
    assertThat(result.<Long>getAccumulatorResult("sum")).isEqualTo(RECORDS * (RECORDS - 1L) / 2);
    assertThat(result.<Double>getAccumulatorResult("halves")).isEqualTo(RECORDS / 2.0);
    assertThat(result.<Long>getAccumulatorResult("highest")).isEqualTo(RECORDS - 1);
    assertThat(result.<Long>getAccumulatorResult("lowest")).isZero();
    assertThat(result.<Double>getAccumulatorResult("average")).isEqualTo((RECORDS - 1) / 2.0);
    assertThat(result.<String>getAccumulatorResult("texts")).isEqualTo("t0,t1,t2");
    var sevenths = new TreeMap<Integer, Integer>();
    for (int i = 0; i < RECORDS; i++) {
      sevenths.merge(i % 7, 1, Integer::sum);
    }
    assertThat(result.<TreeMap<Integer, Integer>>getAccumulatorResult("sevenths"))
        .isEqualTo(sevenths);
    assertThat(result.getAllAccumulatorResults()).hasSize(8);
    assertThat(result.<Object>getAccumulatorResult("none")).isNull();
  }

  /** Counts, and fails for good once a checkpoint has covered some. */
  private static final class CountThenFail extends RichMapFunction<Long, Long> {
    @Override
    public Long map(Long value) {
      getRuntimeContext().getLongCounter("count").add(1);
      if (FAIL.get()) {
        throw new NoClassDefFoundError("there is no second try");
      }
      return value;
    }
  }

  private static JobClient counting() throws Exception {
    FAIL.set(false);
    var env = StreamExecutionEnvironment.getExecutionEnvironment();
    env.enableCheckpointing(20);
    env.fromGenerator(index -> index, 1_000)
        .map(new CountThenFail())
        .sinkTo(new DiscardingSink<>());
    return env.executeAsync();
  }

  private static long counted(JobClient job) {
    try {
      return job.getAccumulators().get().get("count") instanceof Long count ? count : 0;
    } catch (InterruptedException | ExecutionException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void tellHowFarAJobHasComeThatRunsAndThatHasFailed() throws Exception {
    JobClient job = counting();
    Eventually.holds("a checkpoint has counted records", () -> counted(job) > 0);
    long whileItRan = counted(job);
    FAIL.set(true);

    var failure = catchThrowableOfType(JobClient.JobFailedException.class, job::await);

    assertThat(failure.cancelled()).isFalse();
    assertThat((Long) failure.accumulators().get("count")).isGreaterThanOrEqualTo(whileItRan);
    assertThat(job.getAccumulators().get()).isEqualTo(failure.accumulators());
  }

  @Test
  void tellHowFarAJobHadComeThatWasCancelled() throws Exception {
    JobClient job = counting();
    Eventually.holds("a checkpoint has counted records", () -> counted(job) > 0);
    job.cancel().get();

    var failure = catchThrowableOfType(JobClient.JobFailedException.class, job::await);

    assertThat(failure.cancelled()).isTrue();
    assertThat((Long) failure.accumulators().get("count")).isPositive();
  }

  /** Adds one of a name in an operator that has it already. */
  private static final class Twice extends RichMapFunction<Long, Long> {
    @Override
    public void open(OpenContext context) {
      getRuntimeContext().addAccumulator("n", new IntCounter());
      getRuntimeContext().addAccumulator("n", new IntMaximum());
    }

    @Override
    public Long map(Long value) {
      return value;
    }
  }

  @Test
  void aNameIsGivenOnce() {
    var env = StreamExecutionEnvironment.getExecutionEnvironment();
    env.set("restart-strategy.type", "none");
    env.fromElements(1L).map(new Twice()).sinkTo(new DiscardingSink<>());
    assertThatThrownBy(env::execute).hasMessageContaining("there is an accumulator 'n' already");
  }

  @Test
  void mergeAndClone() {
    var list = new ListAccumulator<String>();
    list.add("a");
    ListAccumulator<String> copy = list.clone();
    copy.add("b");
    list.merge(copy);
    assertThat(list.getLocalValue()).containsExactly("a", "a", "b");
    var maximum = new DoubleMaximum();
    maximum.add(2.5);
    maximum.merge(new DoubleMaximum());
    assertThat(maximum.getLocalValue()).isEqualTo(2.5);
    var sum = new DoubleCounter(1.5);
    sum.merge(new DoubleCounter(2));
    sum.resetLocal();
    assertThat(sum.clone().getLocalValue()).isZero();
    var histogram = new Histogram();
    histogram.add(3);
    histogram.merge(histogram.clone());
    assertThat(histogram.getLocalValue()).containsEntry(3, 2);
    var count = new LongCounter();
    count.add(7L);
    assertThat(count).hasToString("LongCounter 7");
  }
}
