package io.millrace.runtime.taskmanager;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.config.Configuration;
import io.millrace.api.graph.UserCode;
import io.millrace.api.operator.Frozen;
import io.millrace.runtime.checkpoint.CheckpointStore.CorruptStateException;
import io.millrace.runtime.checkpoint.Claim;
import io.millrace.runtime.checkpoint.ControlAddress;
import io.millrace.runtime.checkpoint.MemoryCheckpointStore;
import io.millrace.runtime.checkpoint.Procedure;
import io.millrace.runtime.checkpoint.StateBytes;
import io.millrace.runtime.checkpoint.SubtaskState;
import io.millrace.runtime.exchange.ChannelBrokenException;
import io.millrace.runtime.kernel.Address;
import io.millrace.runtime.protocol.AttemptId;
import io.millrace.runtime.protocol.Epoch;
import io.millrace.runtime.protocol.Failure;
import io.millrace.runtime.protocol.JobId;
import io.millrace.runtime.protocol.JobSpec;
import io.millrace.runtime.protocol.Report;
import io.millrace.runtime.protocol.ToJobManager.Heartbeat;
import io.millrace.runtime.protocol.ToJobManager.NumberedReport;
import io.millrace.runtime.protocol.ToJobManager.Phase;
import io.millrace.runtime.protocol.ToJobManager.Register;
import io.millrace.runtime.protocol.ToTaskManager;
import io.millrace.runtime.protocol.ToTaskManager.Deploy;
import io.millrace.runtime.protocol.ToTaskManager.ReleaseJob;
import io.millrace.runtime.protocol.ToTaskManager.Shutdown;
import io.millrace.runtime.state.FrozenState;
import io.millrace.runtime.task.FileUnusableException;
import io.millrace.runtime.task.TaskEvent;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A TaskManager in a scripted world. */
class TaskManagerTest {
  private static final List<String> ALL =
      LongStream.range(0, 20).mapToObj(String::valueOf).toList();

  @Test
  void registersUntilItIsAnswered() {
    var rig = new Rig();
    rig.pass(1_000);
    assertThat(rig.sent(Register.class)).hasSize(5);

    rig.registered().pass(5_000);
    assertThat(rig.sent(Register.class)).hasSize(5);
  }

  @Test
  void runsAJobToItsEnd() {
    var job = new TestJob("toTheEnd");
    var rig = new Rig().registered();
    rig.tell(job.deploy(TestJob.FIRST, 1)).settle();
    assertThat(rig.reported(Report.Running.class)).hasSize(3);
    assertThat(rig.reported(Report.EndOfData.class)).hasSize(3);

    rig.tell(TestJob.trigger(1)).settle();
    assertThat(rig.reported(Report.CheckpointAcked.class)).hasSize(3);
    assertThat(job.shelf.lines).isEmpty();

    rig.tell(TestJob.completed(1, true)).settle();
    assertThat(job.shelf.lines).containsExactlyInAnyOrderElementsOf(ALL);
    assertThat(rig.reported(Report.Committed.class))
        .contains(new Report.Committed(TestJob.SINK, 1));
    assertThat(rig.reported(Report.Ended.class)).hasSize(3);
    assertThat(rig.taskManager.attempts()).isEmpty();

    rig.tell(new ReleaseJob(TestJob.ID, TestJob.FIRST)).settle();
    assertThat(rig.releasedClasses).containsExactly(TestJob.ID);
    assertThat(rig.releasedFiles).containsExactly(TestJob.ID);
  }

  @Test
  void saysWhatItStillHasOfAJobUntilItIsToldToForgetIt() {
    var rig = new Rig().registered();
    rig.tell(new TestJob("past").deploy(TestJob.FIRST, 1)).settle().pass(5_000);
    assertThat(rig.heartbeat.idle()).isEmpty();

    rig.tell(TestJob.cancelBelow(TestJob.FIRST, 2)).settle().pass(5_000);
    assertThat(rig.heartbeat.idle()).containsExactly(TestJob.ID);

    rig.tell(new ReleaseJob(TestJob.ID, new Epoch(1, Integer.MAX_VALUE))).settle().pass(5_000);
    assertThat(rig.releasedClasses).containsExactly(TestJob.ID);
    assertThat(rig.heartbeat.idle()).isEmpty();
  }

  @Test
  void aFileThatNoTryWillFindAsItWasEndsTheJob() {
    var rig = new Rig().registered();
    rig.filesFail = new FileUnusableException("the cached file 'words' has changed");
    rig.tell(new TestJob("unusable").deploy(TestJob.FIRST, 1)).settle();

    assertThat(rig.reported(Report.Failed.class))
        .hasSize(3)
        .allSatisfy(
            failed -> {
              assertThat(failed.failure().canHeal()).isFalse();
              assertThat(failed.failure().kind()).isEqualTo(Failure.Kind.EXTERNAL);
              assertThat(failed.failure().message())
                  .isEqualTo("the cached file 'words' has changed");
            });
  }

  @Test
  void aFileThatCannotBeReachedIsTriedAgain() {
    var rig = new Rig().registered();
    rig.filesFail = new IOException("connection refused");
    rig.tell(new TestJob("unreachable").deploy(TestJob.FIRST, 1)).settle();

    assertThat(rig.reported(Report.Failed.class))
        .hasSize(3)
        .allSatisfy(failed -> assertThat(failed.failure().canHeal()).isTrue());
  }

  @Test
  void repeatsReportsUntilTheyAreAcknowledged() {
    var rig = new Rig().registered();
    rig.deaf = true;
    rig.tell(new TestJob("repeats").deploy(TestJob.FIRST, 1)).settle();
    rig.pass(3_000);

    List<Heartbeat> heartbeats = rig.sent(Heartbeat.class);
    Heartbeat last = heartbeats.get(heartbeats.size() - 1);
    assertThat(last.reports()).extracting(NumberedReport::number).startsWith(1L, 2L, 3L);
    assertThat(last.attempts()).isPresent();

    long highest = last.reports().get(last.reports().size() - 1).number();
    rig.sent.clear();
    rig.tell(new ToTaskManager.HeartbeatAnswer(highest, last.digest())).pass(1_000);
    Heartbeat next = rig.sent(Heartbeat.class).get(0);
    assertThat(next.reports()).isEmpty();
    assertThat(next.attempts()).as("a list that the JobManager knows").isEmpty();
    assertThat(next.digest()).isEqualTo(last.digest());
  }

  @Test
  void leavesATaskAloneThatRunsAlready() {
    var job = new TestJob("twice");
    var rig = new Rig().registered();
    rig.tell(job.deploy(TestJob.FIRST, 1)).tell(job.deploy(TestJob.FIRST, 1)).settle();
    rig.tell(job.deploy(TestJob.FIRST, 1)).settle();
    assertThat(rig.reported(Report.Running.class)).hasSize(3);
  }

  @Test
  void doesNotStartAgainWhatHasEnded() {
    var job = new TestJob("ended");
    var rig = new Rig().registered();
    rig.tell(job.deploy(TestJob.FIRST, 1)).settle();
    rig.tell(TestJob.cancelBelow(TestJob.FIRST, 2)).settle();
    assertThat(rig.reported(Report.Ended.class)).hasSize(3);

    rig.tell(job.deploy(TestJob.FIRST, 1)).settle();
    assertThat(rig.taskManager.attempts()).isEmpty();
  }

  @Test
  void aHigherGenerationReplacesALowerOne() {
    var job = new TestJob("generations");
    var rig = new Rig().registered();
    rig.tell(job.deploy(TestJob.FIRST, 1)).settle();
    rig.tell(job.deploy(new Epoch(1, 2), 2)).settle();
    assertThat(rig.reported(Report.Ended.class)).hasSize(3);
    assertThat(rig.taskManager.attempts().keySet())
        .extracting(attempt -> attempt.generation())
        .containsExactly(2, 2, 2);
  }

  @Test
  void refusesALowerEpoch() {
    var job = new TestJob("epochs");
    var rig = new Rig().registered();
    rig.tell(job.deploy(new Epoch(1, 2), 1)).settle();
    rig.tell(TestJob.cancelBelow(new Epoch(1, 1), Integer.MAX_VALUE)).settle();
    assertThat(rig.taskManager.attempts()).hasSize(3);
    assertThat(rig.shutdowns).isEmpty();
  }

  @Test
  void whatOneJobManagerGaveUpBindsNoSuccessor() {
    var job = new TestJob("givenUp");
    var rig = new Rig().registered();
    rig.tell(job.deploy(new Epoch(1, 1), 1)).settle();
    rig.tell(TestJob.cancelBelow(new Epoch(1, 2), 4)).settle();
    assertThat(rig.taskManager.attempts()).isEmpty();

    rig.tell(job.deploy(new Epoch(2, 1), 2)).settle();
    assertThat(rig.taskManager.attempts()).hasSize(3);
    rig.tell(job.deploy(new Epoch(1, 2), 4)).settle();
    assertThat(rig.taskManager.attempts().keySet()).allMatch(id -> id.generation() == 2);
  }

  @Test
  void obeysANewJobManagerAndTheOldOneNoMore() {
    var job = new TestJob("takenOver");
    var rig = new Rig().registered();
    rig.tell(job.deploy(TestJob.FIRST, 1)).settle();
    rig.tell(TestJob.cancelBelow(new Epoch(2, 1), 1)).settle();
    assertThat(rig.tasks).as("what runs may run on").hasSize(3);

    rig.tell(TestJob.cancelBelow(TestJob.FIRST, Integer.MAX_VALUE)).settle();
    assertThat(rig.tasks).as("an old word").hasSize(3);
    assertThat(rig.shutdowns).isEmpty();
  }

  @Test
  void endsWhenTheJobManagerSaysSo() {
    var rig = new Rig();
    rig.tell(new Shutdown("not wanted"));
    assertThat(rig.shutdowns).hasSize(1);
  }

  @Test
  void endsWhenTheJobManagerIsSilentForTooLong() {
    var configuration = Configuration.EMPTY.with("jobmanager.silence.timeout", "20 s");
    var rig = new Rig(new MemoryCheckpointStore(), configuration).registered();
    rig.pass(60_000);
    assertThat(rig.shutdowns).as("its heartbeats are answered").isEmpty();

    rig.deaf = true;
    rig.pass(19_000);
    assertThat(rig.shutdowns).isEmpty();
    rig.pass(3_000);
    assertThat(rig.shutdowns).hasSize(1);
  }

  /** Its own JobManager may claim anew, too; that is no reason to end. */
  @ParameterizedTest
  @CsvSource({"2, 1, true", "1, 9, false", "1, 1, false"})
  void looksForAnotherJobManagerWhenItsOwnIsSilent(int attempt, int counter, boolean follows) {
    var rig = new Rig().registered();
    var job = new TestJob("silent");
    rig.tell(job.deploy(new Epoch(1, 1), 1)).settle();
    var claim = new Epoch(attempt, counter);
    var address = new ControlAddress(claim, "elsewhere", 4_000);
    var names = rig.store.names(rig.store.directoryOf(TestJob.ID));
    Procedure.run(Claim.ofJob(claim, "other", 0, Optional.of(address)), names);

    rig.pass(10_000);
    assertThat(rig.runWork()).as("it looks while it hears its own").isFalse();
    rig.deaf = true;
    rig.pass(8_000);
    assertThat(rig.runWork()).as("it looks").isTrue();
    assertThat(rig.runWork()).as("it looks twice at once").isFalse();
    rig.settle();
    assertThat(rig.followed).isEqualTo(follows ? List.of(address) : List.of());

    assertThat(rig.tasks).as("its tasks go on").hasSize(3);
    assertThat(rig.shutdowns).isEmpty();
  }

  /** Where people start it, it may have been given the address of one that has died. */
  @Test
  void looksForAJobManagerBeforeAnyHasTakenIt() {
    var store = new MemoryCheckpointStore();
    String home = store.directoryOf(TestJob.ID);
    var rig = new Rig(store, Configuration.EMPTY, Optional.of(home));
    var address = new ControlAddress(new Epoch(2, 1), "elsewhere", 4_000);
    Procedure.run(Claim.ofJob(address.epoch(), "one", 0, Optional.of(address)), store.names(home));

    rig.taskManager.receive(Address.SELF, new Line.Lost());
    rig.pass(300);
    rig.sent.clear();
    rig.settle();

    assertThat(rig.followed).containsExactly(address);
    assertThat(rig.sent(Register.class))
        .as("it brings nothing from a JobManager before")
        .isNotEmpty()
        .noneMatch(Register::inherited);
  }

  @Test
  void speaksAsSoonAsThereIsALine() {
    var rig = new Rig();
    rig.sent.clear();
    rig.taskManager.receive(Address.SELF, new Line.Made());
    assertThat(rig.sent(Register.class)).hasSize(1);

    rig.tell(new ToTaskManager.Registered(Rig.HERE.id(), 1, Optional.empty()));
    rig.sent.clear();
    rig.taskManager.receive(Address.SELF, new Line.Made());
    assertThat(rig.sent(Heartbeat.class)).hasSize(1);
  }

  @Test
  void looksForAnotherJobManagerAsSoonAsTheLineBreaks() {
    var rig = new Rig().registered();
    rig.tell(new TestJob("broken").deploy(TestJob.FIRST, 1)).settle();
    var address = new ControlAddress(new Epoch(2, 1), "elsewhere", 4_000);
    var names = rig.store.names(rig.store.directoryOf(TestJob.ID));
    Procedure.run(Claim.ofJob(address.epoch(), "other", 0, Optional.of(address)), names);

    rig.taskManager.receive(Address.SELF, new Line.Lost());
    rig.pass(300);
    rig.sent.clear();
    rig.settle();

    assertThat(rig.followed).containsExactly(address);
    assertThat(rig.sent(Register.class)).isNotEmpty().allMatch(Register::inherited);
    rig.tell(new ToTaskManager.Registered(Rig.HERE.id(), 1, Optional.empty()));
    assertThat(rig.sent(Heartbeat.class)).as("by the old one's word").isEmpty();
    rig.tell(new ToTaskManager.Registered(Rig.HERE.id(), 2, Optional.empty()));
    assertThat(rig.sent(Heartbeat.class)).hasSize(1);
    assertThat(rig.sent(Heartbeat.class).get(0).attempts().orElseThrow()).hasSize(3);
    rig.tell(TestJob.cancelBelow(TestJob.FIRST, 2)).settle();
    assertThat(rig.reported(Report.Ended.class)).as("by an old command").isEmpty();
    rig.tell(TestJob.cancelBelow(address.epoch(), 2)).settle();
    assertThat(rig.reported(Report.Ended.class)).as("by the new one's command").hasSize(3);
  }

  @Test
  void endsWhenACancelledTaskDoesNot() {
    var rig = new Rig().registered();
    rig.tell(new TestJob("stuck").deploy(TestJob.FIRST, 1)).settle();
    rig.tell(TestJob.cancelBelow(TestJob.FIRST, 2)).pass(89_000); // nobody steps the tasks
    assertThat(rig.shutdowns).isEmpty();
    rig.pass(3_000);
    assertThat(rig.shutdowns).hasSize(1);
  }

  /** The JobManager says again what it misses. */
  @ParameterizedTest
  @CsvSource({"none, 3", "job, 0"})
  void startsNothingBesideTasksOfAnotherJobIfJobsAreIsolated(String isolation, int beside) {
    var configuration = new Configuration(Map.of("millrace.session.isolation", isolation));
    var rig = new Rig(new MemoryCheckpointStore(), configuration).registered();
    rig.tell(new TestJob("one").deploy(TestJob.FIRST, 1)).settle();
    rig.tell(TestJob.cancelBelow(TestJob.FIRST, 2)); // which nobody hears before the next command
    Deploy other = ofAnotherJob(new TestJob("other").deploy(TestJob.FIRST, 1));

    rig.tell(other);
    assertThat(attemptsOf(other, rig)).isEqualTo(beside);
    rig.settle().tell(other).settle();
    assertThat(attemptsOf(other, rig)).isEqualTo(3);
  }

  private static Deploy ofAnotherJob(Deploy deploy) {
    JobSpec spec = deploy.spec();
    return new Deploy(
        new JobSpec(
            new JobId("f".repeat(32)),
            spec.lineage(),
            spec.graph(),
            spec.jars(),
            spec.files(),
            spec.restoreFrom()),
        deploy.epoch(),
        deploy.region(),
        deploy.generation(),
        deploy.locations(),
        deploy.placement(),
        deploy.tasks(),
        deploy.restoredManifest());
  }

  private static long attemptsOf(Deploy deploy, Rig rig) {
    return rig.taskManager.attempts().keySet().stream()
        .filter(attempt -> attempt.job().equals(deploy.spec().job()))
        .count();
  }

  @Test
  void cancelsWhileItLoads() {
    var rig = new Rig().registered();
    rig.tell(new TestJob("loading").deploy(TestJob.FIRST, 1));
    rig.tell(TestJob.cancelBelow(TestJob.FIRST, Integer.MAX_VALUE)).settle();
    assertThat(rig.reported(Report.Running.class)).isEmpty();
    assertThat(rig.reported(Report.Ended.class)).hasSize(3);
  }

  @Test
  void writesOneFileForAllTasksAndReadsItBack() throws IOException {
    var store = new MemoryCheckpointStore();
    var job = new TestJob("oneFile").set("execution.checkpointing.inline-threshold", "0");
    List<SubtaskState> states = checkpoint(store, job);
    List<String> files =
        states.stream()
            .flatMap(state -> state.own().stream())
            .map(bytes -> ((StateBytes.InFile) bytes).file())
            .distinct()
            .toList();
    assertThat(files).containsExactly("data/00001-0000001-0000000000000000001-tm_1-1");

    var restored = new Rig(store, Configuration.EMPTY).registered();
    var sink = job.deploy(TestJob.FIRST, 1).spec().graph().vertex("sink").code();
    restored.tell(job.deploy(new Epoch(1, 2), 2, sink, states)).settle();
    assertThat(restored.reported(Report.Running.class)).hasSize(3);
    assertThat(job.shelf.lines).as("promised by the checkpoint").containsExactlyElementsOf(ALL);
  }

  /** The job may end before the file is whole, and then nobody looks for such files any more. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void deletesAFileThatNobodyWaitsForAnyMore(boolean ended) throws IOException {
    var store = new MemoryCheckpointStore();
    store.names(store.directoryOf(TestJob.ID)).mkdir("data");
    var rig = new Rig(store, Configuration.EMPTY).registered();
    var job = new TestJob("late").set("execution.checkpointing.inline-threshold", "0");
    rig.tell(job.deploy(TestJob.FIRST, 1)).settle();
    rig.beforeAnswer =
        () -> {
          rig.tell(TestJob.cancelBelow(TestJob.FIRST, 2));
          if (ended) {
            rig.stepTasks();
            rig.deliver();
          }
        };
    rig.tell(TestJob.trigger(1)).settle();
    assertThat(rig.taskManager.attempts()).isEmpty();
    assertThat(rig.reported(Report.CheckpointAcked.class)).isEmpty();
    assertThat(store.names(store.directoryOf(TestJob.ID)).list("data")).isEmpty();
  }

  private static List<SubtaskState> checkpoint(MemoryCheckpointStore store, TestJob job)
      throws IOException {
    store.names(store.directoryOf(TestJob.ID)).mkdir("data");
    var rig = new Rig(store, Configuration.EMPTY).registered();
    rig.tell(job.deploy(TestJob.FIRST, 1)).settle();
    rig.tell(TestJob.trigger(1)).settle();
    var states = new ArrayList<SubtaskState>();
    rig.reported(Report.CheckpointAcked.class).forEach(acked -> states.addAll(acked.state()));
    assertThat(states).hasSize(3);
    return states;
  }

  @Test
  void saysWhichManifestHoldsDamagedState() throws IOException {
    var job = new TestJob("damaged");
    List<SubtaskState> states = checkpoint(new MemoryCheckpointStore(), job);
    SubtaskState enumerator =
        states.stream().filter(state -> state.uid().equals("numbers/splits")).findFirst().get();
    byte[] bytes = ((StateBytes.Inline) enumerator.own().get()).bytes().clone();
    bytes[bytes.length - 1] ^= 1;
    var damaged =
        new SubtaskState(
            enumerator.uid(),
            0,
            1,
            16,
            Optional.of(new StateBytes.Inline(bytes, enumerator.own().get().crc32c())),
            List.of(),
            Optional.empty());

    var rig = new Rig().registered();
    var sink = job.deploy(TestJob.FIRST, 1).spec().graph().vertex("sink").code();
    rig.tell(job.deploy(TestJob.FIRST, 1, sink, List.of(damaged))).settle();
    assertThat(rig.reported(Report.RestoreFailed.class))
        .extracting(Report.RestoreFailed::manifest)
        .containsExactly("manifest-of-damaged");
  }

  /** Large state is read while the task opens. */
  @Test
  void saysWhichManifestHoldsStateThatIsFoundDamagedLater() throws IOException {
    var job = new TestJob("late");
    List<SubtaskState> states = checkpoint(new MemoryCheckpointStore(), job);
    var rig = new Rig().registered();
    var sink = job.deploy(TestJob.FIRST, 1).spec().graph().vertex("sink").code();
    rig.tell(job.deploy(TestJob.FIRST, 1, sink, states)).settle();
    var found = new UncheckedIOException(new CorruptStateException("the CRC32C differs"));
    rig.taskManager.receive(
        Address.SELF, new TaskHappened(TestJob.SINK, new TaskEvent.Failed("sum", found)));
    rig.tasks.remove(TestJob.SINK);
    rig.pass(1_000);

    assertThat(rig.reported(Report.RestoreFailed.class))
        .extracting(Report.RestoreFailed::manifest)
        .containsExactly("manifest-of-late");
    assertThat(rig.reported(Report.Failed.class)).isEmpty();
  }

  @Test
  void declinesACheckpointThatCannotBeWritten() throws IOException {
    var job = new TestJob("declined").set("execution.checkpointing.inline-threshold", "0");
    var store = new MemoryCheckpointStore();
    checkpoint(store, job); // the name is taken now
    var rig = new Rig(store, Configuration.EMPTY).registered();
    rig.tell(job.deploy(TestJob.FIRST, 1)).settle();
    rig.tell(TestJob.trigger(1)).settle();
    assertThat(rig.reported(Report.CheckpointDeclined.class)).hasSize(3);
    assertThat(rig.taskManager.attempts()).hasSize(3);
  }

  @Test
  void triesACommitAgainUntilItSucceeds() {
    var job = new TestJob("retries");
    job.failingCommits = 3;
    var rig = new Rig().registered();
    rig.tell(job.deploy(TestJob.FIRST, 1)).settle();
    rig.tell(TestJob.trigger(1)).settle();
    rig.tell(TestJob.completed(1, true)).settle();
    assertThat(job.shelf.lines).isEmpty();

    for (int i = 0; i < 4; i++) {
      rig.pass(500).settle();
    }
    assertThat(job.shelf.lines).hasSize(20);
    assertThat(rig.reported(Report.Ended.class)).hasSize(3);
  }

  @Test
  void failsForGoodIfACommitMeetsSomethingElse() {
    var job = new TestJob("conflict");
    job.failingCommits = -1;
    var rig = new Rig().registered();
    rig.tell(job.deploy(TestJob.FIRST, 1)).settle();
    rig.tell(TestJob.trigger(1)).settle();
    rig.tell(TestJob.completed(1, false)).settle();

    Failure failure = rig.reported(Report.Failed.class).get(0).failure();
    assertThat(failure.canHeal()).isFalse();
    assertThat(failure.headline())
        .isEqualTo("sink (subtask 0): part-0 is there already with other bytes");
  }

  @Test
  void saysThatUnreadableCodeCannotHeal() {
    var rig = new Rig().registered();
    var sink = new UserCode("sink", new byte[] {1, 2, 3});
    rig.tell(new TestJob("unreadable").deploy(TestJob.FIRST, 1, sink, List.of())).settle();

    Failure failure = rig.reported(Report.Failed.class).get(0).failure();
    assertThat(failure.kind()).isEqualTo(Failure.Kind.USER);
    assertThat(failure.canHeal()).isFalse();
    assertThat(failure.message()).startsWith("sink cannot be opened");
  }

  @Test
  void reportsALostConnectionOnlyIfNothingExplainsIt() {
    var broken = new TaskEvent.Failed("", new ChannelBrokenException("tm-2 is gone"));
    for (boolean explained : List.of(true, false)) {
      var rig = new Rig().registered();
      rig.tell(new TestJob("connection").deploy(TestJob.FIRST, 1)).settle();
      rig.taskManager.receive(Address.SELF, new TaskHappened(TestJob.SINK, broken));
      rig.tasks.remove(TestJob.SINK);
      if (explained) {
        rig.tell(TestJob.cancelBelow(TestJob.FIRST, 2)).settle();
      }
      rig.pass(1_000);
      assertThat(rig.reported(Report.Failed.class)).hasSize(explained ? 0 : 1);
      assertThat(rig.reported(Report.Ended.class)).hasSize(explained ? 3 : 0);
    }
  }

  @Test
  void takesALostTriggerTheSecondTime() {
    var job = new TestJob("lostTrigger");
    var rig = new Rig().registered();
    rig.tell(job.deploy(TestJob.FIRST, 1)).settle();
    rig.tell(TestJob.trigger(4)).tell(TestJob.trigger(4)).tell(TestJob.trigger(3)).settle();
    assertThat(rig.reported(Report.CheckpointAcked.class))
        .extracting(Report.CheckpointAcked::checkpoint)
        .containsExactly(4L, 4L, 4L);
    assertThat(rig.taskManager.attempts().values()).containsOnly(Phase.END_OF_DATA);
  }

  // ---- what a checkpoint froze

  /** State that one task cut for a checkpoint for which the others have not cut yet. */
  private static final class Cut implements FrozenState {
    private boolean discarded;

    @Override
    public Iterator<byte[]> parts() {
      throw new AssertionError("nobody may write what is only a part of a checkpoint");
    }

    @Override
    public void discard() {
      discarded = true;
    }

    static Cut at(Rig rig, long checkpoint) {
      var cut = new Cut();
      var operator = new TaskEvent.OperatorCut("sink", 1, 16, Frozen.NOTHING, Optional.of(cut));
      rig.taskManager.receive(
          Address.SELF,
          new TaskHappened(TestJob.SINK, new TaskEvent.Cut(checkpoint, "", List.of(operator))));
      return cut;
    }
  }

  @Test
  void releasesWhatAnAbortedCheckpointFroze() {
    var rig = new Rig().registered();
    rig.tell(new TestJob("aborts").deploy(TestJob.FIRST, 1)).settle();
    Cut aborted = Cut.at(rig, 4);
    Cut later = Cut.at(rig, 5);
    rig.tell(new ToTaskManager.CheckpointAborted(TestJob.ID, TestJob.FIRST, 0, 1, 4));
    assertThat(aborted.discarded).isTrue();
    assertThat(later.discarded).as("its checkpoint may still complete").isFalse();
  }

  @Test
  void releasesWhatASupersededCheckpointFroze() {
    var rig = new Rig().registered();
    rig.tell(new TestJob("supersedes").deploy(TestJob.FIRST, 1)).settle();
    Cut superseded = Cut.at(rig, 4);
    Cut later = Cut.at(rig, 6);
    rig.tell(TestJob.completed(5, false));
    assertThat(superseded.discarded).isTrue();
    assertThat(later.discarded).isFalse();
  }

  @Test
  void releasesWhatWasFrozenWhenATaskFailsThatHadNotCut() {
    var rig = new Rig().registered();
    rig.tell(new TestJob("failsBefore").deploy(TestJob.FIRST, 1)).settle();
    Cut cut = Cut.at(rig, 4);
    var reader = new AttemptId(TestJob.ID, 0, 1, 1, 0);
    rig.taskManager.receive(
        Address.SELF,
        new TaskHappened(reader, new TaskEvent.Failed("numbers", new IOException("gone"))));
    assertThat(cut.discarded).isTrue();
  }

  @Test
  void releasesWhatWasFrozenWhenTheTasksAreCancelled() {
    var rig = new Rig().registered();
    rig.tell(new TestJob("cancelsBefore").deploy(TestJob.FIRST, 1)).settle();
    Cut before = Cut.at(rig, 4);
    rig.tell(TestJob.cancelBelow(TestJob.FIRST, 2));
    Cut late = Cut.at(rig, 5);
    rig.settle();
    assertThat(rig.taskManager.attempts()).isEmpty();
    assertThat(before.discarded).isTrue();
    assertThat(late.discarded).as("cut between the command and its effect").isTrue();
    assertThat(Cut.at(rig, 6).discarded).as("cut by a task that is over").isTrue();
  }
}
