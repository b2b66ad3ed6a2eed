package io.millrace.runtime.jobmanager;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.config.Configuration;
import io.millrace.runtime.checkpoint.CheckpointStore;
import io.millrace.runtime.checkpoint.DurableNames;
import io.millrace.runtime.checkpoint.MemoryCheckpointStore;
import io.millrace.runtime.checkpoint.Settlement;
import io.millrace.runtime.protocol.ClientRequest;
import io.millrace.runtime.protocol.JobId;
import io.millrace.runtime.protocol.JobSpec;
import io.millrace.runtime.protocol.JobStatus;
import java.io.IOException;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What lies in the folder of a job that has ended, by its JobManager or in its place. */
class LeftBehindTest {
  private static final String CUT = "data/00001-0000001-0000000000000000009-tm-1";

  private final MemoryCheckpointStore store = new MemoryCheckpointStore();
  private final ScriptedCluster cluster = new ScriptedCluster(store, 1, Configuration.EMPTY);

  @BeforeEach
  void forgetSinkCalls() {
    TestJobs.SINK_CALLS.clear();
  }

  private static JobSpec job(String retention) {
    return TestJobs.spec(
        new TreeMap<>(
            Map.of("execution.checkpointing.externalized-checkpoint-retention", retention)));
  }

  private void running(JobSpec spec) {
    cluster.endAfterCheckpoints = Integer.MAX_VALUE;
    cluster.submit(spec);
    cluster.until(() -> cluster.status() == JobStatus.RUNNING);
  }

  /** One TaskManager has written its part of a checkpoint, the other has not. */
  private void cut(JobId job) throws IOException {
    assertThat(names(job).createExclusive(CUT, new byte[100])).isTrue();
  }

  private DurableNames names(JobId job) {
    return store.names(store.directoryOf(job));
  }

  private List<String> files(JobId job, String folder) throws IOException {
    return names(job).list(folder).stream().map(DurableNames.Entry::name).toList();
  }

  private long manifests(JobId job) throws IOException {
    long found = 0;
    for (String epoch : files(job, "epochs")) {
      found +=
          files(job, "epochs/" + epoch).stream().filter(f -> f.startsWith("manifest-")).count();
    }
    return found;
  }

  @ParameterizedTest
  @CsvSource({
    "RETAIN_ON_CANCELLATION, 3",
    "DELETE_ON_CANCELLATION, 0",
    "NO_EXTERNALIZED_CHECKPOINTS, 0"
  })
  void ofACancelledJobIsWhatItsRetainedCheckpointsNeed(String retention, int kept)
      throws IOException {
    JobSpec spec = job(retention);
    running(spec);
    cluster.checkpoints(4);
    cut(spec.job());
    cluster.client(new ClientRequest.Cancel(7, spec.job()));
    cluster.until(() -> cluster.finished.isPresent());
    assertThat(cluster.finished).contains(JobStatus.CANCELED);
    assertThat(manifests(spec.job())).isEqualTo(kept);
    assertThat(names(spec.job()).list(CUT.substring(0, 4)))
        .extracting(DurableNames.Entry::name)
        .doesNotContain(CUT.substring(5));
  }

  @ParameterizedTest
  @CsvSource({"RETAIN_ON_CANCELLATION, 3", "DELETE_ON_CANCELLATION, 0"})
  void isTheSameIfItsJobManagerWasKilledOnTheWay(String retention, int kept) throws Exception {
    JobSpec spec = job(retention);
    running(spec);
    cluster.checkpoints(4);
    cut(spec.job());
    cluster.client(new ClientRequest.Cancel(7, spec.job()));
    cluster.until(
        () -> {
          try {
            return files(spec.job(), "epochs/00001-0000001").contains("intent");
          } catch (IOException e) {
            throw new AssertionError(e);
          }
        });
    ClassLoader loader = getClass().getClassLoader();
    var result = Settlement.clean(store, spec, loader, "clean", 0);
    assertThat(result.status()).isEqualTo(JobStatus.CANCELED);
    assertThat(manifests(spec.job())).isEqualTo(kept);
    assertThat(files(spec.job(), "data")).doesNotContain(CUT.substring(5));
    assertThat(Settlement.clean(store, spec, loader, "again", 1)).isEqualTo(result);
    assertThat(manifests(spec.job())).isEqualTo(kept);
  }

  @Test
  void ofOneThatWasKilledForNoReasonAreItsCheckpoints() throws Exception {
    JobSpec spec = job("DELETE_ON_CANCELLATION");
    running(spec);
    cluster.checkpoints(4);
    cut(spec.job());
    Settlement.clean(store, spec, getClass().getClassLoader(), "clean", 0);
    assertThat(manifests(spec.job())).isEqualTo(3);
    assertThat(files(spec.job(), "data")).doesNotContain(CUT.substring(5));
  }

  /** The last one has its state where the user may take it away. */
  @Test
  void ofOneThatWasCancelledWithASavepointAreAsManyThatNeedItNot() throws Exception {
    JobSpec spec = job("RETAIN_ON_CANCELLATION");
    running(spec);
    cluster.checkpoints(5);
    cut(spec.job());
    cluster.client(
        new ClientRequest.Savepoint(
            7, spec.job(), "0".repeat(32), Optional.of("memory:/keep"), ClientRequest.Then.CANCEL));
    cluster.until(() -> cluster.finished.isPresent());
    assertThat(cluster.finished).contains(JobStatus.CANCELED);
    assertThat(manifests(spec.job())).isEqualTo(3 + 1);
    assertThat(files(spec.job(), "data")).doesNotContain(CUT.substring(5));
  }

  /** With it no task can be named; but nothing needs to be, once all of them are dead. */
  @Test
  void isSettledThoughTheRecordOfItsDeploymentIsDamaged() throws Exception {
    JobSpec spec = job("RETAIN_ON_CANCELLATION");
    running(spec);
    cluster.checkpoints(4);
    String record = "epochs/00001-0000001/deployment-0000000001";
    byte[] bytes = names(spec.job()).read(record);
    bytes[bytes.length / 2] ^= 4;
    names(spec.job()).delete(record);
    names(spec.job()).createExclusive(record, bytes);

    ClassLoader loader = getClass().getClassLoader();
    var result = Settlement.clean(store, spec, loader, "clean", 0);
    assertThat(result.status()).isEqualTo(JobStatus.CANCELED);
    assertThat(TestJobs.SINK_CALLS).containsSubsequence("commit 4/0", "settle false");

    var next = new ScriptedCluster(store, 1, Configuration.EMPTY);
    var from = new JobSpec.RestoreFrom(store.directoryOf(spec.job()), false);
    next.endAfterCheckpoints = 6;
    next.submit(
        new JobSpec(
            new JobId("f".repeat(32)), "1".repeat(16), spec.graph(), List.of(), Optional.of(from)));
    next.until(() -> next.finished.isPresent());
    assertThat(next.finished).contains(JobStatus.FINISHED);
  }

  @Test
  void isNothingOfWhatItWasGivenOnceItHasACheckpointOfItsOwn() throws Exception {
    running(TestJobs.spec(Map.of()));
    cluster.checkpoints(2);
    cluster.client(new ClientRequest.Cancel(7, TestJobs.JOB));
    cluster.until(() -> cluster.finished.isPresent());

    var job = new JobId("f".repeat(32));
    var next = new ScriptedCluster(store, 1, Configuration.EMPTY);
    next.endAfterCheckpoints = Integer.MAX_VALUE;
    var given = new JobSpec.RestoreFrom(store.directoryOf(TestJobs.JOB), false, true);
    var spec =
        new JobSpec(
            job, "1".repeat(16), TestJobs.spec(Map.of()).graph(), List.of(), Optional.of(given));
    next.submit(spec);
    next.until(
        () -> {
          try {
            return manifests(job) > 0;
          } catch (IOException e) {
            throw new AssertionError(e);
          }
        });
    assertThat(manifests(TestJobs.JOB)).as("it was killed before it deleted them").isPositive();
    ClassLoader loader = getClass().getClassLoader();
    var result = Settlement.clean(withoutFolderOf(TestJobs.JOB), spec, loader, "clean", 0);
    assertThat(manifests(TestJobs.JOB)).as("out of reach, which keeps no job from it").isPositive();
    assertThat(Settlement.clean(store, spec, loader, "again", 0)).isEqualTo(result);
    assertThat(manifests(TestJobs.JOB)).isZero();
    assertThat(manifests(job)).isPositive();
  }

  /** The same, but for a folder that cannot be reached. */
  private CheckpointStore withoutFolderOf(JobId lost) {
    InvocationHandler refusing =
        (names, call, with) -> {
          throw new IOException("permission denied");
        };
    InvocationHandler others =
        (proxy, call, with) ->
            call.getName().equals("names") && with[0].equals(store.directoryOf(lost))
                ? proxy(DurableNames.class, refusing)
                : call.invoke(store, with);
    return proxy(CheckpointStore.class, others);
  }

  private static <T> T proxy(Class<T> type, InvocationHandler handler) {
    ClassLoader loader = LeftBehindTest.class.getClassLoader();
    return type.cast(Proxy.newProxyInstance(loader, new Class<?>[] {type}, handler));
  }
}
