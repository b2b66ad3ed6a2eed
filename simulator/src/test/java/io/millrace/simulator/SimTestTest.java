package io.millrace.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.AsyncDataStream;
import io.millrace.api.function.AsyncFunction;
import io.millrace.api.function.Collector;
import io.millrace.api.function.FlatMapFunction;
import io.millrace.api.function.KeyedProcessFunction;
import io.millrace.api.function.MapFunction;
import io.millrace.api.function.OpenContext;
import io.millrace.api.function.ResultFuture;
import io.millrace.api.function.SourceFunction;
import io.millrace.api.state.ValueState;
import io.millrace.api.state.ValueStateDescriptor;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class SimTestTest {
  private static final int LIVES = 30;

  static final class Count extends KeyedProcessFunction<Long, Long, String> {
    private transient ValueState<Long> count;

    @Override
    public void open(OpenContext context) {
      count = getRuntimeContext().getState(new ValueStateDescriptor<>("count", Long.class));
    }

    @Override
    public void processElement(Long value, Context context, Collector<String> out)
        throws Exception {
      long now = count.value() == null ? 1 : count.value() + 1;
      count.update(now);
      out.collect(context.getCurrentKey() + " #" + now);
    }
  }

  /** Numbers what it sees and forgets how far it was. */
  private static final class Forgetful implements MapFunction<Long, String> {
    private long seen;

    @Override
    public String map(Long value) {
      return "number " + seen++;
    }
  }

  private static UserJob job(SimulatedJob job) {
    return job.built(SimTestTest.class.getClassLoader());
  }

  @SimTest(seeds = 40)
  void keyedStateIsExact(SimulatedJob job) {
    job.env().setParallelism(2);
    job.env().fromSequence(1, 200).keyBy(n -> n % 7).process(new Count()).sinkTo(job.sink());
  }

  /** So many lives as the documentation has. */
  @SimTest(seeds = 200)
  void eachNumberIsCountedOnce(SimulatedJob job) {
    job.env().fromElements(1L, 2L, 1L).keyBy(n -> n).process(new Count()).sinkTo(job.sink());
  }

  /** One and the same job may have to exchange records where it passed them on, and back. */
  @SimTest(seeds = 20)
  void theShapeMayFollowTheParallelism(SimulatedJob job) {
    var numbers = job.env().fromSequence(1, 100).setParallelism(1);
    numbers.map(n -> n).keyBy(n -> n % 7).process(new Count()).sinkTo(job.sink());
  }

  @SimTest(seed = {3, 9})
  void onlySomeLives(SimulatedJob job) {
    FlatMapFunction<Long, Long> twice =
        (n, out) -> {
          out.collect(n);
          out.collect(n);
        };
    job.env().fromSequence(1, 50).flatMap(twice).sinkTo(job.sink());
  }

  /** Asks threads that live as long as this test does. */
  private static final class Halves implements AsyncFunction<Long, Long> {
    private static final Executor SERVICE = Executors.newFixedThreadPool(2, Halves::aside);

    private static Thread aside(Runnable work) {
      var thread = new Thread(work, "answers");
      thread.setDaemon(true);
      return thread;
    }

    @Override
    public void asyncInvoke(Long number, ResultFuture<Long> future) {
      SERVICE.execute(() -> future.complete(number % 2 == 0 ? List.of(number / 2) : List.of()));
    }
  }

  @SimTest(seeds = 30)
  void answersOfOtherThreadsCount(SimulatedJob job) {
    job.env().setParallelism(2);
    var numbers = job.env().fromSequence(1, 200);
    AsyncDataStream.unorderedWait(numbers, new Halves(), 1, TimeUnit.MINUTES, 5)
        .keyBy(n -> n % 7)
        .process(new Count())
        .sinkTo(job.sink());
  }

  @Test
  void livesWithAnswersOfOtherThreadsCanBeRepeated() {
    var simulated = new SimulatedJob();
    var numbers = simulated.env().fromSequence(1, 200);
    AsyncDataStream.unorderedWait(numbers, new Halves(), 1, TimeUnit.MINUTES, 5)
        .sinkTo(simulated.sink());
    UserJob job = job(simulated);
    UserJob.Quiet quiet = job.liveQuietly();
    for (long seed = 1; seed <= 10; seed++) {
      assertThat(job.live(seed, quiet).traceHash()).isEqualTo(job.live(seed, quiet).traceHash());
    }
  }

  private record Forever() implements SourceFunction<Long> {
    @Override
    public void run(SourceContext<Long> context) {
      throw new IllegalStateException("nobody runs it");
    }

    @Override
    public void cancel() {}
  }

  @Test
  void refusesWhatRunsOnAThreadOfItsOwn() {
    var simulated = new SimulatedJob();
    simulated.env().addSource(new Forever(), "forever").map(n -> "" + n).sinkTo(simulated.sink());
    assertThatThrownBy(() -> job(simulated))
        .hasMessageContaining("'Source: forever' is a source function")
        .hasMessageContaining("fromGenerator");
  }

  @Test
  void someLifeShowsThatAJobKeepsWhatItShouldStore() {
    var simulated = new SimulatedJob();
    simulated.env().fromSequence(1, 300).map(new Forgetful()).sinkTo(simulated.sink());
    UserJob job = job(simulated);
    UserJob.Quiet quiet = job.liveQuietly();
    assertThat(quiet.output()).hasSize(300);

    var caught = new AtomicLong(-1);
    assertThatThrownBy(
            () -> {
              for (long seed = 1; seed <= LIVES; seed++) {
                caught.set(seed);
                job.live(seed, quiet);
              }
            })
        .isInstanceOf(SimulationFailure.class)
        .hasMessageContaining("are missing")
        .hasMessageContaining("too many")
        .satisfies(
            e -> assertThat(e).hasMessageContaining("@SimTest(seed = " + caught.get() + ")"));
  }

  @Test
  void livesRestartWhatTheyRun() {
    var simulated = new SimulatedJob();
    simulated.env().fromSequence(1, 300).map(n -> n + 1).sinkTo(simulated.sink());
    UserJob job = job(simulated);
    UserJob.Quiet quiet = job.liveQuietly();
    int restarted = 0;
    for (long seed = 1; seed <= LIVES; seed++) {
      restarted += job.live(seed, quiet).deployments() > 1 ? 1 : 0;
    }
    assertThat(restarted).isGreaterThan(LIVES / 3);
  }
}
