package io.millrace.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.StreamExecutionEnvironment;
import io.millrace.api.config.Configuration;
import io.millrace.api.executor.JobClient;
import io.millrace.api.sink.DiscardingSink;
import io.millrace.runtime.host.LocalCluster;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** A program in a cluster that the test has for itself. */
class OwnClusterTest {
  private static final AtomicLong SUM = new AtomicLong();

  @Test
  void runsAJobToItsEnd() throws Exception {
    var env = StreamExecutionEnvironment.getExecutionEnvironment();
    env.setParallelism(2);
    env.fromSequence(1, 100).map(number -> SUM.addAndGet(number)).sinkTo(new DiscardingSink<>());

    var settings = new Configuration(Map.of("taskmanager.numberOfTaskSlots", "2"));
    try (LocalCluster cluster = LocalCluster.start(settings)) {
      JobClient job = cluster.submit(env.getJobGraph());
      job.await();
    }
    assertThat(SUM.get()).isEqualTo(5_050);
  }
}
