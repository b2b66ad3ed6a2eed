package io.millrace.runtime.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.StreamExecutionEnvironment;
import io.millrace.api.config.Configuration;
import io.millrace.api.executor.JobClient;
import io.millrace.api.graph.JobGraph;
import io.millrace.runtime.checkpoint.CheckpointStore;
import io.millrace.runtime.protocol.ClientAnswer;
import io.millrace.runtime.protocol.ClientRequest;
import io.millrace.runtime.protocol.JobId;
import io.millrace.runtime.protocol.JobSpec;
import io.millrace.runtime.protocol.JobSpec.RestoreFrom;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/** A local cluster, in which jobs go on from what others have left in its store. */
final class LocalJobs implements AutoCloseable {
  private static final String LINEAGE = "00112233445566778899aabbccddeeff";

  private final LocalCluster cluster;

  /**
   * @param loader of the jobs' classes
   */
  LocalJobs(CheckpointStore store, ClassLoader loader) {
    cluster = LocalCluster.start(Configuration.EMPTY, store, new OneLoader(loader));
  }

  /** For jobs with many checkpoints, which start again at once whenever they fail. */
  static StreamExecutionEnvironment restarting(int parallelism) {
    var env = StreamExecutionEnvironment.getExecutionEnvironment();
    env.setParallelism(parallelism);
    env.setMaxParallelism(16);
    env.set("execution.checkpointing.interval", "30 ms");
    env.set("restart-strategy.type", "fixed-delay");
    env.set("restart-strategy.fixed-delay.attempts", "10");
    env.set("restart-strategy.fixed-delay.delay", "10 ms");
    return env;
  }

  /** An id of 32 times that digit. */
  static JobId id(char digit) {
    return new JobId(("" + digit).repeat(32));
  }

  JobClient start(JobId id, JobGraph graph) throws Exception {
    return start(id, graph, Optional.empty());
  }

  JobClient start(JobId id, JobGraph graph, Optional<RestoreFrom> from) throws Exception {
    cluster.client().submit(new JobSpec(id, LINEAGE, graph, List.of(), from));
    return cluster.client().follow(id, Duration.ZERO);
  }

  /** Ends the job with a savepoint; returns its path. */
  String stop(JobId id, ClientRequest.Then then) {
    var path = new AtomicReference<String>();
    Eventually.holds(
        "the savepoint is whole",
        () -> {
          ClientAnswer.Savepoint answer = ask(id, then);
          assertThat(answer.failure()).isEmpty();
          answer.path().ifPresent(path::set);
          return path.get() != null;
        });
    return path.get();
  }

  private ClientAnswer.Savepoint ask(JobId id, ClientRequest.Then then) {
    try {
      return cluster.client().savepoint(id, id.hex(), Optional.of("memory:/savepoints"), then);
    } catch (IOException | InterruptedException e) {
      throw new AssertionError("no answer", e);
    }
  }

  @Override
  public void close() {
    cluster.close();
  }
}
