package io.millrace.connector.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.StreamExecutionEnvironment;
import io.millrace.api.config.Configuration;
import io.millrace.api.executor.JobClient;
import io.millrace.runtime.checkpoint.MemoryCheckpointStore;
import io.millrace.runtime.host.LocalCluster;
import io.millrace.runtime.plan.UserClasses;
import io.millrace.runtime.protocol.ClientAnswer;
import io.millrace.runtime.protocol.ClientRequest;
import io.millrace.runtime.protocol.JarRef;
import io.millrace.runtime.protocol.JobId;
import io.millrace.runtime.protocol.JobSpec;
import io.millrace.runtime.protocol.JobSpec.RestoreFrom;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Jobs whose output somebody took away, or changed, before they went on. */
@Timeout(120)
class TakenOutputTest {
  private static final long RECORDS = 3_000;
  private static final JobId FIRST = new JobId("a".repeat(32));
  private static final JobId SECOND = new JobId("b".repeat(32));

  private final MemoryCheckpointStore store = new MemoryCheckpointStore();
  @TempDir private Path folder;

  private record Classes(ClassLoader loader) implements UserClasses {
    @Override
    public ClassLoader open(JobId job, List<JarRef> jars) {
      return loader;
    }

    @Override
    public void release(JobId job) {}
  }

  private LocalCluster cluster() {
    return LocalCluster.start(
        Configuration.EMPTY, store, new Classes(TakenOutputTest.class.getClassLoader()));
  }

  private JobClient start(LocalCluster cluster, JobId id, double perSecond, Optional<String> from)
      throws Exception {
    var env = StreamExecutionEnvironment.getExecutionEnvironment();
    env.setParallelism(2);
    env.set("execution.checkpointing.interval", "50 ms");
    env.fromGenerator(index -> index, RECORDS, perSecond)
        .uid("numbers")
        .map(value -> "" + value)
        .uid("text")
        .sinkTo(new TextFileSink(output().toString(), false))
        .uid("lines");
    cluster
        .client()
        .submit(
            new JobSpec(
                id,
                "0123456789abcdef",
                env.getJobGraph(),
                List.of(),
                from.map(path -> new RestoreFrom(path, false))));
    return cluster.client().follow(id, Duration.ZERO);
  }

  private Path output() {
    return folder.resolve("out");
  }

  /** Runs a job for a while, and stops it. */
  private String stopped() throws Exception {
    try (var cluster = cluster()) {
      JobClient job = start(cluster, FIRST, 1_000, Optional.empty());
      Optional<String> path = Optional.empty();
      while (path.isEmpty()) { // each answer is waited for
        if (!parts().isEmpty()) {
          ClientAnswer.Savepoint answer =
              cluster
                  .client()
                  .savepoint(
                      FIRST,
                      FIRST.hex(),
                      Optional.of("memory:/savepoints"),
                      ClientRequest.Then.STOP);
          assertThat(answer.failure()).isEmpty();
          path = answer.path();
        }
        Thread.onSpinWait();
      }
      job.await();
      return path.get();
    }
  }

  private List<Path> parts() throws IOException {
    if (!Files.isDirectory(output())) {
      return List.of();
    }
    try (var children = Files.list(output())) {
      return children.filter(child -> child.getFileName().toString().startsWith("part-")).toList();
    }
  }

  @Test
  void aStoppedJobGoesOnAfterItsOutputWasTakenAway() throws Exception {
    String savepoint = stopped();
    var lines = new ArrayList<String>();
    for (Path part : parts()) {
      lines.addAll(Files.readAllLines(part));
      Files.delete(part);
    }

    try (var cluster = cluster()) {
      start(cluster, SECOND, RECORDS * 10, Optional.of(savepoint)).await();
    }

    for (Path part : parts()) {
      lines.addAll(Files.readAllLines(part));
    }
    assertThat(lines)
        .containsExactlyInAnyOrderElementsOf(
            LongStream.range(0, RECORDS).mapToObj(Long::toString).toList());
  }

  @Test
  void aJobWhosePromisedOutputWasChangedEndsAndSaysWhichFile() throws Exception {
    String savepoint = stopped();
    for (Path part : parts()) {
      Files.writeString(part, "changed\n");
    }

    try (var cluster = cluster()) {
      JobClient job = start(cluster, SECOND, 10, Optional.of(savepoint));
      assertThatThrownBy(job::await)
          .isInstanceOf(JobClient.JobFailedException.class)
          .hasMessageContaining(output() + "/part-")
          .hasMessageContaining("is not what was written")
          .hasMessageContaining("put the original back");
    }
  }
}
