package io.millrace.runtime.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.StreamExecutionEnvironment;
import io.millrace.api.config.Configuration;
import io.millrace.api.executor.JobClient;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;

/** User code that waits without having said so holds up its slot, and nothing else. */
class SlowCodeTest {
  private static final long SLOW_MILLIS = 100;
  private static final AtomicInteger SEEN = new AtomicInteger();

  @Test
  void aSlowSubtaskFailsNoCheckpointAndNoHeartbeat(TestInfo test) throws Exception {
    var output = new CommittedOutput(test.getDisplayName());
    var settings = Map.of("heartbeat.interval", "100 ms", "heartbeat.timeout", "3 s");
    try (LocalCluster cluster = LocalCluster.start(new Configuration(settings))) {
      var env = StreamExecutionEnvironment.getExecutionEnvironment();
      env.enableCheckpointing(200);
      // The first checkpoint or heartbeat that fails ends the job.
      env.set("execution.checkpointing.tolerable-failed-checkpoints", "0");
      env.set("restart-strategy.type", "none");
      env.set("exchange.batch.records", "1");
      env.set("exchange.channel.batches", "1");
      env.fromGenerator(n -> n, 60, Double.MAX_VALUE)
          .rebalance()
          .map(SlowCodeTest::slowly)
          .name("slow")
          .sinkTo(output);
      JobClient job = cluster.submit(env.getJobGraph());

      Eventually.holds(
          "a checkpoint is complete while records are left",
          () -> !output.records().isEmpty() || SEEN.get() == 60);
      assertThat(SEEN.get()).as("records seen at the first checkpoint's end").isLessThan(60);
      job.await();
      assertThat(output.records()).hasSize(60);
      assertThat(cluster.longestSteps())
          .anySatisfy(
              step -> {
                assertThat(step.operators()).contains("slow");
                assertThat(step.nanos())
                    .isGreaterThanOrEqualTo(TimeUnit.MILLISECONDS.toNanos(SLOW_MILLIS));
              });
    }
  }

  /**
   * With channels as they are by default, in which records for minutes wait in front of a barrier.
   */
  @Test
  void norDoesOneBehindChannelsThatAreFull(TestInfo test) throws Exception {
    var output = new CommittedOutput(test.getDisplayName());
    var settings = Map.of("heartbeat.interval", "100 ms", "heartbeat.timeout", "3 s");
    try (LocalCluster cluster =
        LocalCluster.start(
            new Configuration(settings).with("taskmanager.numberOfTaskSlots", "4"))) {
      var env = StreamExecutionEnvironment.getExecutionEnvironment();
      env.enableCheckpointing(200);
      env.set("execution.checkpointing.timeout", "8 s");
      env.set("execution.checkpointing.tolerable-failed-checkpoints", "0");
      env.set("restart-strategy.type", "none");
      env.setParallelism(2);
      env.fromGenerator(n -> n, Long.MAX_VALUE, Double.MAX_VALUE)
          .global()
          .map(SlowCodeTest::slowly)
          .setParallelism(1)
          .slotSharingGroup("slow")
          .sinkTo(output)
          .setParallelism(1);
      JobClient job = cluster.submit(env.getJobGraph());

      Eventually.holds(
          "several checkpoints have shown records", () -> output.records().size() > 40);
      assertThat(job.getJobStatus().join()).hasToString("RUNNING");
      job.cancel().join();
    }
  }

  /** Barriers keep their place on the edges in front of it, so they stand behind what it takes. */
  @Test
  void norDoesOneBehindSeveralEdgesThatNothingOvertakes(TestInfo test) throws Exception {
    var output = new CommittedOutput(test.getDisplayName());
    var settings = Map.of("heartbeat.interval", "100 ms", "heartbeat.timeout", "3 s");
    try (LocalCluster cluster = LocalCluster.start(new Configuration(settings))) {
      var env = StreamExecutionEnvironment.getExecutionEnvironment();
      env.enableCheckpointing(200);
      // What channels take with batches of the largest size would take minutes.
      env.set("execution.checkpointing.timeout", "30 s");
      env.set("execution.checkpointing.tolerable-failed-checkpoints", "0");
      env.set("restart-strategy.type", "none");
      env.setParallelism(1);
      env.fromGenerator(n -> n, Long.MAX_VALUE, Double.MAX_VALUE)
          .map(n -> n)
          .disableChaining()
          .map(n -> n)
          .disableChaining()
          .map(SlowCodeTest::slowly)
          .disableChaining()
          .sinkTo(output);
      JobClient job = cluster.submit(env.getJobGraph());

      Eventually.holds(
          "several checkpoints have shown records", () -> output.records().size() > 100);
      assertThat(job.getJobStatus().join()).hasToString("RUNNING");
      job.cancel().join();
    }
  }

  private static String slowly(long n) throws InterruptedException {
    SEEN.incrementAndGet();
    Thread.sleep(SLOW_MILLIS); // the fault itself
    return "record " + n;
  }
}
