package io.millrace.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.DataStream;
import io.millrace.api.function.FlatMapFunction;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * A job whose operators have each a parallelism of their own or the job's, so that they are fused
 * with one parallelism of it and exchange records with another, goes on from checkpoints in which
 * records are in flight.
 */
class RescaledInFlightTest {
  private static UserJob job() {
    var job = new SimulatedJob();
    var env = job.env();
    env.setParallelism(2).setMaxParallelism(8);
    env.enableCheckpointing(100);
    env.set("execution.checkpointing.unaligned.enabled", "true");
    env.set("exchange.batch.records", "2");
    env.set("exchange.channel.batches", "1");
    FlatMapFunction<Long, Long> thrice =
        (n, out) -> {
          for (long i = 0; i < 3; i++) {
            out.collect(3 * n + i);
          }
        };
    DataStream<Long> one = env.fromSequence(1, 150).setParallelism(3).map(n -> n);
    DataStream<Long> other = env.fromSequence(151, 300).map(n -> n).setParallelism(1);
    one.flatMap(thrice)
        .setParallelism(3)
        .map(n -> n)
        .union(other.flatMap(thrice).map(n -> n).setParallelism(3))
        .map(n -> n)
        .keyBy(n -> n % 7)
        .process(new SimTestTest.Count())
        .map(line -> line)
        .setParallelism(2)
        .sinkTo(job.sink());
    return job.built(RescaledInFlightTest.class.getClassLoader());
  }

  @Test
  void recordsInFlightAreTakenOnceWhateverIsFused() {
    live(25);
  }

  @Test
  @Tag("long")
  void recordsInFlightAreTakenOnceInManyLives() {
    live(200);
  }

  private static void live(int lives) {
    UserJob job = job();
    UserJob.Quiet quiet = job.liveQuietly();
    assertThat(quiet.output()).hasSize(900);

    List<Outcome> outcomes =
        LongStream.rangeClosed(1, lives).mapToObj(seed -> job().live(seed, quiet)).toList();

    var tally = new Tally();
    outcomes.forEach(outcome -> tally.add(outcome.tally()));
    assertThat(tally.of("records in flight restored between fused operators")).isPositive();
  }
}
