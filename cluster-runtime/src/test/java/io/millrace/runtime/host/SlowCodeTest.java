package io.millrace.runtime.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.StreamExecutionEnvironment;
import io.millrace.api.config.Configuration;
import io.millrace.api.executor.JobClient;
import io.millrace.api.executor.JobStatus;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;

/** User code that waits without having said so holds up its slot, and nothing else. */
class SlowCodeTest {
  private static final long SLOW_MILLIS = 100;
  private static final Pattern LONGEST_STEP =
      Pattern.compile("longestStepMillis=([\\d.]+) longestStepOperators='([^']*)'");
  private static final AtomicInteger SEEN = new AtomicInteger();

  @BeforeEach
  void forgetWhatWasSeen() {
    SEEN.set(0);
  }

  @Test
  void aSlowSubtaskFailsNoCheckpointAndNoHeartbeat(TestInfo test) throws Exception {
    var output = new CommittedOutput(test.getDisplayName());
    var settings = Map.of("heartbeat.interval", "100 ms", "heartbeat.timeout", "3 s");
    try (var warnings = new LogLines(SlotThread.class.getName());
        var metrics = new LogLines("io.millrace.metrics");
        LocalCluster cluster = LocalCluster.start(new Configuration(settings))) {
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
      // Whoever reads the log finds the culprit by its name.
      assertThat(warnings.lines())
          .anySatisfy(
              line ->
                  assertThat(line).contains("One step of '").contains("slow").contains(" took "));
      Eventually.holds(
          "a metric tells of a step as long as the function waits",
          () -> metrics.lines().stream().anyMatch(SlowCodeTest::tellsOfTheSlowStep));
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

      twoCheckpointsShowRecords(job, output);
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

      twoCheckpointsShowRecords(job, output);
    }
  }

  private static void twoCheckpointsShowRecords(JobClient job, CommittedOutput output) {
    Eventually.holds(
        "two checkpoints have shown records, or the job has failed",
        () -> output.checkpoints().size() >= 2 || job.getJobStatus().join().isTerminalState());
    assertThat(job.getJobStatus().join()).isEqualTo(JobStatus.RUNNING);
    job.cancel().join();
  }

  private static boolean tellsOfTheSlowStep(String line) {
    Matcher longest = LONGEST_STEP.matcher(line);
    return longest.find()
        && Double.parseDouble(longest.group(1)) >= SLOW_MILLIS
        && longest.group(2).contains("slow");
  }

  private static String slowly(long n) throws InterruptedException {
    SEEN.incrementAndGet();
    Thread.sleep(SLOW_MILLIS); // the fault itself
    return "record " + n;
  }
}
